import type { JsonObject } from '../json';
import { randomId, seconds, toMinorUnits, type Catalogue, type Sample, type SampleInput } from './sample';

const apiVersion = '2025-08-27.basil';

/** Stripe's own decimals, where they differ from two. https://docs.stripe.com/currencies */
const decimals: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((code) => [code, 0]),
  ),
  ...Object.fromEntries(['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code) => [code, 3])),
};

export const stripeSamples: Catalogue = {
  'payment_intent.succeeded': snapshot('a payment went through', 'payment_intent.succeeded', (input) => ({
    ...paymentIntent(input),
    status: 'succeeded',
    amount_received: amountOf(input),
  })),
  'payment_intent.payment_failed': snapshot('a payment was declined', 'payment_intent.payment_failed', (input) => ({
    ...paymentIntent(input),
    status: 'requires_payment_method',
    last_payment_error: {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    },
  })),
  'payment_intent.amount_capturable_updated': snapshot('a payment was authorized', 'payment_intent.amount_capturable_updated', (input) => ({
    ...paymentIntent(input),
    status: 'requires_capture',
    capture_method: 'manual',
    amount_capturable: amountOf(input),
  })),
  'payment_intent.canceled': snapshot('a payment was canceled', 'payment_intent.canceled', (input) => ({
    ...paymentIntent(input),
    status: 'canceled',
    canceled_at: seconds(input.now),
    cancellation_reason: 'requested_by_customer',
  })),
  'payment_intent.processing': snapshot('a payment is under way', 'payment_intent.processing', (input) => ({
    ...paymentIntent(input),
    status: 'processing',
  })),
  'charge.succeeded': snapshot('a charge beside its payment; kept as "other"', 'charge.succeeded', (input) => ({
    ...charge(input),
    status: 'succeeded',
    paid: true,
    captured: true,
    amount_captured: amountOf(input),
  })),
  'refund.created': snapshot('a refund is under way', 'refund.created', (input) => ({ ...refund(input), status: 'pending' })),
  'refund.updated': snapshot('a refund went through', 'refund.updated', (input) => ({ ...refund(input), status: 'succeeded' })),
  'refund.failed': snapshot('a refund failed', 'refund.failed', (input) => ({
    ...refund(input),
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  })),
  'charge.dispute.created': snapshot('a customer disputes a payment', 'charge.dispute.created', (input) => ({
    ...dispute(input),
    status: 'needs_response',
  })),
  'charge.dispute.closed': snapshot('a dispute was lost', 'charge.dispute.closed', (input) => ({ ...dispute(input), status: 'lost' })),
  'payout.paid': snapshot('money is on the bank account', 'payout.paid', (input) => ({
    id: randomId('po_1', 23),
    object: 'payout',
    amount: amountOf(input),
    arrival_date: seconds(input.now),
    automatic: true,
    created: seconds(input.now),
    currency: input.currency.toLowerCase(),
    livemode: false,
    method: 'standard',
    status: 'paid',
    type: 'bank_account',
  })),
  'customer.created': snapshot('an event without money; kept as "other"', 'customer.created', (input) => ({
    id: randomId('cus_', 14),
    object: 'customer',
    created: seconds(input.now),
    email: 'jenny.rosen@example.com',
    livemode: false,
  })),
  'v1.billing.meter.error_report_triggered': {
    about: 'a thin event: what it is about must be fetched',
    body: ({ now }) => ({
      id: randomId('evt_test_', 40),
      object: 'v2.core.event',
      type: 'v1.billing.meter.error_report_triggered',
      livemode: false,
      created: now.toISOString(),
      related_object: { id: randomId('mtr_test_', 24), type: 'billing.meter', url: '/v1/billing/meters/mtr_test' },
    }),
  },
};

function snapshot(about: string, type: string, object: (input: SampleInput) => JsonObject): Sample {
  return {
    about,
    body: (input) => ({
      id: randomId('evt_3', 23),
      object: 'event',
      api_version: apiVersion,
      created: seconds(input.now),
      data: { object: object(input) },
      livemode: false,
      pending_webhooks: 1,
      request: { id: randomId('req_', 14), idempotency_key: null },
      type,
    }),
  };
}

function paymentIntent(input: SampleInput): JsonObject {
  return {
    id: input.payment ?? randomId('pi_3', 23),
    object: 'payment_intent',
    amount: amountOf(input),
    amount_capturable: 0,
    amount_received: 0,
    automatic_payment_methods: { enabled: true },
    capture_method: 'automatic_async',
    confirmation_method: 'automatic',
    created: seconds(input.now),
    currency: input.currency.toLowerCase(),
    customer: randomId('cus_', 14),
    description: null,
    last_payment_error: null,
    latest_charge: randomId('ch_3', 23),
    livemode: false,
    metadata: { order_id: randomId('', 6).toUpperCase() },
    payment_method: randomId('pm_1', 23),
    payment_method_types: ['card'],
  };
}

function charge(input: SampleInput): JsonObject {
  return {
    id: randomId('ch_3', 23),
    object: 'charge',
    amount: amountOf(input),
    amount_refunded: 0,
    created: seconds(input.now),
    currency: input.currency.toLowerCase(),
    customer: randomId('cus_', 14),
    livemode: false,
    outcome: { network_status: 'approved_by_network', reason: null, risk_level: 'normal', type: 'authorized' },
    payment_intent: input.payment ?? randomId('pi_3', 23),
    refunded: false,
  };
}

function refund(input: SampleInput): JsonObject {
  return {
    id: randomId('re_3', 23),
    object: 'refund',
    amount: amountOf(input),
    charge: randomId('ch_3', 23),
    created: seconds(input.now),
    currency: input.currency.toLowerCase(),
    metadata: {},
    payment_intent: input.payment ?? randomId('pi_3', 23),
    reason: 'requested_by_customer',
    receipt_number: null,
  };
}

function dispute(input: SampleInput): JsonObject {
  return {
    id: randomId('du_1', 23),
    object: 'dispute',
    amount: amountOf(input),
    charge: randomId('ch_3', 23),
    created: seconds(input.now),
    currency: input.currency.toLowerCase(),
    evidence_details: { due_by: seconds(input.now) + 7 * 86_400, has_evidence: false, past_due: false, submission_count: 0 },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: input.payment ?? randomId('pi_3', 23),
    reason: 'fraudulent',
  };
}

function amountOf({ amount, currency }: SampleInput): number {
  return toMinorUnits(amount, decimals[currency] ?? 2);
}
