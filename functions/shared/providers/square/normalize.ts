import { moneyFromInteger } from '../../domain/money';
import type { MoneyReading } from '../../domain/money';
import type { Failure, Kind } from '../../domain/payment-event';
import { singleHeader } from '../../domain/webhook';
import type { WebhookRequest } from '../../domain/webhook';
import { failureOf, normalizedEvent, notJsonObject, requiredText } from '../event';
import type { Normalization } from '../event';
import { objectAt, parseJsonObject, textAt, valueAt } from '../json';
import type { JsonObject } from '../json';
import { parseInstant } from '../time';

const kindsOfPaymentStatus: ReadonlyMap<string | null, Kind> = new Map([
  ['PENDING', 'payment.pending'],
  ['APPROVED', 'payment.authorized'],
  ['COMPLETED', 'payment.succeeded'],
  ['CANCELED', 'payment.canceled'],
  ['FAILED', 'payment.failed'],
]);

const kindsOfRefundStatus: ReadonlyMap<string | null, Kind> = new Map([
  ['PENDING', 'refund.pending'],
  ['COMPLETED', 'refund.succeeded'],
  ['REJECTED', 'refund.failed'],
  ['FAILED', 'refund.failed'],
]);

const kindsOfDisputeState: ReadonlyMap<string | null, Kind> = new Map([
  ['WON', 'dispute.won'],
  ['LOST', 'dispute.lost'],
  // The seller accepted the bank's claim, so the money is gone.
  ['ACCEPTED', 'dispute.lost'],
  ['INQUIRY_CLOSED', 'dispute.closed'],
]);

/** The object key of the types that count; a terminal refund is a `refund` too, and is not one of them. */
const objectKeys: readonly (readonly [typePrefix: string, key: string])[] = [
  ['payment.', 'payment'],
  ['refund.', 'refund'],
  ['dispute.', 'dispute'],
  ['payout.', 'payout'],
];

/** Reads an event; without `data.object`, as in the test notification, it is of kind `other`. */
export function normalize(request: WebhookRequest, receivedAt: string): Normalization {
  const body = parseJsonObject(request.body);
  if (body === undefined) return notJsonObject;
  const eventId = requiredText(body, 'event_id');
  if (!eventId.ok) return eventId;
  const eventType = requiredText(body, 'type');
  if (!eventType.ok) return eventType;
  const object = objectOf(body, eventType.text);
  const kind = object === undefined ? 'other' : kindOf(eventType.text, object);
  const objectId = textAt(object, 'id') ?? textAt(body, 'data', 'id') ?? eventId.text;
  const draft = {
    provider: 'square',
    eventId: eventId.text,
    eventType: eventType.text,
    kind,
    paymentId: paymentIdOf(object) ?? objectId,
    objectId,
    money: moneyOf(object),
    providerStatus: textAt(object, 'status') ?? textAt(object, 'state'),
    failure: failureOfObject(kind, object),
    customerRef: textAt(object, 'customer_id'),
    merchantRef: textAt(object, 'reference_id') ?? textAt(object, 'order_id'),
    account: textAt(body, 'merchant_id'),
    livemode: livemodeOf(request),
    occurredAt: parseInstant(valueAt(body, 'created_at')),
    receivedAt,
  };
  return normalizedEvent(draft, eventId.text);
}

function objectOf(body: JsonObject, type: string): JsonObject | undefined {
  const holder = objectAt(body, 'data', 'object') ?? {};
  const expected = objectKeys.find(([prefix]) => type.startsWith(prefix))?.[1];
  const [key] = expected === undefined ? Object.keys(holder) : [expected];
  return key === undefined ? undefined : objectAt(holder, key);
}

function kindOf(type: string, object: JsonObject): Kind {
  const status = textAt(object, 'status');
  if (type === 'payment.created') return kindsOfPaymentStatus.get(status) ?? 'other';
  if (type === 'payment.updated') return isRefunded(object) ? 'other' : (kindsOfPaymentStatus.get(status) ?? 'other');
  if (type === 'refund.created' || type === 'refund.updated') return kindsOfRefundStatus.get(status) ?? 'other';
  if (type === 'dispute.created') return 'dispute.opened';
  if (type.startsWith('dispute.')) return kindsOfDisputeState.get(textAt(object, 'state')) ?? 'dispute.updated';
  if (type === 'payout.paid') return 'payout.paid';
  return type === 'payout.failed' ? 'payout.failed' : 'other';
}

/** A refund updates its payment as well, which stays COMPLETED: the payment's money was counted before, and the refund's has its own event. */
function isRefunded(payment: JsonObject): boolean {
  const refunded = valueAt(payment, 'refunded_money', 'amount');
  return typeof refunded === 'number' && refunded !== 0;
}

function paymentIdOf(object: JsonObject | undefined): string | null {
  return (
    textAt(object, 'payment_id') ??
    textAt(object, 'disputed_payment', 'payment_id') ??
    textAt(object, 'disputed_payments', 0, 'payment_id') ??
    textAt(object, 'payment_ids', 0)
  );
}

function moneyOf(object: JsonObject | undefined): MoneyReading {
  const money = objectAt(object, 'amount_money');
  return moneyFromInteger(valueAt(money, 'amount'), valueAt(money, 'currency') ?? valueAt(money, 'currency_code'));
}

function failureOfObject(kind: Kind, object: JsonObject | undefined): Failure | null {
  if (kind === 'payment.failed' || kind === 'payment.canceled') {
    return failureOf(textAt(object, 'card_details', 'errors', 0, 'code'), textAt(object, 'card_details', 'errors', 0, 'detail'));
  }
  return kind.startsWith('dispute.') ? failureOf(textAt(object, 'reason'), null) : null;
}

/** The environment is a header that the signature does not cover; it decides nothing here. */
function livemodeOf(request: WebhookRequest): boolean | null {
  const environment = singleHeader(request, 'square-environment')?.toLowerCase();
  if (environment === 'production') return true;
  return environment === 'sandbox' ? false : null;
}
