import type { JsonObject } from '../json';
import { randomId, toMinorUnits, uuid, type Catalogue, type Sample, type SampleInput } from './sample';

const withoutDecimals = ['JPY', 'KRW', 'CLP', 'VND', 'XAF', 'XOF', 'XPF'];

export const squareSamples: Catalogue = {
  'payment.completed': webhook('a payment went through', 'payment.updated', 'payment', (input) => ({
    ...payment(input),
    status: 'COMPLETED',
  })),
  'payment.failed': webhook('a payment was declined', 'payment.updated', 'payment', (input) => ({
    ...payment(input),
    status: 'FAILED',
    card_details: {
      status: 'FAILED',
      card: { card_brand: 'VISA', last_4: '0002' },
      errors: [{ category: 'PAYMENT_METHOD_ERROR', code: 'GENERIC_DECLINE', detail: "Authorization error: 'GENERIC_DECLINE'" }],
    },
  })),
  'payment.approved': webhook('a payment was authorized', 'payment.created', 'payment', (input) => ({
    ...payment(input),
    status: 'APPROVED',
  })),
  'payment.canceled': webhook('a payment was canceled', 'payment.updated', 'payment', (input) => ({
    ...payment(input),
    status: 'CANCELED',
  })),
  'refund.pending': webhook('a refund is under way', 'refund.created', 'refund', (input) => ({ ...refund(input), status: 'PENDING' })),
  'refund.completed': webhook('a refund went through', 'refund.updated', 'refund', (input) => ({ ...refund(input), status: 'COMPLETED' })),
  'refund.failed': webhook('a refund failed', 'refund.updated', 'refund', (input) => ({ ...refund(input), status: 'FAILED' })),
  'dispute.created': webhook('a customer disputes a payment', 'dispute.created', 'dispute', (input) => ({
    ...dispute(input),
    state: 'EVIDENCE_REQUIRED',
  })),
  'dispute.lost': webhook('a dispute was lost', 'dispute.state.updated', 'dispute', (input) => ({ ...dispute(input), state: 'LOST' })),
  'customer.created': webhook('an event without money; kept as "other"', 'customer.created', 'customer', (input) => ({
    id: randomId('', 26).toUpperCase(),
    created_at: input.now.toISOString(),
    email_address: 'jenny.rosen@example.com',
  })),
};

function webhook(about: string, type: string, objectType: string, object: (input: SampleInput) => JsonObject): Sample {
  return {
    about,
    body: (input) => {
      const content = object(input);
      return {
        merchant_id: '6SSW7HV8K2ST5',
        location_id: 'S8GWD5R9QB376',
        type,
        event_id: uuid(),
        created_at: input.now.toISOString(),
        data: { type: objectType, id: content['id'] ?? '', object: { [objectType]: content } },
      };
    },
  };
}

function payment(input: SampleInput): JsonObject {
  return {
    id: input.payment ?? randomId('', 27),
    amount_money: money(input),
    total_money: money(input),
    approved_money: money(input),
    created_at: input.now.toISOString(),
    updated_at: input.now.toISOString(),
    customer_id: randomId('', 26).toUpperCase(),
    location_id: 'S8GWD5R9QB376',
    order_id: randomId('', 27),
    reference_id: randomId('order-', 6),
    source_type: 'CARD',
    version_token: randomId('', 36),
  };
}

function refund(input: SampleInput): JsonObject {
  const paymentId = input.payment ?? randomId('', 27);
  return {
    id: `${paymentId}_${randomId('', 27)}`,
    payment_id: paymentId,
    amount_money: money(input),
    created_at: input.now.toISOString(),
    updated_at: input.now.toISOString(),
    location_id: 'S8GWD5R9QB376',
    order_id: randomId('', 27),
    reason: 'Item returned',
    version: 2,
  };
}

function dispute(input: SampleInput): JsonObject {
  return {
    id: randomId('', 22),
    amount_money: money(input),
    card_brand: 'VISA',
    created_at: input.now.toISOString(),
    updated_at: input.now.toISOString(),
    disputed_payment: { payment_id: input.payment ?? randomId('', 27) },
    location_id: 'S8GWD5R9QB376',
    reason: 'NO_KNOWLEDGE',
    version: 1,
  };
}

function money({ amount, currency }: SampleInput): JsonObject {
  return { amount: toMinorUnits(amount, withoutDecimals.includes(currency) ? 0 : 2), currency };
}
