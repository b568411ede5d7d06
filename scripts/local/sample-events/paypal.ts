import type { JsonObject } from '../json';
import { randomId, toMinorUnits, type Catalogue, type Sample, type SampleInput } from './sample';

/** https://developer.paypal.com/reference/currency-codes: no decimals for these. */
const withoutDecimals = ['HUF', 'JPY', 'TWD'];
const api = 'https://api.sandbox.paypal.com';

export const paypalSamples: Catalogue = {
  'PAYMENT.CAPTURE.COMPLETED': webhook('a payment went through', 'PAYMENT.CAPTURE.COMPLETED', 'capture', (input) => ({
    ...capture(input),
    status: 'COMPLETED',
  })),
  'PAYMENT.CAPTURE.PENDING': webhook('a payment is under way', 'PAYMENT.CAPTURE.PENDING', 'capture', (input) => ({
    ...capture(input),
    status: 'PENDING',
    status_details: { reason: 'PENDING_REVIEW' },
  })),
  'PAYMENT.CAPTURE.DECLINED': webhook('a payment was declined', 'PAYMENT.CAPTURE.DECLINED', 'capture', (input) => ({
    ...capture(input),
    status: 'DECLINED',
    processor_response: { response_code: '5120' },
  })),
  'PAYMENT.CAPTURE.REFUNDED': webhook('a refund went through', 'PAYMENT.CAPTURE.REFUNDED', 'refund', refund),
  'PAYMENT.AUTHORIZATION.CREATED': webhook('a payment was authorized', 'PAYMENT.AUTHORIZATION.CREATED', 'authorization', (input) => ({
    ...capture(input),
    status: 'CREATED',
    expiration_time: new Date(input.now.getTime() + 29 * 86_400_000).toISOString(),
  })),
  'PAYMENT.AUTHORIZATION.VOIDED': webhook('an authorization was voided', 'PAYMENT.AUTHORIZATION.VOIDED', 'authorization', (input) => ({
    ...capture(input),
    status: 'VOIDED',
  })),
  'CUSTOMER.DISPUTE.CREATED': webhook('a customer disputes a payment', 'CUSTOMER.DISPUTE.CREATED', 'dispute', (input) => ({
    ...dispute(input),
    status: 'OPEN',
  })),
  'CUSTOMER.DISPUTE.RESOLVED': webhook('a dispute was lost', 'CUSTOMER.DISPUTE.RESOLVED', 'dispute', (input) => ({
    ...dispute(input),
    status: 'RESOLVED',
    dispute_outcome: { outcome_code: 'RESOLVED_BUYER_FAVOUR', amount_refunded: money(input) },
  })),
  'CHECKOUT.ORDER.APPROVED': webhook('a buyer approved an order', 'CHECKOUT.ORDER.APPROVED', 'checkout-order', (input) => ({
    id: randomId('', 17).toUpperCase(),
    intent: 'CAPTURE',
    status: 'APPROVED',
    purchase_units: [{ reference_id: 'default', amount: money(input) }],
    payer: { payer_id: randomId('', 13).toUpperCase(), name: { given_name: 'Test', surname: 'Buyer' } },
    create_time: timeOf(input),
  })),
};

function webhook(about: string, type: string, resourceType: string, resource: (input: SampleInput) => JsonObject): Sample {
  return {
    about,
    body: (input) => ({
      id: `WH-${randomId('', 17).toUpperCase()}-${randomId('', 17).toUpperCase()}`,
      event_version: '1.0',
      create_time: input.now.toISOString(),
      resource_type: resourceType,
      resource_version: '2.0',
      event_type: type,
      summary: about,
      resource: resource(input),
    }),
  };
}

function capture(input: SampleInput): JsonObject {
  const id = input.payment ?? randomId('', 17).toUpperCase();
  return {
    id,
    amount: money(input),
    final_capture: true,
    seller_protection: { status: 'NOT_ELIGIBLE' },
    custom_id: randomId('order-', 6),
    invoice_id: randomId('invoice-', 6),
    create_time: timeOf(input),
    update_time: timeOf(input),
    links: [{ href: `${api}/v2/payments/captures/${id}`, rel: 'self', method: 'GET' }],
    supplementary_data: { related_ids: { order_id: randomId('', 17).toUpperCase() } },
  };
}

function refund(input: SampleInput): JsonObject {
  const id = randomId('', 17).toUpperCase();
  const captureId = input.payment ?? randomId('', 17).toUpperCase();
  return {
    id,
    amount: money(input),
    status: 'COMPLETED',
    note_to_payer: 'Refund',
    seller_payable_breakdown: { gross_amount: money(input), total_refunded_amount: money(input) },
    create_time: timeOf(input),
    update_time: timeOf(input),
    links: [
      { href: `${api}/v2/payments/refunds/${id}`, rel: 'self', method: 'GET' },
      { href: `${api}/v2/payments/captures/${captureId}`, rel: 'up', method: 'GET' },
    ],
  };
}

function dispute(input: SampleInput): JsonObject {
  return {
    dispute_id: randomId('PP-R-', 10).toUpperCase(),
    create_time: input.now.toISOString(),
    update_time: input.now.toISOString(),
    reason: 'MERCHANDISE_OR_SERVICE_NOT_RECEIVED',
    dispute_life_cycle_stage: 'CHARGEBACK',
    dispute_amount: money(input),
    disputed_transactions: [{ seller_transaction_id: input.payment ?? randomId('', 17).toUpperCase() }],
  };
}

function money({ amount, currency }: SampleInput): JsonObject {
  const digits = withoutDecimals.includes(currency) ? 0 : 2;
  const minor = String(toMinorUnits(amount, digits)).padStart(digits + 1, '0');
  const value = digits === 0 ? minor : `${minor.slice(0, -digits)}.${minor.slice(-digits)}`;
  return { currency_code: currency, value };
}

function timeOf({ now }: SampleInput): string {
  return now.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
