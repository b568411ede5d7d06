import * as v from 'valibot';
import type { Verification, WebhookRequest } from '../../domain/webhook';
import type { Verifier } from '../provider';
import { oneOrMore, secretText } from '../secret';
import { acceptIf, equalInConstantTime, hmacSha256, refuse, requiredHeader, staleness } from '../signing';
import { ownHeader, schemeOf, standardHeaders } from './scheme';

const prefix = 'whsec_';

const signingSecret = v.pipe(
  secretText,
  v.check((text) => !text.startsWith(prefix) || standardKeyOf(text) !== undefined, 'must be base64 of 24 to 64 bytes after whsec_'),
);

/**
 * The generic secret. Every entry works for our own header, as UTF-8 and whole. An entry that is base64 of 24 to 64 bytes, with `whsec_`
 * before it or without, works for Standard Webhooks too, decoded; with `whsec_` it has to be.
 */
export const secretSchema = v.object({ signingSecrets: oneOrMore(signingSecret) }, 'must be an object');

/** Verifies either scheme with any of these secrets. */
export function createVerifier({ signingSecrets }: v.InferOutput<typeof secretSchema>): Verifier {
  const standardKeys = signingSecrets.map(standardKeyOf).filter((key) => key !== undefined);
  return {
    verify: (request, now) =>
      schemeOf(request) === 'standard-webhooks' ? verifyStandard(request, now, standardKeys) : verifyOwn(request, signingSecrets),
  };
}

function verifyOwn(request: WebhookRequest, secrets: readonly string[]): Verification {
  const header = requiredHeader(request, ownHeader);
  if (!header.ok) return header;
  const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(header.value) ?? [];
  if (hex === undefined) return refuse('signature_malformed');
  const expected = secrets.map((secret) => hmacSha256(secret, request.body).toString('hex'));
  return acceptIf(expected.some((one) => equalInConstantTime(hex.toLowerCase(), one)));
}

function verifyStandard(request: WebhookRequest, now: number, keys: readonly Uint8Array[]): Verification {
  const id = requiredHeader(request, standardHeaders.id);
  const timestamp = requiredHeader(request, standardHeaders.timestamp);
  const signature = requiredHeader(request, standardHeaders.signature);
  if (!id.ok || !timestamp.ok || !signature.ok || !/^\d{1,12}$/.test(timestamp.value)) return refuse('signature_malformed');
  const stale = staleness(Number(timestamp.value), now);
  if (stale !== undefined) return refuse(stale);
  const given = signature.value.split(' ').filter((one) => /^v1,[A-Za-z0-9+/]{43}=$/.test(one));
  const expected = keys.map((key) => `v1,${hmacSha256(key, `${id.value}.${timestamp.value}.`, request.body).toString('base64')}`);
  return acceptIf(given.some((signatureGiven) => expected.some((one) => equalInConstantTime(signatureGiven, one))));
}

function standardKeyOf(secret: string): Uint8Array | undefined {
  const text = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  const key = Buffer.from(text, 'base64');
  // Buffer skips what is not base64; only the canonical form comes back the same.
  return key.length >= 24 && key.length <= 64 && key.toString('base64') === text ? key : undefined;
}
