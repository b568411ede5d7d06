import { kinds } from '../../domain/payment-event';
import type { Kind } from '../../domain/payment-event';

type Family = 'payment' | 'refund' | 'dispute' | 'payout';
type Kinds = ReadonlyMap<string, Kind>;

const kindsOfStatus: Readonly<Record<Family, Kinds>> = {
  payment: byWord({
    'payment.pending': 'created pending processing in_progress requires_action',
    'payment.authorized': 'authorized authorised approved requires_capture',
    'payment.succeeded': 'succeeded success successful completed complete captured paid settled',
    'payment.failed': 'failed failure declined denied rejected error',
    'payment.canceled': 'canceled cancelled voided expired',
    'refund.pending': 'refund_pending',
    'refund.succeeded': 'refunded partially_refunded refund_succeeded refund_completed',
    'refund.failed': 'refund_failed',
    'dispute.opened': 'disputed chargeback dispute_opened dispute_created',
    'dispute.updated': 'dispute_updated',
    'dispute.won': 'dispute_won chargeback_reversed',
    'dispute.lost': 'dispute_lost',
    'dispute.closed': 'dispute_closed',
    'payout.paid': 'payout_paid',
    'payout.failed': 'payout_failed',
  }),
  refund: byWord({
    'refund.pending': 'created pending processing in_progress requires_action',
    'refund.succeeded': 'succeeded success successful completed complete refunded',
    'refund.failed': 'failed failure declined denied rejected error canceled cancelled',
  }),
  dispute: byWord({
    'dispute.opened': 'created opened open needs_response',
    'dispute.updated': 'updated under_review pending processing',
    'dispute.won': 'won',
    'dispute.lost': 'lost accepted',
    'dispute.closed': 'closed canceled cancelled',
  }),
  payout: byWord({
    'payout.paid': 'paid succeeded success successful completed complete',
    'payout.failed': 'failed failure declined denied rejected error returned',
  }),
};

const familyWords: readonly (readonly [family: Family, word: RegExp])[] = [
  ['dispute', /^(dispute[ds]?|chargebacks?)$/],
  ['refund', /^refund(s|ed)?$/],
  ['payout', /^payouts?$/],
];

/**
 * The kind that a sender's event type and status stand for, `other` where they are not known. A type that is one of our kinds decides alone;
 * else its words say which family of statuses is meant, payment where they say nothing: a `payment.refunded` that succeeded is no second
 * payment. How a dispute closed is for the status to say.
 */
export function kindOf(eventType: string | null, status: string): Kind {
  const exact = kinds.find((kind) => kind === eventType) ?? kinds.find((kind) => kind === status);
  if (exact !== undefined && exact !== 'dispute.closed') return exact;
  const family = familyOf(eventType ?? '');
  const word = status.toLowerCase().replaceAll(/[.\- ]/g, '_');
  return kindsOfStatus[family].get(word) ?? namedInFull(family, word) ?? exact ?? 'other';
}

function familyOf(eventType: string): Family {
  const words = eventType
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return familyWords.find(([, pattern]) => words.some((word) => pattern.test(word)))?.[0] ?? 'payment';
}

/** A status that names its family itself, such as `partially_refunded` or `dispute_won`. */
function namedInFull(family: Family, word: string): Kind | undefined {
  const kind = kindsOfStatus.payment.get(word);
  return kind?.startsWith(`${family}.`) === true ? kind : undefined;
}

function byWord(words: Partial<Record<Kind, string>>): Kinds {
  return new Map(
    kinds.flatMap((kind) => (words[kind] ?? '').split(' ').map((word) => [word, kind] as const)).filter(([word]) => word !== ''),
  );
}
