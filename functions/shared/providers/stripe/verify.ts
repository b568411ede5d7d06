import * as v from 'valibot';
import type { Verification, WebhookRequest } from '../../domain/webhook';
import type { Verifier } from '../provider';
import { oneOrMore, secretText } from '../secret';
import { acceptIf, equalInConstantTime, hmacSha256, refuse, requiredHeader, staleness } from '../signing';

/** The header that carries Stripe's signature: `t=<seconds>,v1=<hex>[,v1=<hex>…]`. https://docs.stripe.com/webhooks#verify-manually */
export const signatureHeader = 'stripe-signature';

/** Stripe's secret: every signing secret that may be in use, whole with its `whsec_`. */
export const secretSchema = v.object({ signingSecrets: oneOrMore(secretText) }, 'must be an object');

/** Verifies with any of these signing secrets; each attempt of Stripe's is signed anew, so 300 s either way are enough. */
export function createVerifier({ signingSecrets }: v.InferOutput<typeof secretSchema>): Verifier {
  return { verify: (request, now) => verify(request, now, signingSecrets) };
}

function verify(request: WebhookRequest, now: number, signingSecrets: readonly string[]): Verification {
  const header = requiredHeader(request, signatureHeader);
  if (!header.ok) return header;
  const parts = header.value.split(',');
  const [timestamp, ...more] = valuesOf('t', parts);
  if (timestamp === undefined || more.length > 0 || !/^\d{1,12}$/.test(timestamp)) return refuse('signature_malformed');
  const given = valuesOf('v1', parts);
  if (given.length === 0) return refuse('signature_missing');
  const stale = staleness(Number(timestamp), now);
  if (stale !== undefined) return refuse(stale);
  const signatures = given.filter((signature) => /^[0-9a-f]{64}$/.test(signature));
  const expected = signingSecrets.map((secret) => hmacSha256(secret, `${timestamp}.`, request.body).toString('hex'));
  return acceptIf(signatures.some((signature) => expected.some((one) => equalInConstantTime(signature, one))));
}

function valuesOf(scheme: string, parts: readonly string[]): string[] {
  return parts.filter((part) => part.startsWith(`${scheme}=`)).map((part) => part.slice(scheme.length + 1));
}
