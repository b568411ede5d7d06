import type { AmountProblem } from './money';

/** Kinds of payment event that every provider's event types are mapped to; `other` is stored and published, but moves no money. */
export const kinds = [
  'payment.pending',
  'payment.authorized',
  'payment.succeeded',
  'payment.failed',
  'payment.canceled',
  'refund.pending',
  'refund.succeeded',
  'refund.failed',
  'dispute.opened',
  'dispute.updated',
  'dispute.won',
  'dispute.lost',
  'dispute.closed',
  'payout.paid',
  'payout.failed',
  'other',
] as const;

/** What happened, in the one vocabulary that all providers share. */
export type Kind = (typeof kinds)[number];

/** Why a payment, refund or payout failed, or why a payment is disputed, in the provider's own words. */
export interface Failure {
  /** The provider's code, or null where it gives none. */
  readonly code: string | null;
  /** The provider's message, cut to 500 characters, or null where it gives none. */
  readonly message: string | null;
}

/** One provider event in the shape that the table, the queue and the bus carry. Safe to serialise as JSON. */
export interface PaymentEvent {
  /** Version of this shape; 1. */
  readonly schemaVersion: 1;
  /** Name of the provider adapter that verified the webhook: `stripe`, `paypal`, `square`, `generic`. */
  readonly provider: string;
  /** The provider's event id, as given. */
  readonly eventId: string;
  /** The provider's event type, as given. */
  readonly eventType: string;
  /** What happened, in the one vocabulary that all providers share. */
  readonly kind: Kind;
  /** `<provider>:<id>` of the payment that the event belongs to; where there is no payment, the object's own id. */
  readonly paymentId: string;
  /** The object that changed: the refund, dispute, charge or payment. */
  readonly objectId: string;
  /** Integer in ISO 4217 minor units, never beyond Number.MAX_SAFE_INTEGER; null where the event has no money. */
  readonly amountMinor: number | null;
  /** ISO 4217 code in upper case; null exactly where amountMinor is null. */
  readonly currency: string | null;
  /** The same amount as an exact decimal string in major units; null exactly where amountMinor is null. */
  readonly amount: string | null;
  /** Why an amount that the provider stated is not in the three fields above; absent in the normal case. The archived body has it. */
  readonly amountProblem?: AmountProblem;
  /** The provider's own status word, or null. */
  readonly providerStatus: string | null;
  /** Why it failed or is disputed, or null. */
  readonly failure: Failure | null;
  /** The customer at the provider, or null. */
  readonly customerRef: string | null;
  /** The merchant's own reference (order, invoice), or null. */
  readonly merchantRef: string | null;
  /** Connected account, merchant or sending system, or null. */
  readonly account: string | null;
  /** False for test and sandbox events, null where the provider does not say. */
  readonly livemode: boolean | null;
  /** True when the webhook names an object that must be fetched from the provider (Stripe thin events). */
  readonly needsFetch: boolean;
  /** When it happened at the provider; ISO 8601 UTC with milliseconds. The time of receipt where the provider gives no readable time. */
  readonly occurredAt: string;
  /** When this pipeline received it; ISO 8601 UTC with milliseconds. */
  readonly receivedAt: string;
}

/** A payment event together with the id that decides whether a delivery is a duplicate. */
export interface NormalizedEvent {
  readonly event: PaymentEvent;
  /** Same for every delivery of one provider event, different for different events of the provider. At most 300 UTF-8 bytes. */
  readonly dedupeId: string;
}

/** Sort key of an event's row. */
export function eventKeyOf(dedupeId: string): string {
  return `event#${dedupeId}`;
}
