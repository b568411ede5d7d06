import type { NormalizedEvent } from '../domain/payment-event';
import type { SignatureRejection, Unreadable, Verification, WebhookRequest } from '../domain/webhook';

/**
 * The certificate has the right name and its key made the signature, but it chains to no trusted root: probably genuine, under an issuer
 * that is new. Neither accepted nor refused.
 */
export interface IssuerUnknown {
  readonly ok: false;
  readonly reason: 'issuer_unknown';
  /** The issuer's name as the certificate has it, on one line of at most 200 characters. */
  readonly issuer: string;
  /** Where to fetch the issuer's certificate: HTTPS, always on the authority's own host. Undefined where the certificate names no such address. */
  readonly issuerUrl: string | undefined;
}

/** Checks signatures with one version of a provider's secret. Pure: bytes, headers, certificate and time come in as arguments. */
export interface Verifier {
  /**
   * For schemes signed with a certificate: the URL to fetch it from, after every check that needs no network, the age at `now` included.
   * Absent for schemes with a shared key.
   */
  certificateUrl?(
    request: WebhookRequest,
    now: number,
  ): { readonly ok: true; readonly url: string } | { readonly ok: false; readonly reason: SignatureRejection };
  /**
   * `now` in milliseconds since the epoch; `certificatePem` exactly when certificateUrl is there: the certificate, and after it whatever
   * issuers were fetched. Never throws.
   */
  verify(request: WebhookRequest, now: number, certificatePem?: string): Verification | IssuerUnknown;
}

/** What one provider knows: its headers, its fields and its status words. */
export interface Provider {
  /** Path segment, secret name and `provider` field: lower case. */
  readonly name: string;
  /** Headers, in lower case, without which the archived bytes could not be verified again. */
  readonly signedHeaders: readonly string[];
  /** Whether past events can be listed (events-apis.ts), so that the reconciler may have recovered one before its webhook came. */
  readonly listsEvents: boolean;
  /** Reads the provider's secret (JSON text). `problem` names the field that is wrong, never a value. */
  verifierFrom(secretJson: string): { readonly ok: true; readonly verifier: Verifier } | { readonly ok: false; readonly problem: string };
  /** Turns a verified webhook into one payment event. Every event type that is not known becomes kind `other`. Never throws. */
  normalize(
    request: WebhookRequest,
    receivedAt: string,
  ): { readonly ok: true; readonly normalized: NormalizedEvent } | { readonly ok: false; readonly unreadable: Unreadable };
}
