import { moneyFromDecimal, withoutSign } from '../../domain/money';
import type { MoneyReading } from '../../domain/money';
import type { Failure, Kind } from '../../domain/payment-event';
import type { WebhookRequest } from '../../domain/webhook';
import { failureOf, normalizedEvent, notJsonObject, requiredText } from '../event';
import type { Normalization } from '../event';
import { listAt, objectAt, parseJsonObject, textAt, valueAt } from '../json';
import type { JsonObject } from '../json';
import { parseInstant } from '../time';

/**
 * The event type decides, and not the resource's status: a status may be newer than the event, and an approved order has been delivered
 * with the status COMPLETED. A batch of payouts is `other` once it went through, since its money is counted on the items.
 * https://developer.paypal.com/api/rest/webhooks/event-names/
 */
const kindsByType: ReadonlyMap<string, Kind> = new Map([
  ['CHECKOUT.ORDER.APPROVED', 'payment.pending'],
  ['CHECKOUT.ORDER.VOIDED', 'payment.canceled'],
  ['CHECKOUT.PAYMENT-APPROVAL.REVERSED', 'payment.failed'],
  ['PAYMENT.AUTHORIZATION.CREATED', 'payment.authorized'],
  ['PAYMENT.AUTHORIZATION.VOIDED', 'payment.canceled'],
  ['PAYMENT.CAPTURE.PENDING', 'payment.pending'],
  ['PAYMENT.CAPTURE.COMPLETED', 'payment.succeeded'],
  ['PAYMENT.CAPTURE.DECLINED', 'payment.failed'],
  ['PAYMENT.CAPTURE.DENIED', 'payment.failed'],
  ['PAYMENT.CAPTURE.REFUNDED', 'refund.succeeded'],
  ['PAYMENT.CAPTURE.REVERSED', 'refund.succeeded'],
  ['PAYMENT.REFUND.PENDING', 'refund.pending'],
  ['PAYMENT.REFUND.COMPLETED', 'refund.succeeded'],
  ['PAYMENT.REFUND.FAILED', 'refund.failed'],
  ['PAYMENT.SALE.PENDING', 'payment.pending'],
  ['PAYMENT.SALE.COMPLETED', 'payment.succeeded'],
  ['PAYMENT.SALE.DENIED', 'payment.failed'],
  ['PAYMENT.SALE.REFUNDED', 'refund.succeeded'],
  ['PAYMENT.SALE.REVERSED', 'refund.succeeded'],
  ['CUSTOMER.DISPUTE.CREATED', 'dispute.opened'],
  ['CUSTOMER.DISPUTE.UPDATED', 'dispute.updated'],
  ['PAYMENT.PAYOUTSBATCH.DENIED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.SUCCEEDED', 'payout.paid'],
  ['PAYMENT.PAYOUTS-ITEM.BLOCKED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.CANCELED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.DENIED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.FAILED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.REFUNDED', 'payout.failed'],
  ['PAYMENT.PAYOUTS-ITEM.RETURNED', 'payout.failed'],
  ['CUSTOMER.PAYOUT.COMPLETED', 'payout.paid'],
  ['CUSTOMER.PAYOUT.FAILED', 'payout.failed'],
]);

/** Outcomes that say who keeps the money; every other one only closes the dispute. */
const kindsOfOutcome: ReadonlyMap<string | null, Kind> = new Map([
  ['RESOLVED_SELLER_FAVOUR', 'dispute.won'],
  ['CANCELED_BY_BUYER', 'dispute.won'],
  ['DENIED', 'dispute.won'],
  ['RESOLVED_BUYER_FAVOUR', 'dispute.lost'],
  ['ACCEPTED', 'dispute.lost'],
]);

/** Reads an event of either API version. Its id alone is not unique, for the simulator gives one id to several types. */
export function normalize(request: WebhookRequest, receivedAt: string): Normalization {
  const body = parseJsonObject(request.body);
  if (body === undefined) return notJsonObject;
  const eventId = requiredText(body, 'id');
  if (!eventId.ok) return eventId;
  const eventType = requiredText(body, 'event_type');
  if (!eventType.ok) return eventType;
  const resource = objectAt(body, 'resource') ?? {};
  const kind = kindOf(eventType.text, resource);
  const objectId = objectIdOf(resource) ?? eventId.text;
  const draft = {
    provider: 'paypal',
    eventId: eventId.text,
    eventType: eventType.text,
    kind,
    paymentId: paymentIdOf(eventType.text, resource) ?? objectId,
    objectId,
    money: moneyOf(eventType.text, kind, resource),
    providerStatus: statusOf(resource),
    failure: failureOfResource(kind, resource),
    customerRef: textAt(resource, 'payer', 'payer_id') ?? textAt(resource, 'payer', 'payer_info', 'payer_id'),
    merchantRef: merchantRefOf(resource),
    account: accountOf(resource),
    livemode: livemodeOf(body, resource),
    occurredAt: parseInstant(valueAt(body, 'create_time')),
    receivedAt,
  };
  return normalizedEvent(draft, `${eventId.text}|${eventType.text}`);
}

