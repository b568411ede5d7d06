import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import { paypalChain, requestOf, signOwnHeader, signPaypal, signSquare, signStandardWebhooks, signStripe } from '../support/signers';
import { Random } from '../hostile/random';
import type { Delivery, Sender, Story } from './plan';

/** The provider in whose name a sender sends. */
export function providerOf(sender: Sender): string {
  return sender === 'standard-webhooks' ? 'generic' : sender;
}

/** What must become of an event, said without the code under test. */
export interface Expected {
  readonly provider: string;
  readonly eventId: string;
  readonly paymentId: string;
  readonly kind: string;
  readonly amountMinor: number | null;
  /** Why people are to be told, and about which object; undefined when they are not. */
  readonly alert: { readonly reason: string; readonly objectId: string } | undefined;
}

const kindsOfStory: Readonly<Record<Story, string>> = {
  pending: 'payment.pending',
  succeeded: 'payment.succeeded',
  failed: 'payment.failed',
  refunded: 'refund.succeeded',
  disputed: 'dispute.opened',
  unknown: 'other',
};

/** Milliseconds between a delivery that failed and the next: Stripe and PayPal up to three days, Square eleven times in a day. */
export const retriesAfterMs: Readonly<Record<Sender, readonly number[]>> = {
  stripe: minutes(1, 5, 15, 60, 180, 360, 720, 720, 720, 720, 720),
  paypal: minutes(1, 2, 5, 15, 60, 180, 360, 720, 720, 720, 720, 720),
  square: minutes(1, 2, 4, 8, 16, 32, 60, 120, 240, 480, 480),
  generic: minutes(1, 5, 30, 120, 300, 600),
  'standard-webhooks': minutes(1, 5, 30, 120, 300, 600, 840, 1200, 1440),
};

function minutes(...values: readonly number[]): number[] {
  return values.map((value) => value * 60_000);
}

const highMinor = 1_200_000;
const standardMinor = 2_000;

/** The id that the provider gives the event. */
export function eventIdOf({ event, sender }: Delivery): string {
  return `${sender}-evt-${event}`;
}

/** What the pipeline is to make of a delivery. */
export function expectedOf(delivery: Delivery): Expected {
  const { story, high, sender } = delivery;
  const objectId = objectOf(delivery);
  return {
    provider: providerOf(sender),
    eventId: eventIdOf(delivery),
    paymentId: `${providerOf(sender)}:${story === 'unknown' ? objectId : paymentOf(delivery)}`,
    kind: kindsOfStory[story],
    amountMinor: story === 'unknown' ? null : amountOf(delivery),
    alert: alertOf(story, high, objectId),
  };
}

function alertOf(story: Story, high: boolean, objectId: string): Expected['alert'] {
  if (story === 'failed') return { reason: 'payment-failed', objectId };
  if (story === 'disputed') return { reason: 'dispute-opened', objectId };
  return high && (story === 'succeeded' || story === 'refunded') ? { reason: 'high-value', objectId } : undefined;
}

function paymentOf({ payment, sender }: Delivery): string {
  return `${sender}-pay-${payment}`;
}

function objectOf(delivery: Delivery): string {
  const payment = paymentOf(delivery);
  if (delivery.story === 'refunded') return `${payment}-refund`;
  return delivery.story === 'disputed' ? `${payment}-dispute` : delivery.story === 'unknown' ? `${payment}-customer` : payment;
}

function amountOf({ high }: Delivery): number {
  return high ? highMinor : standardMinor;
}

/** The bytes that are sent; `copy` changes what a provider changes between two deliveries of one event. */
export function bodyOf(delivery: Delivery, startMs: number, copy: number): Buffer {
  const at = new Date(startMs + delivery.atMs);
  const body = bodies[delivery.sender](delivery, at, copy);
  return Buffer.from(JSON.stringify(delivery.large ? { ...body, filler: filler() } : body));
}

/** Text that gzip makes no smaller than what a row can hold. */
let fillerText: string | undefined;
function filler(): string {
  fillerText ??= new Random(1, 1).bytes(312_000).toString('base64');
  return fillerText;
}

type Body = Readonly<Record<string, unknown>>;

