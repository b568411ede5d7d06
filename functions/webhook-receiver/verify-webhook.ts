import { Unavailable } from '../shared/domain/unavailable';
import type { Verification, WebhookRequest } from '../shared/domain/webhook';
import type { IssuerUnknown, Provider, Verifier } from '../shared/providers/provider';
import type { CertificateSource } from './certificate-cache';
import type { VerifierSource } from './verifier-cache';

export interface VerifyDependencies {
  readonly verifiers: VerifierSource;
  readonly certificates: CertificateSource;
  readonly issuers: CertificateSource;
}

/** `cause`: why the issuer's certificate could not be fetched. */
type Undecided = IssuerUnknown & { readonly cause?: unknown };

/** What another version of the secret could turn into an acceptance. */
const secretMatters: ReadonlySet<string> = new Set([
  'signature_mismatch',
  'certificate_url_rejected',
  'certificate_rejected',
  'issuer_unknown',
]);

/**
 * Checks the signature, and once more with the secret as it is now when it fails with a copy that may be outdated. Throws Unavailable
 * where it can neither accept nor refuse.
 */
export async function verifyWebhook(
  deps: VerifyDependencies,
  provider: Provider,
  request: WebhookRequest,
  now: number,
): Promise<Verification> {
  const copy = await deps.verifiers.current(provider);
  const verification = await verifyWith(deps, copy.verifier, request, now);
  if (verification.ok || !secretMatters.has(verification.reason)) return decided(verification);
  const newer = await deps.verifiers.newerThan(provider, copy);
  return decided(newer === undefined ? verification : await verifyWith(deps, newer.verifier, request, now));
}

function decided(verification: Verification | Undecided): Verification {
  if (verification.ok || verification.reason !== 'issuer_unknown') return verification;
  throw new Unavailable('issuer_unknown', { detail: verification.issuer, cause: verification.cause });
}

async function verifyWith(
  { certificates, issuers }: VerifyDependencies,
  verifier: Verifier,
  request: WebhookRequest,
  now: number,
): Promise<Verification | Undecided> {
  const certificate = verifier.certificateUrl?.(request, now);
  if (certificate === undefined) return verifier.verify(request, now);
  if (!certificate.ok) return certificate;
  const pem = await certificates.get(certificate.url).catch((cause: unknown) => {
    throw new Unavailable('certificate_unreachable', { cause });
  });
  // Anybody can name a certificate that does not exist.
  if (pem === undefined) return { ok: false, reason: 'certificate_rejected' };
  const verification = verifier.verify(request, now, pem);
  if (verification.ok) return verification;
  // What was cached may have expired since.
  if (verification.reason === 'certificate_rejected') certificates.reject(certificate.url);
  return verification.reason === 'issuer_unknown' ? withIssuer(issuers, verifier, request, now, pem, verification) : verification;
}

async function withIssuer(
  issuers: CertificateSource,
  verifier: Verifier,
  request: WebhookRequest,
  now: number,
  pem: string,
  unknown: IssuerUnknown,
): Promise<Verification | Undecided> {
  const { issuerUrl } = unknown;
  if (issuerUrl === undefined) return unknown;
  let issuerPem: string | undefined;
  try {
    issuerPem = await issuers.get(issuerUrl);
  } catch (cause) {
    return { ...unknown, cause };
  }
  if (issuerPem === undefined) return unknown;
  const verification = verifier.verify(request, now, `${pem}\n${issuerPem}`);
  if (!verification.ok) issuers.reject(issuerUrl);
  return verification;
}