function kindOf(type: string, resource: JsonObject): Kind {
  if (type === 'CUSTOMER.DISPUTE.RESOLVED') {
    return kindsOfOutcome.get(textAt(resource, 'dispute_outcome', 'outcome_code')) ?? 'dispute.closed';
  }
  return kindsByType.get(type) ?? 'other';
}

function objectIdOf(resource: JsonObject): string | null {
  return (
    textAt(resource, 'dispute_id') ??
    textAt(resource, 'payout_item_id') ??
    textAt(resource, 'batch_header', 'payout_batch_id') ??
    textAt(resource, 'id') ??
    // CHECKOUT.PAYMENT-APPROVAL.REVERSED names only the order.
    textAt(resource, 'order_id')
  );
}

/** A refund is named by its own id and points to what it refunds; an order points to its capture once it is completed. */
function paymentIdOf(type: string, resource: JsonObject): string | null {
  if (type.startsWith('CUSTOMER.DISPUTE.')) return textAt(resource, 'disputed_transactions', 0, 'seller_transaction_id');
  if (type === 'CHECKOUT.ORDER.COMPLETED') return textAt(resource, 'purchase_units', 0, 'payments', 'captures', 0, 'id');
  const isRefund = /^PAYMENT\.(REFUND\..*|(CAPTURE|SALE)\.(REFUNDED|REVERSED))$/.test(type);
  if (!isRefund) return null;
  return textAt(resource, 'sale_id') ?? linkedPayment(resource) ?? textAt(resource, 'supplementary_data', 'related_ids', 'capture_id');
}

function linkedPayment(resource: JsonObject): string | null {
  for (const link of listAt(resource, 'links')) {
    const rel = textAt(link, 'rel');
    const [, id] = /\/(?:v2\/payments\/captures|v1\/payments\/(?:sale|capture))\/([^/?#]+)$/.exec(textAt(link, 'href') ?? '') ?? [];
    if (id !== undefined && (rel === 'up' || rel === 'sale' || rel === 'capture')) return id;
  }
  return null;
}

/** An approved, voided or reversed order moves no money: what it would be worth is in its captures. */
function moneyOf(type: string, kind: Kind, resource: JsonObject): MoneyReading | null {
  if (type.startsWith('CHECKOUT.')) return null;
  const amount =
    objectAt(resource, 'amount') ??
    objectAt(resource, 'dispute_amount') ??
    objectAt(resource, 'payout_item', 'amount') ??
    objectAt(resource, 'batch_header', 'amount');
  const currency = valueAt(amount, 'currency_code') ?? valueAt(amount, 'currency');
  const reading = moneyFromDecimal(valueAt(amount, 'value') ?? valueAt(amount, 'total'), currency);
  // Version 1 states a refund as a negative total.
  return kind.startsWith('refund.') ? withoutSign(reading) : reading;
}

function statusOf(resource: JsonObject): string | null {
  return (
    textAt(resource, 'status') ??
    textAt(resource, 'state') ??
    textAt(resource, 'transaction_status') ??
    textAt(resource, 'batch_header', 'batch_status') ??
    textAt(resource, 'payout_status', 'status')
  );
}

function failureOfResource(kind: Kind, resource: JsonObject): Failure | null {
  if (kind.startsWith('dispute.')) return failureOf(textAt(resource, 'reason'), null);
  if (kind === 'payout.failed') return failureOf(textAt(resource, 'errors', 'name'), textAt(resource, 'errors', 'message'));
  if (kind !== 'payment.failed' && kind !== 'payment.canceled' && kind !== 'refund.failed') return null;
  const code =
    textAt(resource, 'status_details', 'reason') ??
    textAt(resource, 'reason_code') ??
    textAt(resource, 'processor_response', 'response_code');
  return failureOf(code, null);
}

function merchantRefOf(resource: JsonObject): string | null {
  return (
    textAt(resource, 'invoice_id') ??
    textAt(resource, 'custom_id') ??
    textAt(resource, 'invoice_number') ??
    textAt(resource, 'custom') ??
    textAt(resource, 'disputed_transactions', 0, 'invoice_number') ??
    textAt(resource, 'payout_item', 'sender_item_id')
  );
}

function accountOf(resource: JsonObject): string | null {
  return (
    textAt(resource, 'payee', 'merchant_id') ??
    textAt(resource, 'disputed_transactions', 0, 'seller', 'merchant_id') ??
    textAt(resource, 'purchase_units', 0, 'payee', 'merchant_id') ??
    textAt(resource, 'merchant_id')
  );
}

/** PayPal states the environment only by the host of its links, which not every version writes with a scheme. */
function livemodeOf(body: JsonObject, resource: JsonObject): boolean | null {
  for (const link of [...listAt(body, 'links'), ...listAt(resource, 'links')]) {
    const [match, sandbox] = /^(?:https?:\/\/)?api(?:-m)?\.(sandbox\.)?paypal\.com(?::443)?\//.exec(textAt(link, 'href') ?? '') ?? [];
    if (match !== undefined) return sandbox === undefined;
  }
  return null;
}
