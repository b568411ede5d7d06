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

const familyWords: ReadonlyMap<string, Family> = new Map([
  ['refund', 'refund'],
  ['dispute', 'dispute'],
  ['chargeback', 'dispute'],
  ['payout', 'payout'],
]);

/**
 * The kind that a sender's event type and status stand for, `other` where they are not known. A type that is one of our kinds decides alone;
 * else its first word says which family of statuses is meant, payment where it says nothing. How a dispute closed is for the status to say.
 */
export function kindOf(eventType: string | null, status: string): Kind {
  const exact = kinds.find((kind) => kind === eventType || kind === status);
  if (exact !== undefined && exact !== 'dispute.closed') return exact;
  const [firstWord = ''] = (eventType ?? '').toLowerCase().split(/[._\-/: ]/);
  const family = familyWords.get(firstWord) ?? 'payment';
  return kindsOfStatus[family].get(status.toLowerCase().replaceAll(/[.\- ]/g, '_')) ?? exact ?? 'other';
}

function byWord(words: Partial<Record<Kind, string>>): Kinds {
  return new Map(
    kinds.flatMap((kind) => (words[kind] ?? '').split(' ').map((word) => [word, kind] as const)).filter(([word]) => word !== ''),
  );
}
