import { Unavailable } from '../shared/domain/unavailable';
import type { SignatureRejection, Verification, WebhookRequest } from '../shared/domain/webhook';
import type { Provider, Verifier } from '../shared/providers/provider';
import type { CertificateSource } from './certificate-cache';
import type { VerifierSource } from './verifier-cache';

export interface VerifyDependencies {
  readonly verifiers: VerifierSource;
  readonly certificates: CertificateSource;
}

/** Rejections that another version of the secret could turn into an acceptance. */
const secretMatters: ReadonlySet<SignatureRejection> = new Set(['signature_mismatch', 'certificate_url_rejected', 'certificate_rejected']);

/** Checks the signature, and once more with the secret as it is now when it fails with a copy that may be outdated. */
export async function verifyWebhook(
  deps: VerifyDependencies,
  provider: Provider,
  request: WebhookRequest,
  now: number,
): Promise<Verification> {
  const copy = await deps.verifiers.current(provider);
  const verification = await verifyWith(deps.certificates, copy.verifier, request, now);
  if (verification.ok || !secretMatters.has(verification.reason)) return verification;
  const newer = await deps.verifiers.newerThan(provider, copy);
  return newer === undefined ? verification : verifyWith(deps.certificates, newer.verifier, request, now);
}

async function verifyWith(
  certificates: CertificateSource,
  verifier: Verifier,
  request: WebhookRequest,
  now: number,
): Promise<Verification> {
  const certificate = verifier.certificateUrl?.(request);
  if (certificate === undefined) return verifier.verify(request, now);
  if (!certificate.ok) return certificate;
  const pem = await certificates.get(certificate.url).catch((cause: unknown) => {
    throw new Unavailable('certificate_unreachable', { cause });
  });
  // Anybody can name a certificate that does not exist.
  if (pem === undefined) return { ok: false, reason: 'certificate_rejected' };
  const verification = verifier.verify(request, now, pem);
  // What was cached may have expired since: the next delivery has it fetched again.
  if (!verification.ok && verification.reason === 'certificate_rejected') certificates.forget(certificate.url);
  return verification;
}
