import { X509Certificate } from 'node:crypto';
import type { Verification, WebhookRequest } from '../../functions/shared/domain/webhook';
import type { IssuerUnknown, Verifier } from '../../functions/shared/providers/provider';
import { OpsFailure } from './failure';
import type { Target } from './target';

const maxCertificateBytes = 32 * 1024;
const maxIssuerBytes = 8 * 1024;

/** Fetches a certificate of at most so many bytes; the verifier has checked the URL. Throws OpsFailure. */
export type Download = (url: string, maxBytes: number) => Promise<Buffer>;

/** Verifies as the receiver does, with the certificate that the request names and the issuer that the certificate names. */
export async function verifyWithCertificates(
  verifier: Verifier,
  request: WebhookRequest,
  now: number,
  download: Download,
): Promise<Verification | IssuerUnknown> {
  const certificate = verifier.certificateUrl?.(request, now);
  if (certificate === undefined) return verifier.verify(request, now);
  if (!certificate.ok) return certificate;
  const pem = (await download(certificate.url, maxCertificateBytes)).toString('latin1');
  const verification = verifier.verify(request, now, pem);
  if (verification.ok || verification.reason !== 'issuer_unknown' || verification.issuerUrl === undefined) return verification;
  const { issuerUrl } = verification;
  return verifier.verify(request, now, `${pem}\n${pemOf(await download(issuerUrl, maxIssuerBytes), issuerUrl)}`);
}

function pemOf(bytes: Buffer, url: string): string {
  try {
    return new X509Certificate(bytes).toString();
  } catch (cause) {
    throw new OpsFailure(`cannot read ${url}: it is not a certificate`, 1, { cause });
  }
}

/** From the URL itself; in a local run, which serves its own certificates, from there. */
export function downloadFor({ local }: Pick<Target, 'local'>): Download {
  return async (url, maxBytes) => {
    const from = local === undefined ? new URL(url) : new URL(new URL(url).pathname, local.apiUrl);
    try {
      const answer = await fetch(from, { redirect: 'error', signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(`its host answered ${answer.status}`);
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (bytes.byteLength > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024} kB`);
      return bytes;
    } catch (error) {
      throw new OpsFailure(`cannot download ${url}: ${error instanceof Error ? error.message : String(error)}`, 1, { cause: error });
    }
  };
}
