import { constants, verify as verifySignature } from 'node:crypto';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import type { SignatureRejection, Verification, WebhookRequest } from '../../domain/webhook';
import type { IssuerUnknown, Verifier } from '../provider';
import { oneOrMore, secretText } from '../secret';
import { refuse, requiredHeader } from '../signing';
import { parseInstant } from '../time';
import { createCertificateReader, isIssuer, isValidAt } from './certificate';
import type { CertificateReader } from './certificate';
import { pinnedIntermediates, pinnedRoots } from './pinned-certificates';

const headers = {
  id: 'paypal-transmission-id',
  time: 'paypal-transmission-time',
  signature: 'paypal-transmission-sig',
  certificateUrl: 'paypal-cert-url',
  algorithm: 'paypal-auth-algo',
} as const;

/** The headers without which PayPal's signature cannot be checked. https://developer.paypal.com/api/rest/webhooks/rest/ */
export const signedHeaders: readonly string[] = Object.values(headers);

const maxIntermediates = 5;
const maxIntermediateLength = 8 * 1024;

/**
 * PayPal's secret: the ids of the listeners, which are part of what is signed, the environment whose certificates count, and issuers to
 * know in addition to the pinned ones. Each must be signed by a pinned certificate or by one of `extraRoots`.
 */
export function secretSchema(extraRoots: readonly string[]) {
  const roots = [...pinnedRoots, ...extraRoots];
  const intermediate = v.pipe(
    v.string('must be a string'),
    v.maxLength(maxIntermediateLength, 'must have at most 8,192 characters'),
    v.check((pem) => isIssuer(pem, roots, pinnedIntermediates), 'must be the PEM of one CA certificate under a root that is pinned here'),
  );
  return v.object(
    {
      webhookIds: oneOrMore(v.pipe(secretText, v.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a webhook id'))),
      environment: v.picklist(['live', 'sandbox'], 'must be live or sandbox'),
      intermediates: v.optional(
        v.pipe(v.array(intermediate, 'must be a list'), v.maxLength(maxIntermediates, 'must have at most 5 entries')),
      ),
    },
    'must be an object',
  );
}

type PaypalSecret = v.InferOutput<ReturnType<typeof secretSchema>>;
type Environment = PaypalSecret['environment'];

const certificateUrls: Readonly<Record<Environment, RegExp>> = {
  live: /^https:\/\/api(-m)?\.paypal\.com\/v1\/notifications\/certs\/CERT-[A-Za-z0-9-]+$/,
  sandbox: /^https:\/\/api(-m)?\.sandbox\.paypal\.com\/v1\/notifications\/certs\/CERT-[A-Za-z0-9-]+$/,
};

const commonNames: Readonly<Record<Environment, string>> = {
  live: 'messageverificationcerts.paypal.com',
  sandbox: 'messageverificationcerts.sandbox.paypal.com',
};

const maxUrlLength = 500;
const minute = 60_000;
/** PayPal retries for three days with the id and the time of the first attempt. */
const maxAge = 4 * 24 * 60 * minute;
const maxAhead = 5 * minute;

interface Transmission {
  readonly id: string;
  readonly time: string;
  readonly signature: Buffer;
  readonly certificateUrl: string;
}

type Reading = { readonly ok: true; readonly transmission: Transmission } | { readonly ok: false; readonly reason: SignatureRejection };

/** Verifies offline, with the certificate that the caller fetched from `certificateUrl`; `extraRoots` are trusted like the pinned ones. */
export function createVerifier(secret: PaypalSecret, extraRoots: readonly string[]): Required<Verifier> {
  const readCertificate = createCertificateReader(
    commonNames[secret.environment],
    [...pinnedRoots, ...extraRoots],
    [...pinnedIntermediates, ...(secret.intermediates ?? [])],
  );
  return {
    certificateUrl(request, now) {
      const read = readTransmission(request, secret.environment, now);
      return read.ok ? { ok: true, url: read.transmission.certificateUrl } : read;
    },
    verify(request, now, certificatePem) {
      const read = readTransmission(request, secret.environment, now);
      return read.ok ? verifyWith(readCertificate, request.body, read.transmission, secret.webhookIds, now, certificatePem ?? '') : read;
    },
  };
}

function verifyWith(
  readCertificate: CertificateReader,
  body: Uint8Array,
  transmission: Transmission,
  webhookIds: readonly string[],
  now: number,
  certificatePem: string,
): Verification | IssuerUnknown {
  const certificate = readCertificate(certificatePem);
  if (certificate === undefined || !isValidAt(certificate.validity, now)) return refuse('certificate_rejected');
  const checksum = crc32(body);
  const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING };
  const messages = webhookIds.map((webhookId) => Buffer.from(`${transmission.id}|${transmission.time}|${webhookId}|${checksum}`, 'utf8'));
  // Before the chain is judged: a forgery under a certificate whose issuer is new is a forgery, and costs no search for the issuer.
  if (!messages.some((message) => verifySignature('RSA-SHA256', message, key, transmission.signature))) return refuse('signature_mismatch');
  if (certificate.chains.some((validity) => isValidAt(validity, now))) return { ok: true };
  return { ok: false, reason: 'issuer_unknown', issuer: certificate.issuer, issuerUrl: certificate.issuerUrl };
}

/** Everything that can be known without a network, cheapest first. */
function readTransmission(request: WebhookRequest, environment: Environment, now: number): Reading {
  const id = requiredHeader(request, headers.id);
  if (!id.ok) return id;
  const time = requiredHeader(request, headers.time);
  if (!time.ok) return time;
  const signature = requiredHeader(request, headers.signature);
  if (!signature.ok) return signature;
  const url = requiredHeader(request, headers.certificateUrl);
  if (!url.ok) return url;
  const algorithm = requiredHeader(request, headers.algorithm);
  if (!algorithm.ok) return algorithm;
  const instant = parseInstant(time.value);
  const signatureBytes = Buffer.from(signature.value, 'base64');
  const wellFormed = /^[A-Za-z0-9-]{1,64}$/.test(id.value) && signatureBytes.toString('base64') === signature.value;
  if (instant === undefined || !wellFormed) return { ok: false, reason: 'signature_malformed' };
  if (algorithm.value !== 'SHA256withRSA') return { ok: false, reason: 'algorithm_not_allowed' };
  const allowed = url.value.length <= maxUrlLength && certificateUrls[environment].test(url.value);
  if (!allowed) return { ok: false, reason: 'certificate_url_rejected' };
  const stale = staleness(instant, now);
  if (stale !== undefined) return { ok: false, reason: stale };
  const transmission = {
    id: id.value,
    time: time.value,
    signature: signatureBytes,
    certificateUrl: url.value,
  };
  return { ok: true, transmission };
}

function staleness(instant: number, now: number): 'timestamp_too_old' | 'timestamp_too_new' | undefined {
  if (now - instant > maxAge) return 'timestamp_too_old';
  return instant - now > maxAhead ? 'timestamp_too_new' : undefined;
}
