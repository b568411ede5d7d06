import { moneyFromDecimal } from '../../domain/money';
import type { AmountProblem, MoneyReading } from '../../domain/money';
import type { Kind } from '../../domain/payment-event';
import { singleHeader } from '../../domain/webhook';
import type { WebhookRequest } from '../../domain/webhook';
import { digestId, failureOf, invalidField, normalizedEvent, notJsonObject, requiredText } from '../event';
import type { EventDraft, Normalization } from '../event';
import { booleanAt, objectAt, parseJsonObject, textAt, valueAt } from '../json';
import type { JsonObject } from '../json';
import { instantWithin, parseEpochSeconds, parseInstant } from '../time';
import { kindOf } from './kinds';
import { schemeOf, standardHeaders } from './scheme';

/** Above this a whole number of seconds would be in the year 5138, so it is milliseconds. */
const maxSeconds = 100_000_000_000;

type Parts = Pick<EventDraft, 'kind' | 'paymentId' | 'objectId' | 'money' | 'providerStatus'>;

/**
 * Reads `{paymentId, amount, currency, status, provider?, eventId?, eventType?, timestamp?, objectId?, customerRef?, merchantRef?, livemode?,
 * failure?}`, with `amount` in major units. A Standard Webhooks sender may use that specification's `{type, timestamp, data}` instead, with
 * these fields in `data`; without a paymentId there, the event is kept as `other`.
 */
export function normalize(request: WebhookRequest, receivedAt: string): Normalization {
  const body = parseJsonObject(request.body);
  if (body === undefined) return notJsonObject;
  const envelope = envelopeOf(request, body);
  const fields = envelope ?? body;
  const type = textAt(fields, 'eventType') ?? (envelope === undefined ? null : textAt(body, 'type'));
  const eventId = textAt(fields, 'eventId') ?? signedId(request) ?? digestId(request.body);
  const read =
    envelope !== undefined && textAt(envelope, 'paymentId') === null ? readForeign(envelope, eventId) : readPayment(fields, type, eventId);
  if (!read.ok) return read;
  const draft = {
    provider: 'generic',
    eventId,
    eventType: type ?? read.parts.providerStatus ?? 'unknown',
    ...read.parts,
    failure: failureOf(textAt(fields, 'failure', 'code'), textAt(fields, 'failure', 'message')),
    customerRef: textAt(fields, 'customerRef'),
    merchantRef: textAt(fields, 'merchantRef'),
    account: textAt(fields, 'provider'),
    livemode: booleanAt(fields, 'livemode'),
    occurredAt: instantOf(valueAt(fields, 'timestamp')) ?? instantOf(valueAt(body, 'timestamp')),
    receivedAt,
  };
  return normalizedEvent(draft, eventId);
}

function envelopeOf(request: WebhookRequest, body: JsonObject): JsonObject | undefined {
  const isEnvelope = schemeOf(request) === 'standard-webhooks' && textAt(body, 'paymentId') === null && textAt(body, 'type') !== null;
  return isEnvelope ? objectAt(body, 'data') : undefined;
}

/** `webhook-id` is covered by the signature in Standard Webhooks only; elsewhere anybody could make one event into many with it. */
function signedId(request: WebhookRequest): string | undefined {
  return schemeOf(request) === 'standard-webhooks' ? singleHeader(request, standardHeaders.id) : undefined;
}

function readForeign(data: JsonObject, eventId: string): { readonly ok: true; readonly parts: Parts } {
  const objectId = textAt(data, 'id') ?? eventId;
  return { ok: true, parts: { kind: 'other', paymentId: objectId, objectId, money: null, providerStatus: textAt(data, 'status') } };
}

function readPayment(fields: JsonObject, type: string | null, eventId: string) {
  const paymentId = requiredText(fields, 'paymentId');
  if (!paymentId.ok) return paymentId;
  const amount = requiredText(fields, 'amount');
  if (!amount.ok && typeof valueAt(fields, 'amount') !== 'number') return amount;
  const currency = requiredText(fields, 'currency');
  if (!currency.ok) return currency;
  const status = requiredText(fields, 'status');
  if (!status.ok) return status;
  const money = moneyOf(fields, currency.text);
  if (!money.ok) return amountUnreadable(money.problem);
  if (money.money.minor < 0n) return invalidField('amount', 'must not be negative');
  const kind = kindOf(type, status.text);
  const objectId = textAt(fields, 'objectId') ?? ownObjectId(kind, paymentId.text, eventId);
  return { ok: true, parts: { kind, paymentId: paymentId.text, objectId, money, providerStatus: status.text } } as const;
}

/** Two refunds of one payment must not be taken for one, so without an objectId each event is an object of its own. */
function ownObjectId(kind: Kind, paymentId: string, eventId: string): string {
  return kind.startsWith('refund.') || kind.startsWith('payout.') ? eventId : paymentId;
}

function moneyOf(fields: JsonObject, currency: string): MoneyReading {
  const amount = valueAt(fields, 'amount');
  if (typeof amount !== 'number') return moneyFromDecimal(amount, currency);
  const text = String(amount);
  // A double holds 15 digits exactly; with more, what we would read may not be what was written.
  const exact = /^-?\d+(\.\d+)?$/.test(text) && text.replaceAll(/[-.]/g, '').length <= 15;
  return exact ? moneyFromDecimal(text, currency) : { ok: false, problem: 'amount_too_large' };
}

function amountUnreadable(problem: AmountProblem) {
  switch (problem) {
    case 'currency_unknown':
      return invalidField('currency', 'must be an ISO 4217 code');
    case 'amount_not_exact':
      return invalidField('amount', 'has more decimals than the currency');
    case 'amount_too_large':
      return invalidField('amount', 'is too large or too long; send it as a decimal string');
    case 'amount_missing':
    case 'amount_not_a_number':
      return invalidField('amount', 'must be a decimal number in major units');
  }
}

function instantOf(timestamp: unknown): number | undefined {
  if (typeof timestamp !== 'number') return parseInstant(timestamp);
  return timestamp > maxSeconds ? instantWithin(timestamp) : parseEpochSeconds(timestamp);
}
