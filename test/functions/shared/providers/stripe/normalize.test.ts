import { describe, expect, it } from '@jest/globals';
import { corpusBytes, corpusFiles, describeWithCorpus } from '../../../../support/corpus';
import { eventOf, fixture, providers } from '../../../../support/schemes';

function stripeEvent(type: string, object: unknown, rest: object = {}) {
  return eventOf('stripe', { id: 'evt_1', object: 'event', type, created: 1_767_225_600, livemode: true, data: { object }, ...rest });
}

const paymentIntent = {
  id: 'pi_1',
  object: 'payment_intent',
  amount: 2000,
  amount_received: 0,
  currency: 'usd',
  status: 'processing',
  customer: 'cus_1',
};
const charge = {
  id: 'ch_1',
  object: 'charge',
  amount: 2000,
  amount_captured: 2000,
  currency: 'usd',
  status: 'succeeded',
  captured: true,
  payment_intent: null,
};
const refund = { id: 're_1', object: 'refund', amount: 500, currency: 'usd', charge: 'ch_1', payment_intent: 'pi_1', status: 'succeeded' };
const dispute = {
  id: 'dp_1',
  object: 'dispute',
  amount: 2000,
  currency: 'usd',
  charge: 'ch_1',
  payment_intent: 'pi_1',
  status: 'needs_response',
  reason: 'fraudulent',
};
const payout = { id: 'po_1', object: 'payout', amount: 1100, currency: 'usd', status: 'paid' };

