import { X509Certificate } from 'node:crypto';
import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { CertificateFetcher } from '../shared/domain/ports';

const maxCertificateBytes = 32 * 1024;
/** One certificate has 1 to 2 kB. */
const maxIssuerBytes = 8 * 1024;
const defaultDeadlineMs = 3000;

export interface FetcherOptions {
  /** Loopback origin that stands in for the provider's, in the local run alone. */
  readonly originOverride?: string;
  /** Milliseconds for everything, the body included; default 3000. */
  readonly deadlineMs?: number;
}

/**
 * Fetches signing certificates in PEM with node:https, because the global fetch costs 90 ms of a cold start. Follows no redirect, takes
 * no more than 32 kB, and takes only what looks like a certificate. The caller has checked the URL.
 */
export function httpsCertificateFetcher(options: FetcherOptions = {}): CertificateFetcher {
  return {
    async fetchPem(url) {
      const text = (await download(url, maxCertificateBytes, options))?.toString('latin1');
      if (text === undefined) return undefined;
      if (!/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text)) throw new Error('the certificate is not in PEM');
      return text;
    },
  };
}

/** Fetches one issuer's certificate, in DER or PEM, under the same rules; at most 8 kB. */
export function httpsIssuerFetcher(options: FetcherOptions = {}): CertificateFetcher {
  return {
    async fetchPem(url) {
      const bytes = await download(url, maxIssuerBytes, options);
      return bytes && new X509Certificate(bytes).toString();
    },
  };
}

async function download(
  address: string,
  maxBytes: number,
  { originOverride, deadlineMs = defaultDeadlineMs }: FetcherOptions,
): Promise<Buffer | undefined> {
  const url = originOverride === undefined ? new URL(address) : new URL(new URL(address).pathname, originOverride);
  const get = url.protocol === 'http:' ? httpGet : httpsGet;
  const signal = AbortSignal.timeout(deadlineMs);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { signal }, resolve).on('error', reject);
  });
  try {
    if (response.statusCode === 404 || response.statusCode === 410) return undefined;
    if (response.statusCode !== 200) throw new Error(`the certificate's host answered ${response.statusCode ?? 'nothing'}`);
    return await bounded(response, maxBytes);
  } finally {
    response.destroy();
  }
}

async function bounded(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('the certificate came as text');
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the certificate is larger than ${maxBytes / 1024} kB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