const bodies: Readonly<Record<Sender, (delivery: Delivery, at: Date, copy: number) => Body>> = {
  stripe: (delivery, at, copy) => ({
    id: eventIdOf(delivery),
    object: 'event',
    created: Math.floor(at.getTime() / 1000),
    livemode: true,
    pending_webhooks: 3 - copy,
    ...stripeEvent(delivery),
  }),
  square: (delivery, at) => ({
    event_id: eventIdOf(delivery),
    created_at: at.toISOString(),
    merchant_id: 'merchant',
    ...squareEvent(delivery),
  }),
  paypal: (delivery, at) => ({ id: eventIdOf(delivery), create_time: at.toISOString(), ...paypalEvent(delivery) }),
  generic: genericEvent,
  'standard-webhooks': genericEvent,
};

function stripeEvent(delivery: Delivery): Body {
  const id = objectOf(delivery);
  const money = { id, amount: amountOf(delivery), currency: 'usd' };
  const ofPayment = { ...money, payment_intent: paymentOf(delivery) };
  switch (delivery.story) {
    case 'pending':
      return { type: 'payment_intent.processing', data: { object: { ...money, object: 'payment_intent', status: 'processing' } } };
    case 'succeeded':
      return { type: 'payment_intent.succeeded', data: { object: { ...money, object: 'payment_intent', status: 'succeeded' } } };
    case 'failed':
      return {
        type: 'payment_intent.payment_failed',
        data: { object: { ...money, object: 'payment_intent', status: 'requires_payment_method' } },
      };
    case 'refunded':
      return { type: 'refund.updated', data: { object: { ...ofPayment, object: 'refund', status: 'succeeded' } } };
    case 'disputed':
      return { type: 'charge.dispute.created', data: { object: { ...ofPayment, object: 'dispute', status: 'needs_response' } } };
    case 'unknown':
      return { type: 'customer.created', data: { object: { id, object: 'customer' } } };
  }
}

function squareEvent(delivery: Delivery): Body {
  const id = objectOf(delivery);
  const object = { id, amount_money: { amount: amountOf(delivery), currency: 'USD' } };
  switch (delivery.story) {
    case 'pending':
      return { type: 'payment.created', data: { type: 'payment', id, object: { payment: { ...object, status: 'PENDING' } } } };
    case 'succeeded':
      return { type: 'payment.updated', data: { type: 'payment', id, object: { payment: { ...object, status: 'COMPLETED' } } } };
    case 'failed':
      return { type: 'payment.updated', data: { type: 'payment', id, object: { payment: { ...object, status: 'FAILED' } } } };
    case 'refunded':
      return {
        type: 'refund.updated',
        data: { type: 'refund', id, object: { refund: { ...object, status: 'COMPLETED', payment_id: paymentOf(delivery) } } },
      };
    case 'disputed':
      return {
        type: 'dispute.created',
        data: {
          type: 'dispute',
          id,
          object: { dispute: { ...object, state: 'EVIDENCE_REQUIRED', disputed_payment: { payment_id: paymentOf(delivery) } } },
        },
      };
    case 'unknown':
      return { type: 'customer.created', data: { type: 'customer', id, object: { customer: { id } } } };
  }
}

function paypalEvent(delivery: Delivery): Body {
  const id = objectOf(delivery);
  const amount = { value: (amountOf(delivery) / 100).toFixed(2), currency_code: 'USD' };
  const up = [{ rel: 'up', href: `https://api.paypal.com/v2/payments/captures/${paymentOf(delivery)}` }];
  switch (delivery.story) {
    case 'pending':
      return { event_type: 'PAYMENT.CAPTURE.PENDING', resource_type: 'capture', resource: { id, amount, status: 'PENDING' } };
    case 'succeeded':
      return { event_type: 'PAYMENT.CAPTURE.COMPLETED', resource_type: 'capture', resource: { id, amount, status: 'COMPLETED' } };
    case 'failed':
      return { event_type: 'PAYMENT.CAPTURE.DENIED', resource_type: 'capture', resource: { id, amount, status: 'DECLINED' } };
    case 'refunded':
      return { event_type: 'PAYMENT.CAPTURE.REFUNDED', resource_type: 'refund', resource: { id, amount, status: 'COMPLETED', links: up } };
    case 'disputed':
      return {
        event_type: 'CUSTOMER.DISPUTE.CREATED',
        resource_type: 'dispute',
        resource: {
          dispute_id: id,
          dispute_amount: amount,
          status: 'OPEN',
          disputed_transactions: [{ seller_transaction_id: paymentOf(delivery) }],
        },
      };
    case 'unknown':
      return { event_type: 'CUSTOMER.ACCOUNT.CREATED', resource_type: 'account', resource: { id } };
  }
}

