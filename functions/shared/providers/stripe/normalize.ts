import type { MoneyReading } from '../../domain/money';
import type { Failure, Kind } from '../../domain/payment-event';
import type { WebhookRequest } from '../../domain/webhook';
import { failureOf, normalizedEvent, notJsonObject, requiredText } from '../event';
import type { Normalization } from '../event';
import { booleanAt, objectAt, parseJsonObject, textAt, valueAt } from '../json';
import type { JsonObject } from '../json';
import { parseEpochSeconds, parseInstant } from '../time';
import { moneyOf } from './amounts';

/** Event types that decide alone what happened. The money is counted on PaymentIntent, Refund, Dispute and Payout objects. */
const kindsByType: ReadonlyMap<string, Kind> = new Map([
  ['payment_intent.created', 'payment.pending'],
  ['payment_intent.processing', 'payment.pending'],
  ['payment_intent.requires_action', 'payment.pending'],
  ['payment_intent.partially_funded', 'payment.pending'],
  ['payment_intent.amount_capturable_updated', 'payment.authorized'],
  ['payment_intent.succeeded', 'payment.succeeded'],
  ['payment_intent.payment_failed', 'payment.failed'],
  ['payment_intent.canceled', 'payment.canceled'],
  ['refund.failed', 'refund.failed'],
  ['charge.dispute.created', 'dispute.opened'],
  ['charge.dispute.updated', 'dispute.updated'],
  ['charge.dispute.funds_withdrawn', 'dispute.updated'],
  ['charge.dispute.funds_reinstated', 'dispute.updated'],
  ['payout.paid', 'payout.paid'],
  ['payout.failed', 'payout.failed'],
]);

/** Charges made without a PaymentIntent are payments themselves; all others would count the PaymentIntent's money again. */
const kindsOfLegacyCharge: ReadonlyMap<string, Kind> = new Map([
  ['charge.pending', 'payment.pending'],
  ['charge.succeeded', 'payment.succeeded'],
  ['charge.captured', 'payment.succeeded'],
  ['charge.failed', 'payment.failed'],
  ['charge.expired', 'payment.canceled'],
]);

const kindsOfRefundStatus: ReadonlyMap<string | null, Kind> = new Map([
  ['pending', 'refund.pending'],
  ['requires_action', 'refund.pending'],
  ['succeeded', 'refund.succeeded'],
  ['failed', 'refund.failed'],
  ['canceled', 'refund.failed'],
]);

/** Reads a snapshot event (`data.object`) or a thin one (`related_object`, to be fetched). */
export function normalize(request: WebhookRequest, receivedAt: string): Normalization {
  const body = parseJsonObject(request.body);
  if (body === undefined) return notJsonObject;
  const eventId = requiredText(body, 'id');
  if (!eventId.ok) return eventId;
  const eventType = requiredText(body, 'type');
  if (!eventType.ok) return eventType;
  const common = {
    provider: 'stripe',
    eventId: eventId.text,
    eventType: eventType.text,
    livemode: booleanAt(body, 'livemode'),
    occurredAt: parseEpochSeconds(valueAt(body, 'created')) ?? parseInstant(valueAt(body, 'created')),
    receivedAt,
  };
  const read = textAt(body, 'object') === 'v2.core.event' ? readThin(body) : readSnapshot(body, eventType.text);
  const objectId = read.objectId ?? eventId.text;
  return normalizedEvent({ ...common, ...read, objectId, paymentId: read.paymentId ?? objectId }, eventId.text);
}

function readThin(body: JsonObject) {
  const related = textAt(body, 'related_object', 'id');
  return {
    kind: 'other',
    needsFetch: true,
    objectId: related,
    paymentId: related,
    money: null,
    providerStatus: null,
    failure: null,
    customerRef: null,
    merchantRef: null,
    account: textAt(body, 'context'),
  } as const;
}

function readSnapshot(body: JsonObject, type: string) {
  const object = objectAt(body, 'data', 'object') ?? {};
  const kind = kindOf(type, object);
  return {
    kind,
    objectId: textAt(object, 'id'),
    paymentId: paymentIdOf(object),
    money: moneyOfObject(kind, object),
    providerStatus: textAt(object, 'status'),
    failure: failureOfObject(kind, object),
    customerRef: reference(object, 'customer'),
    merchantRef: textAt(object, 'client_reference_id') ?? textAt(object, 'metadata', 'order_id'),
    account: textAt(body, 'account'),
  };
}

function kindOf(type: string, object: JsonObject): Kind {
  if (type === 'refund.created' || type === 'refund.updated') return kindsOfRefundStatus.get(textAt(object, 'status')) ?? 'other';
  if (type === 'charge.dispute.closed') return closedDispute(textAt(object, 'status'));
  const legacy = reference(object, 'payment_intent') === null ? kindsOfLegacyCharge.get(type) : undefined;
  if (type === 'charge.succeeded' && legacy !== undefined && booleanAt(object, 'captured') === false) return 'payment.authorized';
  return legacy ?? kindsByType.get(type) ?? 'other';
}

function closedDispute(status: string | null): Kind {
  if (status === 'won') return 'dispute.won';
  return status === 'lost' ? 'dispute.lost' : 'dispute.closed';
}

function paymentIdOf(object: JsonObject): string | null {
  return reference(object, 'payment_intent') ?? invoicedPayment(object) ?? reference(object, 'charge') ?? textAt(object, 'id');
}

/** Since API version 2025-03-31 an invoice and an invoice payment name their PaymentIntent one level deeper. */
function invoicedPayment(object: JsonObject): string | null {
  return textAt(object, 'payment', 'payment_intent') ?? textAt(object, 'payments', 'data', 0, 'payment', 'payment_intent');
}

/** A reference is an id, or the whole object where the request expanded it. */
function reference(object: JsonObject, field: string): string | null {
  return textAt(object, field) ?? textAt(object, field, 'id');
}

function moneyOfObject(kind: Kind, object: JsonObject): MoneyReading {
  const exact = valueAt(object, amountField(kind, textAt(object, 'object')));
  // Zero is what it says before anything moved.
  return moneyOf((exact === 0 ? null : exact) ?? valueAt(object, 'amount'), valueAt(object, 'currency'));
}

/** The field that says how much moved: a capture may take less than the `amount` that was authorized. */
function amountField(kind: Kind, objectType: string | null): string {
  if (kind === 'payment.succeeded') return objectType === 'charge' ? 'amount_captured' : 'amount_received';
  return kind === 'payment.authorized' ? 'amount_capturable' : 'amount';
}

function failureOfObject(kind: Kind, object: JsonObject): Failure | null {
  if (kind === 'payment.failed') return paymentFailure(object);
  if (kind === 'payment.canceled') return failureOf(textAt(object, 'cancellation_reason'), null);
  if (kind === 'refund.failed') return failureOf(textAt(object, 'failure_reason'), null);
  if (kind === 'payout.failed') return failureOf(textAt(object, 'failure_code'), textAt(object, 'failure_message'));
  return kind.startsWith('dispute.') ? failureOf(textAt(object, 'reason'), null) : null;
}

/** The issuer's decline code says more than Stripe's `card_declined`. */
function paymentFailure(object: JsonObject): Failure | null {
  const error = objectAt(object, 'last_payment_error');
  if (error !== undefined) return failureOf(textAt(error, 'decline_code') ?? textAt(error, 'code'), textAt(error, 'message'));
  return failureOf(textAt(object, 'failure_code'), textAt(object, 'failure_message'));
}
