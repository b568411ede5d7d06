import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import { createProviders } from '../../functions/shared/providers';
import type { Verifier } from '../../functions/shared/providers/provider';
import { paypalChain, signOwnHeader, signPaypal, signSquare, signStandardWebhooks, signStripe } from './signers';

/** One way to sign that a provider of the registry has. A new provider passes the contract suite with one entry here. */
export interface SigningScheme {
  readonly name: string;
  readonly provider: string;
  readonly secret: Readonly<Record<string, unknown>>;
  /** The same with another key. */
  readonly otherSecret: Readonly<Record<string, unknown>>;
  /** Both, as while a key is being rotated. */
  readonly bothSecrets: Readonly<Record<string, unknown>>;
  readonly signatureHeader: string;
  /** How long before and after now it is accepted, where time is signed. */
  readonly tolerance?: { readonly pastSeconds: number; readonly futureSeconds: number };
  readonly certificatePem?: string;
  sign(body: Uint8Array, now: number): WebhookRequest;
}

const standardSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const otherStandardSecret = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const url = 'https://example.com/webhook/square';
const subscription = { signatureKey: 'square-key', notificationUrl: url };
const otherSubscription = { signatureKey: 'square-key', notificationUrl: `${url}/` };

/** All schemes of the registry. */
export function signingSchemes(): readonly SigningScheme[] {
  return [
    {
      name: 'stripe',
      provider: 'stripe',
      secret: { signingSecrets: ['whsec_one'] },
      otherSecret: { signingSecrets: ['whsec_two'] },
      bothSecrets: { signingSecrets: ['whsec_two', 'whsec_one'] },
      signatureHeader: 'stripe-signature',
      tolerance: { pastSeconds: 300, futureSeconds: 300 },
      sign: (body, now) => signStripe(body, now, 'whsec_one'),
    },
    {
      name: 'paypal',
      provider: 'paypal',
      secret: { webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox' },
      otherSecret: { webhookIds: ['WEBHOOK_TWO'], environment: 'sandbox' },
      bothSecrets: { webhookIds: ['WEBHOOK_TWO', 'WEBHOOK_ONE'], environment: 'sandbox' },
      signatureHeader: 'paypal-transmission-sig',
      tolerance: { pastSeconds: 4 * 24 * 3600, futureSeconds: 300 },
      certificatePem: paypalChain().pem,
      sign: (body, now) => signPaypal(body, now, { webhookId: 'WEBHOOK_ONE', leaf: paypalChain().leaf }),
    },
    {
      name: 'square',
      provider: 'square',
      secret: { subscriptions: [subscription] },
      otherSecret: { subscriptions: [otherSubscription] },
      bothSecrets: { subscriptions: [otherSubscription, subscription] },
      signatureHeader: 'x-square-hmacsha256-signature',
      sign: (body) => signSquare(body, subscription.signatureKey, url),
    },
    {
      name: 'generic by its own header',
      provider: 'generic',
      secret: { signingSecrets: ['any text at all'] },
      otherSecret: { signingSecrets: ['another text'] },
      bothSecrets: { signingSecrets: ['another text', 'any text at all'] },
      signatureHeader: 'x-webhook-signature',
      sign: (body) => signOwnHeader(body, 'any text at all', 'sha256='),
    },
    {
      name: 'generic by Standard Webhooks',
      provider: 'generic',
      secret: { signingSecrets: [standardSecret] },
      otherSecret: { signingSecrets: [otherStandardSecret] },
      bothSecrets: { signingSecrets: [otherStandardSecret, standardSecret] },
      signatureHeader: 'webhook-signature',
      tolerance: { pastSeconds: 300, futureSeconds: 300 },
      sign: (body, now) => signStandardWebhooks(body, now, standardSecret),
    },
  ];
}

/** The registry with the development root trusted. */
export const providers = createProviders({ paypalLocalTrust: { rootPem: paypalChain().root.pem } });

/** A verifier of a registered provider; throws where the secret is refused. */
export function verifierOf(provider: string, secret: unknown): Verifier {
  const read = providers.get(provider)?.verifierFrom(JSON.stringify(secret));
  if (read?.ok !== true) throw new Error(`${provider}: ${read?.problem ?? 'is not registered'}`);
  return read.verifier;
}

/** The bytes of a body that was written for this project. */
export function fixture(file: string): Buffer {
  return readFileSync(path.join(__dirname, '../fixtures', file));
}

/** The event that a provider makes of a body; throws where it cannot read it. Without a time of receipt, it came in at the start of 2026-11-23. */
export function eventOf(provider: string, body: unknown, headers: WebhookRequest['headers'] = {}) {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
  const result = providers.get(provider)?.normalize({ headers, body: bytes }, '2026-11-23T00:00:00.000Z');
  if (result?.ok !== true) throw new Error(JSON.stringify(result));
  return { ...result.normalized.event, dedupeId: result.normalized.dedupeId };
}