const genericStatuses = {
  pending: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  refunded: 'succeeded',
  disputed: 'opened',
} as const;

function genericEvent(delivery: Delivery, at: Date): Body {
  const common = { eventId: eventIdOf(delivery), timestamp: at.toISOString() };
  const { story } = delivery;
  const objectId = objectOf(delivery);
  if (story === 'unknown')
    return { ...common, paymentId: objectId, amount: '0', currency: 'USD', status: 'noticed', eventType: 'customer.created' };
  return {
    ...common,
    paymentId: paymentOf(delivery),
    objectId,
    amount: (amountOf(delivery) / 100).toFixed(2),
    currency: 'USD',
    status: genericStatuses[story],
    ...(story === 'refunded' && { eventType: 'refund.succeeded' }),
    ...(story === 'disputed' && { eventType: 'dispute.opened' }),
  };
}

const url = 'https://example.com/webhook/square';

/** The secret of a provider while its keys of these generations are valid. */
export function secretOf(provider: string, generations: readonly number[]): string {
  switch (provider) {
    case 'stripe':
      return JSON.stringify({ signingSecrets: generations.map((generation) => `whsec_${generation}`) });
    case 'paypal':
      return JSON.stringify({ webhookIds: ['WEBHOOK'], environment: 'sandbox' });
    case 'square':
      return JSON.stringify({
        subscriptions: generations.map((generation) => ({ signatureKey: `square-${generation}`, notificationUrl: url })),
      });
    default:
      return JSON.stringify({ signingSecrets: generations.flatMap((generation) => [`generic-${generation}`, standardKey(generation)]) });
  }
}

function standardKey(generation: number): string {
  return `whsec_${Buffer.alloc(24, 65 + generation).toString('base64')}`;
}

/** A generation that no secret ever has. */
const foreign = 9;

/** Signs as the sender does, with the key of this generation. */
export function signed(delivery: Delivery, body: Buffer, now: number, generation: number): WebhookRequest {
  switch (delivery.sender) {
    case 'stripe':
      return signStripe(body, now, `whsec_${generation}`);
    case 'square':
      return signSquare(body, `square-${generation}`, url);
    case 'generic':
      return signOwnHeader(body, `generic-${generation}`);
    case 'standard-webhooks':
      return signStandardWebhooks(body, now, standardKey(generation), eventIdOf(delivery));
    case 'paypal':
      return signPaypal(body, now, { webhookId: generation === foreign ? 'ANOTHER' : 'WEBHOOK', leaf: paypalChain().leaf });
  }
}

/** What somebody sends who is not the provider, or is it no longer. */
export function forged(delivery: Delivery, body: Buffer, now: number, retired: number): WebhookRequest {
  switch (delivery.forged ?? 'wrong-secret') {
    case 'changed-body':
      return { ...signed(delivery, body, now, 0), body: Buffer.concat([body, Buffer.from(' ')]) };
    case 'no-signature':
      return requestOf(body, { 'content-type': 'application/json' });
    case 'retired-secret':
      return signed(delivery, body, now, retired);
    case 'too-old':
    case 'too-new':
      // Only some schemes sign a time; the others get another key.
      if (delivery.sender === 'square' || delivery.sender === 'generic') return signed(delivery, body, now, foreign);
      return signed(delivery, body, now + (delivery.forged === 'too-new' ? 1 : delivery.sender === 'paypal' ? -1000 : -1) * 600_000, 0);
    case 'wrong-secret':
      return signed(delivery, body, now, foreign);
  }
}
