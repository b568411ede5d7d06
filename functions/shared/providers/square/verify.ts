import * as v from 'valibot';
import type { Verification, WebhookRequest } from '../../domain/webhook';
import type { Verifier } from '../provider';
import { oneOrMore, secretText } from '../secret';
import { acceptIf, equalInConstantTime, hmacSha256, refuse, requiredHeader } from '../signing';

/** The header that carries Square's signature; the older SHA-1 one beside it is ignored. https://developer.squareup.com/docs/webhooks/step3validate */
export const signatureHeader = 'x-square-hmacsha256-signature';

const subscription = v.object(
  {
    signatureKey: secretText,
    notificationUrl: v.pipe(secretText, v.regex(/^https?:\/\//, 'must begin with https://')),
  },
  'must be an object',
);

/** Square's secret: one entry per webhook subscription, and two for one subscription while its key is being rotated. */
export const secretSchema = v.object({ subscriptions: oneOrMore(subscription) }, 'must be an object');

type Subscription = v.InferOutput<typeof subscription>;

/** Verifies with any of these subscriptions. The URL is signed byte for byte as it was registered, so it comes from here and never from a header. */
export function createVerifier({ subscriptions }: v.InferOutput<typeof secretSchema>): Verifier {
  return { verify: (request) => verify(request, subscriptions) };
}

function verify(request: WebhookRequest, subscriptions: readonly Subscription[]): Verification {
  const header = requiredHeader(request, signatureHeader);
  if (!header.ok) return header;
  if (!/^[A-Za-z0-9+/]{43}=$/.test(header.value)) return refuse('signature_malformed');
  const expected = subscriptions.map((one) => hmacSha256(one.signatureKey, one.notificationUrl, request.body).toString('base64'));
  return acceptIf(expected.some((one) => equalInConstantTime(header.value, one)));
}
