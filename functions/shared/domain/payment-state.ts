import type { Kind, PaymentEvent } from './payment-event';

type PaymentStatus = 'unknown' | 'pending' | 'authorized' | 'failed' | 'canceled' | 'succeeded' | 'partially_refunded' | 'refunded';

type DisputeStatus = 'none' | 'open' | 'won' | 'closed' | 'lost';

/** Sums in ISO 4217 minor units of one currency, each object counted once. */
interface CurrencyAmounts {
  readonly currency: string;
  readonly authorizedMinor: bigint;
  readonly succeededMinor: bigint;
  readonly refundPendingMinor: bigint;
  readonly refundedMinor: bigint;
  readonly disputedMinor: bigint;
  readonly lostMinor: bigint;
  readonly paidOutMinor: bigint;
}

/** What a payment's events amount to. */
export interface PaymentState {
  readonly status: PaymentStatus;
  /** The worst of the payment's disputes: lost, open, closed, won, none. */
  readonly dispute: DisputeStatus;
  /** One entry per currency that an event had money in, by currency code. */
  readonly amounts: readonly CurrencyAmounts[];
  /** The newest occurredAt of all events, `other` included; null without events. */
  readonly lastEventAt: string | null;
}

type StateEvent = Pick<PaymentEvent, 'kind' | 'objectId' | 'occurredAt' | 'eventId' | 'eventType' | 'amountMinor' | 'currency'>;
type Total = Exclude<keyof CurrencyAmounts, 'currency'>;

/**
 * Where a kind stands among events of the same instant; what can follow has the higher rank.
 * Of an object that has reached a `final` kind, a kind that is not final says nothing new.
 */
const steps: Readonly<Record<Kind, { readonly rank: number; readonly final: boolean; readonly total?: Total }>> = {
  other: { rank: 0, final: false },
  'payment.pending': { rank: 1, final: false },
  'payment.authorized': { rank: 2, final: false, total: 'authorizedMinor' },
  'payment.failed': { rank: 3, final: false },
  'payment.canceled': { rank: 4, final: true },
  'payment.succeeded': { rank: 5, final: true, total: 'succeededMinor' },
  'refund.pending': { rank: 6, final: false, total: 'refundPendingMinor' },
  'refund.succeeded': { rank: 7, final: true, total: 'refundedMinor' },
  'refund.failed': { rank: 8, final: true },
  'dispute.opened': { rank: 9, final: false, total: 'disputedMinor' },
  'dispute.updated': { rank: 10, final: false, total: 'disputedMinor' },
  'dispute.closed': { rank: 11, final: true },
  'dispute.won': { rank: 12, final: true },
  'dispute.lost': { rank: 13, final: true, total: 'lostMinor' },
  'payout.paid': { rank: 14, final: true, total: 'paidOutMinor' },
  'payout.failed': { rank: 15, final: true },
};

const statusOfKind: ReadonlyMap<Kind, PaymentStatus> = new Map([
  ['payment.pending', 'pending'],
  ['payment.authorized', 'authorized'],
  ['payment.failed', 'failed'],
  ['payment.canceled', 'canceled'],
  ['payment.succeeded', 'succeeded'],
]);

/**
 * Folds the events of one payment into its state. The same set gives the same state in whatever order it comes, and however often an
 * event or an object's state is repeated: each object counts with its newest word only.
 */
export function paymentStateOf(events: readonly StateEvent[]): PaymentState {
  const ordered = [...events].sort(byTime);
  const objects = new Map<string, StateEvent>();
  for (const event of ordered) {
    if (event.kind === 'other') continue;
    const key = `${familyOf(event.kind)}#${event.objectId}`;
    const before = objects.get(key);
    if (before === undefined || takesOver(event.kind, before.kind)) objects.set(key, event);
  }
  const current = [...objects.values()].sort(byTime);
  const amounts = sumByCurrency(current);
  const dispute = disputeStatusOf(current);
  return { status: statusOf(current, amounts), dispute, amounts, lastEventAt: ordered.at(-1)?.occurredAt ?? null };
}

function byTime(a: StateEvent, b: StateEvent): number {
  return (
    compare(a.occurredAt, b.occurredAt) ||
    steps[a.kind].rank - steps[b.kind].rank ||
    compare(a.eventId, b.eventId) ||
    // Only the PayPal simulator gets this far: it uses one event id for several types.
    compare(
      JSON.stringify([a.eventType, a.objectId, a.currency, a.amountMinor]),
      JSON.stringify([b.eventType, b.objectId, b.currency, b.amountMinor]),
    )
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function familyOf(kind: Kind): string {
  return kind.slice(0, kind.indexOf('.'));
}

function takesOver(next: Kind, before: Kind): boolean {
  // A failed attempt after the payment went through is a late or separate attempt.
  return steps[next].final || !steps[before].final;
}

function statusOf(current: readonly StateEvent[], amounts: readonly CurrencyAmounts[]): PaymentStatus {
  if (amounts.some(({ refundedMinor }) => refundedMinor > 0n)) {
    const whole = amounts.every(({ succeededMinor, refundedMinor }) => refundedMinor >= succeededMinor);
    return whole && amounts.some(({ succeededMinor }) => succeededMinor > 0n) ? 'refunded' : 'partially_refunded';
  }
  const payments = current.filter(({ kind }) => familyOf(kind) === 'payment');
  const decisive = payments.find(({ kind }) => kind === 'payment.succeeded') ?? payments.at(-1);
  return (decisive && statusOfKind.get(decisive.kind)) ?? 'unknown';
}

function disputeStatusOf(current: readonly StateEvent[]): DisputeStatus {
  const kindsNow = new Set(current.map(({ kind }) => kind));
  if (kindsNow.has('dispute.lost')) return 'lost';
  if (kindsNow.has('dispute.opened') || kindsNow.has('dispute.updated')) return 'open';
  if (kindsNow.has('dispute.closed')) return 'closed';
  return kindsNow.has('dispute.won') ? 'won' : 'none';
}

function sumByCurrency(current: readonly StateEvent[]): CurrencyAmounts[] {
  const sums = new Map<string, Record<Total, bigint>>();
  for (const { kind, amountMinor, currency } of current) {
    const { total } = steps[kind];
    if (amountMinor === null || currency === null || total === undefined) continue;
    const sum = sums.get(currency) ?? nothing();
    sum[total] += BigInt(amountMinor);
    sums.set(currency, sum);
  }
  return [...sums].map(([currency, sum]) => ({ currency, ...sum })).sort((a, b) => compare(a.currency, b.currency));
}

function nothing(): Record<Total, bigint> {
  return {
    authorizedMinor: 0n,
    succeededMinor: 0n,
    refundPendingMinor: 0n,
    refundedMinor: 0n,
    disputedMinor: 0n,
    lostMinor: 0n,
    paidOutMinor: 0n,
  };
}
