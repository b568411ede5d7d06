import { createHmac, timingSafeEqual } from 'node:crypto';
import { singleHeader } from '../domain/webhook';
import type { SignatureRejection, Verification, WebhookRequest } from '../domain/webhook';

/** How far a signed timestamp may be from now, in either direction and inclusive, for schemes that sign every attempt anew. */
const toleranceSeconds = 300;

/** HMAC-SHA256 over the parts in order; text is taken as UTF-8. */
export function hmacSha256(key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether two texts are equal, in a time that tells nothing but their length. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const left = Buffer.from(given, 'utf8');
  const right = Buffer.from(expected, 'utf8');
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The header's one value; missing when it was not sent, malformed when it is empty or was sent with different values. */
export function requiredHeader(
  request: WebhookRequest,
  name: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: SignatureRejection } {
  if ((request.headers[name] ?? []).length === 0) return { ok: false, reason: 'signature_missing' };
  const value = singleHeader(request, name);
  return value === undefined || value === '' ? { ok: false, reason: 'signature_malformed' } : { ok: true, value };
}

/** Why a timestamp of so many seconds since the epoch is not accepted at `now` (milliseconds), or undefined when it is. */
export function staleness(seconds: number, now: number): 'timestamp_too_old' | 'timestamp_too_new' | undefined {
  const age = Math.floor(now / 1000) - seconds;
  if (age > toleranceSeconds) return 'timestamp_too_old';
  return age < -toleranceSeconds ? 'timestamp_too_new' : undefined;
}

/** A signature that is not accepted, for this reason. */
export function refuse(reason: SignatureRejection): Verification {
  return { ok: false, reason };
}

/** Accepted when the signature matched, else refused as a mismatch. */
export function acceptIf(matches: boolean): Verification {
  return matches ? { ok: true } : refuse('signature_mismatch');
}
