import type { AlertReason } from '../shared/domain/alert';
import type { PaymentEvent } from '../shared/domain/payment-event';
import type { AlertMessage, StoredEvent } from '../shared/domain/ports';
import type { Replay } from '../shared/domain/replay';
import type { ValueBand } from '../shared/domain/value-band';

interface Wording {
  readonly headline: string;
  readonly nextStep: string;
}

const maxSubjectLength = 100;

const wordings: Readonly<Record<AlertReason, Wording>> = {
  'high-value': {
    headline: 'High-value payment',
    nextStep: 'Check that you expect this amount from this customer before you deliver; hold or refund it at the provider if not.',
  },
  'payment-failed': {
    headline: 'Payment failed',
    nextStep: 'Read the failure above. If the customer still wants to pay, send a new payment link or ask for another method.',
  },
  'refund-failed': {
    headline: 'Refund failed',
    nextStep: 'The customer has not got the money back. Send the refund again at the provider, or pay it back another way.',
  },
  'dispute-opened': {
    headline: 'Dispute opened',
    nextStep: "Answer with evidence at the provider before its deadline: a dispute without an answer is lost. Don't refund it as well.",
  },
  'dispute-lost': {
    headline: 'Dispute lost',
    nextStep: 'The money is gone from the balance. Book the loss, and look at this customer before the next order.',
  },
};

/** What a person is told. Every word of the provider's stays on its own line, whatever is in it. */
export function alertMessageOf(
  { event, eventKey, correlationId, archiveKey }: StoredEvent,
  reason: AlertReason,
  valueBand: ValueBand,
  replay?: Replay,
): AlertMessage {
  const { headline, nextStep } = wordings[reason];
  const { provider, failure } = event;
  const facts: readonly (readonly [string, string | null])[] = [
    ['What', `${event.kind} (${event.eventType})`],
    ['Amount', amountOf(event)],
    ['Provider', provider],
    ['Mode', modeOf(event.livemode)],
    ['Payment', event.paymentId],
    ['Object', event.objectId],
    ['Event', event.eventId],
    ['Status', event.providerStatus],
    ['Failure', failure === null ? null : [failure.code, failure.message].filter((part) => part !== null).join(': ')],
    ['Customer', event.customerRef],
    ['Reference', event.merchantRef],
    ['Account', event.account],
    ['Happened', event.occurredAt],
    ['Received', event.receivedAt],
    ['Row', `${event.paymentId} / ${eventKey}`],
    ['Archive', archiveKey],
    ['Correlation', correlationId],
    ['Replay', replay === undefined ? null : `${replay.deliveryId}, ${replay.requestedAt}: ${replay.reason}`],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(13)}${oneLine(value)}`]));
  return {
    subject: subjectOf(event, headline),
    text: [`${headline}${event.livemode === false ? ' (test)' : ''}`, '', ...lines, '', `Next: ${nextStep}`].join('\n'),
    attributes: { reason, provider, valueBand },
  };
}

function subjectOf(event: PaymentEvent, headline: string): string {
  const test = event.livemode === false ? '[test] ' : '';
  const text = `${test}${headline}: ${amountOf(event)}, ${event.paymentId}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxSubjectLength);
}

function amountOf({ amount, currency }: PaymentEvent): string {
  return amount === null || currency === null ? 'no amount' : `${currency} ${amount}`;
}

function modeOf(livemode: boolean | null): string {
  if (livemode === null) return 'not stated';
  return livemode ? 'live' : 'test';
}

/** Control characters and line separators would let a provider's text write lines of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