describe('a PaymentIntent event of Stripe', () => {
  it.each([
    ['payment_intent.created', 'payment.pending'],
    ['payment_intent.processing', 'payment.pending'],
    ['payment_intent.requires_action', 'payment.pending'],
    ['payment_intent.partially_funded', 'payment.pending'],
    ['payment_intent.amount_capturable_updated', 'payment.authorized'],
    ['payment_intent.succeeded', 'payment.succeeded'],
    ['payment_intent.payment_failed', 'payment.failed'],
    ['payment_intent.canceled', 'payment.canceled'],
    ['payment_intent.something_new', 'other'],
  ])('%s is %s', (type, kind) => {
    expect(stripeEvent(type, paymentIntent)).toMatchObject({
      kind,
      eventId: 'evt_1',
      eventType: type,
      dedupeId: 'evt_1',
      paymentId: 'stripe:pi_1',
      objectId: 'pi_1',
      amount: kind === 'other' ? null : '20.00',
      customerRef: 'cus_1',
      livemode: true,
      providerStatus: 'processing',
      occurredAt: '2026-01-01T00:00:00.000Z',
      needsFetch: false,
    });
  });

  it('takes what was received, and what may be captured, before what was asked for', () => {
    expect(stripeEvent('payment_intent.succeeded', { ...paymentIntent, amount_received: 1500 }).amount).toBe('15.00');
    expect(stripeEvent('payment_intent.amount_capturable_updated', { ...paymentIntent, amount_capturable: 1700 }).amount).toBe('17.00');
  });

  it('reads amounts from the object and never from the top of the event', () => {
    expect(stripeEvent('payment_intent.succeeded', { id: 'pi_1' }, { amount: 99, currency: 'usd' })).toMatchObject({
      amount: null,
      amountProblem: 'amount_missing',
    });
  });

  it('tells the issuer’s reason where there is one', () => {
    const error = { code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card has insufficient funds.' };
    expect(stripeEvent('payment_intent.payment_failed', { ...paymentIntent, last_payment_error: error }).failure).toEqual({
      code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
    });
    const withoutDecline = { ...error, decline_code: undefined };
    expect(stripeEvent('payment_intent.payment_failed', { ...paymentIntent, last_payment_error: withoutDecline }).failure?.code).toBe(
      'card_declined',
    );
    expect(stripeEvent('payment_intent.canceled', { ...paymentIntent, cancellation_reason: 'abandoned' }).failure).toEqual({
      code: 'abandoned',
      message: null,
    });
    expect(stripeEvent('payment_intent.succeeded', { ...paymentIntent, last_payment_error: error }).failure).toBeNull();
  });
});

describe('amounts of Stripe', () => {
  it.each([
    ['usd', 500, '5.00', 500],
    ['jpy', 500, '500', 500],
    ['isk', 500, '5', 5],
    ['ugx', 500, '5', 5],
    ['mga', 500, '500.00', 50000],
    ['kwd', 5120, '5.120', 5120],
    ['huf', 500, '5.00', 500],
    ['twd', 500, '5.00', 500],
    ['xof', 500, '500', 500],
  ])('in %s: %i is %s', (currency, amount, text, amountMinor) => {
    expect(stripeEvent('payment_intent.processing', { ...paymentIntent, amount, currency })).toMatchObject({
      amount: text,
      amountMinor,
      currency: currency.toUpperCase(),
    });
  });

  it.each(['huf', 'twd'])('have two decimals in %s for payouts too, which only have to be whole: 1000 is 10', (currency) => {
    expect(stripeEvent('payout.paid', { ...payout, amount: 1000, currency })).toMatchObject({ amount: '10.00', amountMinor: 1000 });
  });

  it.each([
    ['ugx', 550, 'amount_not_exact'],
    ['xbt', 550, 'currency_unknown'],
    ['usd', 2 ** 53, 'amount_too_large'],
    ['usd', 1.5, 'amount_not_a_number'],
    ['usd', '2000', 'amount_not_a_number'],
    [null, 2000, 'currency_unknown'],
  ])('in %p: %p keeps the event and says %s', (currency, amount, amountProblem) => {
    expect(stripeEvent('payment_intent.processing', { ...paymentIntent, amount, currency })).toMatchObject({
      kind: 'payment.pending',
      amountMinor: null,
      currency: null,
      amount: null,
      amountProblem,
    });
  });
});

describe('a charge event of Stripe', () => {
  it.each(['charge.pending', 'charge.succeeded', 'charge.captured', 'charge.failed', 'charge.expired', 'charge.updated'])(
    '%s beside a PaymentIntent counts nothing again',
    (type) => {
      expect(stripeEvent(type, { ...charge, payment_intent: 'pi_1', captured: false })).toMatchObject({
        kind: 'other',
        paymentId: 'stripe:pi_1',
        objectId: 'ch_1',
        amount: null,
      });
    },
  );

  it.each([
    ['charge.pending', {}, 'payment.pending'],
    ['charge.succeeded', {}, 'payment.succeeded'],
    ['charge.succeeded', { captured: false }, 'payment.authorized'],
    ['charge.captured', {}, 'payment.succeeded'],
    ['charge.failed', {}, 'payment.failed'],
    ['charge.failed', { captured: false }, 'payment.failed'],
    ['charge.expired', {}, 'payment.canceled'],
    ['charge.refunded', {}, 'other'],
    ['charge.updated', {}, 'other'],
  ])('%s %j without one is the payment itself: %s', (type, changes, kind) => {
    expect(stripeEvent(type, { ...charge, ...changes })).toMatchObject({ kind, paymentId: 'stripe:ch_1', objectId: 'ch_1' });
  });

  it('counts what was captured, and names why it failed', () => {
    expect(stripeEvent('charge.captured', { ...charge, amount_captured: 1200 }).amount).toBe('12.00');
    expect(stripeEvent('charge.succeeded', { ...charge, amount_captured: 0, captured: false }).amount).toBe('20.00');
    expect(stripeEvent('charge.succeeded', { ...charge, amount_captured: null }).amount).toBe('20.00');
    const failed = stripeEvent('charge.failed', { ...charge, failure_code: 'card_declined', failure_message: 'Declined' });
    expect(failed.failure).toEqual({ code: 'card_declined', message: 'Declined' });
  });

  it('follows an expanded PaymentIntent', () => {
    expect(stripeEvent('charge.succeeded', { ...charge, payment_intent: { id: 'pi_9' } })).toMatchObject({
      kind: 'other',
      paymentId: 'stripe:pi_9',
    });
  });

  it('leaves charge.refunded and charge.refund.updated to the refund events', () => {
    expect(stripeEvent('charge.refunded', { ...charge, payment_intent: 'pi_1', amount_refunded: 500 }).kind).toBe('other');
    expect(stripeEvent('charge.refund.updated', refund)).toMatchObject({
      kind: 'other',
      paymentId: 'stripe:pi_1',
      objectId: 're_1',
      amount: null,
    });
  });
});

describe('a refund event of Stripe', () => {
  it.each([
    ['refund.created', 'pending', 'refund.pending'],
    ['refund.created', 'requires_action', 'refund.pending'],
    ['refund.created', 'succeeded', 'refund.succeeded'],
    ['refund.updated', 'succeeded', 'refund.succeeded'],
    ['refund.updated', 'failed', 'refund.failed'],
    ['refund.updated', 'canceled', 'refund.failed'],
    ['refund.updated', 'something_new', 'other'],
    ['refund.failed', 'pending', 'refund.failed'],
  ])('%s with %s is %s', (type, status, kind) => {
    expect(stripeEvent(type, { ...refund, status })).toMatchObject({
      kind,
      paymentId: 'stripe:pi_1',
      objectId: 're_1',
      providerStatus: status,
    });
  });

  it('has its own amount and reason', () => {
    const failed = stripeEvent('refund.failed', { ...refund, failure_reason: 'lost_or_stolen_card' });
    expect(failed).toMatchObject({ amount: '5.00', failure: { code: 'lost_or_stolen_card', message: null } });
  });

  it('belongs to the charge where there is no PaymentIntent', () => {
    expect(stripeEvent('refund.created', { ...refund, payment_intent: null }).paymentId).toBe('stripe:ch_1');
    expect(stripeEvent('refund.created', { ...refund, payment_intent: null, charge: { id: 'ch_2' } }).paymentId).toBe('stripe:ch_2');
    expect(stripeEvent('refund.created', { ...refund, payment_intent: null, charge: null }).paymentId).toBe('stripe:re_1');
  });
});

describe('a dispute event of Stripe', () => {
  it.each([
    ['charge.dispute.created', 'needs_response', 'dispute.opened'],
    ['charge.dispute.created', 'lost', 'dispute.opened'],
    ['charge.dispute.updated', 'under_review', 'dispute.updated'],
    ['charge.dispute.funds_withdrawn', 'needs_response', 'dispute.updated'],
    ['charge.dispute.funds_reinstated', 'won', 'dispute.updated'],
    ['charge.dispute.closed', 'won', 'dispute.won'],
    ['charge.dispute.closed', 'lost', 'dispute.lost'],
    ['charge.dispute.closed', 'warning_closed', 'dispute.closed'],
    ['charge.dispute.closed', null, 'dispute.closed'],
  ])('%s with %s is %s', (type, status, kind) => {
    expect(stripeEvent(type, { ...dispute, status })).toMatchObject({
      kind,
      paymentId: 'stripe:pi_1',
      objectId: 'dp_1',
      amount: '20.00',
      failure: { code: 'fraudulent', message: null },
    });
  });
});

describe('other events of Stripe', () => {
  it.each([
    ['payout.paid', 'payout.paid'],
    ['payout.failed', 'payout.failed'],
    ['payout.created', 'other'],
    ['payout.updated', 'other'],
    ['payout.canceled', 'other'],
    ['payout.reconciliation_completed', 'other'],
  ])('%s is %s', (type, kind) => {
    expect(stripeEvent(type, payout)).toMatchObject({
      kind,
      paymentId: 'stripe:po_1',
      objectId: 'po_1',
      amount: kind === 'other' ? null : '11.00',
    });
  });

  it('tell why a payout failed, and keep the sign of one that takes money back', () => {
    const failed = stripeEvent('payout.failed', { ...payout, amount: -1100, failure_code: 'account_closed', failure_message: 'Closed.' });
    expect(failed).toMatchObject({ amountMinor: -1100, amount: '-11.00', failure: { code: 'account_closed', message: 'Closed.' } });
  });

  it.each([
    ['checkout.session.completed', { id: 'cs_1', payment_intent: 'pi_1' }, 'stripe:pi_1'],
    ['checkout.session.completed', { id: 'cs_1', payment_intent: null }, 'stripe:cs_1'],
    ['invoice.paid', { id: 'in_1', payment_intent: 'pi_1' }, 'stripe:pi_1'],
    ['invoice.paid', { id: 'in_1', payments: { data: [{ payment: { payment_intent: 'pi_2' } }] } }, 'stripe:pi_2'],
    ['invoice_payment.paid', { id: 'inpay_1', payment: { type: 'payment_intent', payment_intent: 'pi_3' } }, 'stripe:pi_3'],
    ['radar.early_fraud_warning.created', { id: 'issfr_1', charge: 'ch_1', payment_intent: 'pi_1' }, 'stripe:pi_1'],
    ['review.opened', { id: 'prv_1', charge: 'ch_1' }, 'stripe:ch_1'],
    ['customer.created', { id: 'cus_1' }, 'stripe:cus_1'],
    ['balance.available', { object: 'balance' }, 'stripe:evt_1'],
  ])('%s is kept with the payment that it belongs to', (type, object, paymentId) => {
    expect(stripeEvent(type, object)).toMatchObject({ kind: 'other', paymentId, amount: null });
  });

  it('name the connected account, an expanded customer and the merchant’s reference', () => {
    const event = stripeEvent(
      'payment_intent.succeeded',
      { ...paymentIntent, customer: { id: 'cus_9' }, metadata: { order_id: 6735 } },
      { account: 'acct_1' },
    );
    expect(event).toMatchObject({ account: 'acct_1', customerRef: 'cus_9', merchantRef: '6735' });
    expect(stripeEvent('checkout.session.completed', { id: 'cs_1', client_reference_id: 'order-1' }).merchantRef).toBe('order-1');
  });

  it.each([
    [{ api_version: null, request: 'req_1' }],
    [{ data: undefined }],
    [{ data: null }],
    [{ data: [] }],
    [{ data: { object: null } }],
    [{ data: { object: 'pi_1' } }],
    [{ livemode: 'yes', account: {}, created: 'yesterday' }],
  ])('are read with %j', (rest) => {
    expect(stripeEvent('customer.created', { id: 'cus_1' }, rest).kind).toBe('other');
  });
});

describe('a thin event of Stripe', () => {
  const thin = {
    id: 'evt_2',
    object: 'v2.core.event',
    type: 'v1.payment_intent.succeeded',
    created: '2026-01-01T00:00:00.330Z',
    livemode: true,
    context: 'acct_1',
    related_object: { id: 'pi_1', type: 'payment_intent', url: '/v1/payment_intents/pi_1' },
  };

  it('is kept with the object that has to be fetched', () => {
    expect(eventOf('stripe', thin)).toMatchObject({
      kind: 'other',
      needsFetch: true,
      paymentId: 'stripe:pi_1',
      objectId: 'pi_1',
      account: 'acct_1',
      amount: null,
      occurredAt: '2026-01-01T00:00:00.330Z',
    });
  });

  it('stands for itself where it relates to nothing', () => {
    expect(eventOf('stripe', { ...thin, related_object: null })).toMatchObject({ paymentId: 'stripe:evt_2', objectId: 'evt_2' });
  });
});

describe('an event of Stripe that cannot be read', () => {
  it.each([
    [{ object: 'event' }, { reason: 'field_missing', field: 'id', problem: 'is missing' }],
    [
      { id: 'evt_1', object: 'event' },
      { reason: 'field_missing', field: 'type', problem: 'is missing' },
    ],
    [
      { id: '', type: 'x' },
      { reason: 'field_invalid', field: 'id', problem: 'must be a text' },
    ],
    [
      { id: {}, type: 'x' },
      { reason: 'field_invalid', field: 'id', problem: 'must be a text' },
    ],
    [
      { id: 'evt_1', type: null },
      { reason: 'field_missing', field: 'type', problem: 'is missing' },
    ],
  ])('%j names the field', (body, unreadable) => {
    const result = providers.get('stripe')?.normalize({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, '2026-11-23T00:00:00.000Z');
    expect(result).toEqual({ ok: false, unreadable });
  });

  it('takes no id from a prototype', () => {
    const body = Buffer.from('{"__proto__":{"id":"evt_1","type":"x"}}');
    expect(providers.get('stripe')?.normalize({ headers: {}, body }, '2026-11-23T00:00:00.000Z')).toMatchObject({ ok: false });
  });
});

describe('the development body of Stripe', () => {
  it('is a payment of USD 12,000', () => {
    expect(eventOf('stripe', fixture('stripe/payment-intent-succeeded.json'))).toMatchObject({
      kind: 'payment.succeeded',
      amount: '12000.00',
      merchantRef: 'order-1',
    });
  });
});

describeWithCorpus('the corpus of Stripe', () => {
  const files = [...corpusFiles('stripe'), ...corpusFiles('derived/stripe')];

  it.each(files)('%s is read', (file) => {
    expect(eventOf('stripe', corpusBytes(file)).provider).toBe('stripe');
  });

  it.each([
    [
      'stripe/charge.captured.stripe-ruby-mock.json',
      'payment.succeeded',
      'ch_000000000000000000000000',
      'ch_000000000000000000000000',
      '1.00',
      'USD',
    ],
    [
      'stripe/charge.dispute.closed.lost.opencollective-api.json',
      'dispute.lost',
      'pi_3LpcvEJKGTeo5jKp1hGewAOP',
      'dp_1LpcvGJKGTeo5jKpD5M0XnV5',
      '10.00',
      'EUR',
    ],
    [
      'stripe/charge.dispute.closed.won.opencollective-api.json',
      'dispute.won',
      'pi_3LpcvEJKGTeo5jKp1hGewAOP',
      'dp_1LpcvGJKGTeo5jKpD5M0XnV5',
      '10.00',
      'EUR',
    ],
    [
      'stripe/charge.dispute.created.opencollective-api.json',
      'dispute.opened',
      'ch_3LpDOFJKGTeo5jKp0PfknYNd',
      'dp_1LpDOGJKGTeo5jKpAs2IGlrp',
      '1.00',
      'USD',
    ],
    [
      'stripe/charge.dispute.funds_withdrawn.stripe-ruby-mock.json',
      'dispute.updated',
      'ch_00000000000000',
      'dp_00000000000000',
      '250.00',
      'USD',
    ],
    ['stripe/charge.failed.stripe-ruby-mock.json', 'other', 'pi_000000000000000000000000', 'ch_000000000000000000000000', null, null],
    [
      'stripe/charge.refund.updated.stripe-ruby-mock.json',
      'other',
      'ch_000000000000000000000000',
      're_000000000000000000000000',
      null,
      null,
    ],
    ['stripe/charge.refunded.stripe-ruby-mock.json', 'other', 'ch_000000000000000000000000', 'ch_000000000000000000000000', null, null],
    ['stripe/charge.succeeded.stripe-ruby-mock.json', 'other', 'pi_000000000000000000000000', 'ch_000000000000000000000000', null, null],
    ['stripe/invoice.paid.stripe-ruby-mock.json', 'other', 'pi_000000000000000000000000', 'in_000000000000000000000000', null, null],
    ['stripe/invoice.paid.hookdeck-samples.json', 'other', 'in_1MhUT5E0b6fckueSfPlY05Fw', 'in_1MhUT5E0b6fckueSfPlY05Fw', null, null],
    [
      'stripe/payment_intent.amount_capturable_updated.stripe-ruby-mock.json',
      'payment.authorized',
      'pi_000000000000000000000000',
      'pi_000000000000000000000000',
      '20.00',
      'USD',
    ],
    [
      'stripe/payment_intent.canceled.stripe-ruby-mock.json',
      'payment.canceled',
      'pi_000000000000000000000000',
      'pi_000000000000000000000000',
      '20.00',
      'USD',
    ],
    [
      'stripe/payment_intent.payment_failed.stripe-ruby-mock.json',
      'payment.failed',
      'pi_000000000000000000000000',
      'pi_000000000000000000000000',
      '20.00',
      'USD',
    ],
    ['stripe/payment_intent.processing.stripe-ruby-mock.json', 'payment.pending', 'pi_00000000000000', 'pi_00000000000000', '9.00', 'EUR'],
    [
      'stripe/payment_intent.succeeded.stripe-ruby-mock.json',
      'payment.succeeded',
      'pi_000000000000000000000000',
      'pi_000000000000000000000000',
      '20.00',
      'USD',
    ],
    ['stripe/payout.created.stripe-ruby-mock.json', 'other', 'po_000000000000000000000000', 'po_000000000000000000000000', null, null],
    [
      'stripe/payout.paid.stripe-ruby-mock.json',
      'payout.paid',
      'po_000000000000000000000000',
      'po_000000000000000000000000',
      '11.00',
      'USD',
    ],
    ['stripe/review.opened.opencollective-api.json', 'other', 'pi_3LxBZLJKGTeo5jKp1gkxl8fZ', 'prv_1LxBZMJKGTeo5jKpoXxcaCBQ', null, null],
    ['stripe/v1.billing.meter.error_report_triggered.thin.stripe-python.json', 'other', 'mtr_123', 'mtr_123', null, null],
    ['derived/stripe/charge.refunded.large-70k.json', 'other', 'ch_000000000000000000000000', 'ch_000000000000000000000000', null, null],
    ['derived/stripe/charge.refunded.partial.json', 'other', 'pm_1234', 'ch_chargeid', null, null],
    ['derived/stripe/payment_intent.succeeded.isk.json', 'payment.succeeded', 'pi_derived_isk', 'pi_derived_isk', '5', 'ISK'],
    ['derived/stripe/payment_intent.succeeded.jpy.json', 'payment.succeeded', 'pi_derived_jpy', 'pi_derived_jpy', '500', 'JPY'],
    [
      'derived/stripe/payment_intent.succeeded.unicode.json',
      'payment.succeeded',
      'pi_000000000000000000000000',
      'pi_000000000000000000000000',
      '20.00',
      'USD',
    ],
  ])('%s is %s of %s', (file, kind, payment, objectId, amount, currency) => {
    expect(eventOf('stripe', corpusBytes(file))).toMatchObject({ kind, paymentId: `stripe:${payment}`, objectId, amount, currency });
  });
});
