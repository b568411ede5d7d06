/** What is not there now, so that a webhook can be neither accepted nor refused. The sender tries again, so nothing is lost. */
export const unavailableReasons = [
  'secret_missing',
  'secret_invalid',
  'secret_unreadable',
  'certificate_unreachable',
  'issuer_unknown',
  'store_unavailable',
  'archive_unavailable',
] as const;
export type UnavailableReason = (typeof unavailableReasons)[number];

/**
 * Thrown when a dependency does not answer, throttles or was never set up; worth trying again later. `issuer_unknown` passes once an
 * operator adds the issuer of a signing certificate, or a new version knows it.
 */
export class Unavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, options: { readonly detail?: string; readonly cause?: unknown } = {}) {
    super(
      options.detail === undefined ? reason : `${reason}: ${options.detail}`,
      'cause' in options ? { cause: options.cause } : undefined,
    );
    this.name = 'Unavailable';
    this.reason = reason;
  }
}
