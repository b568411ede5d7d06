import { describe, expect, it } from '@jest/globals';
import { corpusBytes, corpusFiles, describeWithCorpus } from '../../../../support/corpus';
import { eventOf, fixture, providers } from '../../../../support/schemes';

function squareEvent(type: string, object: unknown, headers: Readonly<Record<string, readonly string[]>> = {}) {
  const body = {
    merchant_id: 'M-1',
    type,
    event_id: 'event-1',
    created_at: '2026-01-01T00:00:00.123456789Z',
    data: { type: 'x', id: 'DATA-1', object },
  };
  return eventOf('square', body, headers);
}

const usd = (amount: number) => ({ amount, currency: 'USD' });
const payment = { id: 'P-1', amount_money: usd(1000), status: 'COMPLETED', order_id: 'O-1', customer_id: 'C-1' };
const refund = { id: 'P-1_R-1', payment_id: 'P-1', amount_money: usd(400), status: 'COMPLETED', order_id: 'O-1' };
const dispute = {
  id: 'D-1',
  amount_money: usd(1000),
  disputed_payment: { payment_id: 'P-1' },
  state: 'EVIDENCE_REQUIRED',
  reason: 'NO_KNOWLEDGE',
};
const payout = { id: 'po_1', amount_money: { amount: 457, currency_code: 'EUR' }, status: 'PAID' };

describe('a payment event of Square', () => {
  const statuses = [
    ['PENDING', 'payment.pending'],
    ['APPROVED', 'payment.authorized'],
    ['COMPLETED', 'payment.succeeded'],
    ['CANCELED', 'payment.canceled'],
    ['FAILED', 'payment.failed'],
    ['SOMETHING_NEW', 'other'],
  ] as const;

  it.each(statuses.flatMap(([status, kind]) => ['payment.created', 'payment.updated'].map((type) => [type, status, kind] as const)))(
    '%s with %s is %s',
    (type, status, kind) => {
      expect(squareEvent(type, { payment: { ...payment, status } })).toMatchObject({
        kind,
        eventId: 'event-1',
        dedupeId: 'event-1',
        eventType: type,
        paymentId: 'square:P-1',
        objectId: 'P-1',
        amount: kind === 'other' ? null : '10.00',
        providerStatus: status,
        customerRef: 'C-1',
        merchantRef: 'O-1',
        account: 'M-1',
        occurredAt: '2026-01-01T00:00:00.123Z',
      });
    },
  );

  it('counts nothing again when a refund updates its payment', () => {
    expect(squareEvent('payment.updated', { payment: { ...payment, refunded_money: usd(400) } })).toMatchObject({
      kind: 'other',
      paymentId: 'square:P-1',
      amount: null,
    });
    expect(squareEvent('payment.updated', { payment: { ...payment, refunded_money: usd(0) } }).kind).toBe('payment.succeeded');
  });

  it('tells why it failed, and the merchant’s own reference first', () => {
    const failed = {
      ...payment,
      status: 'FAILED',
      reference_id: 'ref-1',
      card_details: { errors: [{ code: 'CVV_FAILURE', detail: 'CVV does not match' }] },
    };
    expect(squareEvent('payment.updated', { payment: failed })).toMatchObject({
      merchantRef: 'ref-1',
      failure: { code: 'CVV_FAILURE', message: 'CVV does not match' },
    });
  });

  it.each([
    [{ amount: 100, currency: 'JPY' }, '100'],
    [{ amount: 457, currency_code: 'EUR' }, '4.57'],
  ])('has the amount %j as %s', (amount_money, amount) => {
    expect(squareEvent('payment.created', { payment: { ...payment, amount_money } }).amount).toBe(amount);
  });

  it('keeps an amount that it cannot read as a problem', () => {
    expect(squareEvent('payment.created', { payment: { ...payment, amount_money: { amount: 1, currency: 'XXX' } } })).toMatchObject({
      amountProblem: 'currency_unknown',
    });
    expect(squareEvent('payment.created', { payment: { ...payment, amount_money: null } })).toMatchObject({
      amountProblem: 'amount_missing',
    });
  });
});

describe('a refund event of Square', () => {
  it.each([
    ['refund.created', 'PENDING', 'refund.pending'],
    ['refund.updated', 'COMPLETED', 'refund.succeeded'],
    ['refund.updated', 'REJECTED', 'refund.failed'],
    ['refund.updated', 'FAILED', 'refund.failed'],
    ['refund.updated', 'SOMETHING_NEW', 'other'],
  ])('%s with %s is %s', (type, status, kind) => {
    expect(squareEvent(type, { refund: { ...refund, status } })).toMatchObject({
      kind,
      paymentId: 'square:P-1',
      objectId: 'P-1_R-1',
      amount: kind === 'other' ? null : '4.00',
    });
  });

  it('stands for itself when it refunds no payment', () => {
    expect(squareEvent('refund.created', { refund: { ...refund, payment_id: null } }).paymentId).toBe('square:P-1_R-1');
  });
});

describe('a dispute event of Square', () => {
  it.each([
    ['dispute.created', 'EVIDENCE_REQUIRED', 'dispute.opened'],
    ['dispute.created', 'LOST', 'dispute.opened'],
    ['dispute.state.updated', 'PROCESSING', 'dispute.updated'],
    ['dispute.state.updated', 'INQUIRY_PROCESSING', 'dispute.updated'],
    ['dispute.state.updated', 'WON', 'dispute.won'],
    ['dispute.state.updated', 'LOST', 'dispute.lost'],
    ['dispute.state.changed', 'ACCEPTED', 'dispute.lost'],
    ['dispute.state.updated', 'INQUIRY_CLOSED', 'dispute.closed'],
    ['dispute.evidence.created', 'EVIDENCE_REQUIRED', 'dispute.updated'],
  ])('%s with %s is %s', (type, state, kind) => {
    expect(squareEvent(type, { dispute: { ...dispute, state } })).toMatchObject({
      kind,
      paymentId: 'square:P-1',
      objectId: 'D-1',
      amount: '10.00',
      providerStatus: state,
      failure: { code: 'NO_KNOWLEDGE', message: null },
    });
  });

  it('finds the payment in the older list too', () => {
    const older = { ...dispute, disputed_payment: undefined };
    expect(squareEvent('dispute.created', { dispute: { ...older, disputed_payments: [{ payment_id: 'P-2' }] } }).paymentId).toBe(
      'square:P-2',
    );
  });
});

describe('other events of Square', () => {
  it.each([
    ['payout.sent', 'other'],
    ['payout.paid', 'payout.paid'],
    ['payout.failed', 'payout.failed'],
  ])('%s is %s', (type, kind) => {
    expect(squareEvent(type, { payout })).toMatchObject({ kind, paymentId: 'square:po_1', amount: kind === 'other' ? null : '4.57' });
  });

  it('keep a terminal refund as other, with its payment, though its object is a refund', () => {
    expect(squareEvent('terminal.refund.updated', { refund })).toMatchObject({
      kind: 'other',
      paymentId: 'square:P-1',
      objectId: 'P-1_R-1',
      amount: null,
    });
    expect(squareEvent('terminal.checkout.updated', { checkout: { id: 'T-1', payment_ids: ['P-3'] } })).toMatchObject({
      kind: 'other',
      paymentId: 'square:P-3',
    });
  });

  it.each([
    ['payment.updated', 'payment', payment],
    ['refund.updated', 'refund', refund],
    ['dispute.state.updated', 'dispute', dispute],
    ['payout.paid', 'payout', payout],
  ])('%s are read from %s, whatever else is beside it', (type, key, object) => {
    const beside = { other: { id: 'X-1', payment_id: 'X-2' }, [key]: object };
    expect(squareEvent(type, beside)).toEqual(squareEvent(type, { [key]: object }));
    expect(squareEvent(type, beside)).toMatchObject({ objectId: object.id });
  });

  it('of types that are not known here are read from what comes first', () => {
    const object = { checkout: { id: 'T-1', payment_ids: ['P-3'] }, payment };
    expect(squareEvent('terminal.payment.updated', object)).toMatchObject({ kind: 'other', objectId: 'T-1', paymentId: 'square:P-3' });
    expect(squareEvent('terminal.payment.', object)).toMatchObject({ kind: 'other', objectId: 'T-1' });
  });

  it.each([[undefined], [null], [{}], [[]], ['text'], [{ payment: null }], [{ other: {} }]])('are read with the object %j', (object) => {
    expect(squareEvent('payment.updated', object)).toMatchObject({ kind: 'other', paymentId: 'square:DATA-1', objectId: 'DATA-1' });
    expect(squareEvent('oauth.authorization.revoked', object)).toMatchObject({ kind: 'other', objectId: 'DATA-1' });
  });

  it('stand for themselves without data', () => {
    expect(eventOf('square', { type: 'payment.updated', event_id: 'event-1' })).toMatchObject({
      kind: 'other',
      paymentId: 'square:event-1',
      occurredAt: '2026-11-23T00:00:00.000Z',
    });
  });

  it.each([
    ['Production', true],
    ['Sandbox', false],
    ['sandbox', false],
    ['Elsewhere', null],
  ])('come from %s: livemode %p', (environment, livemode) => {
    expect(squareEvent('payment.created', { payment }, { 'square-environment': [environment] }).livemode).toBe(livemode);
  });

  it.each([
    [{ data: { type: 'webhooks', id: 'fake_id' } }, 'event_id'],
    [{ event_id: 'event-1' }, 'type'],
  ])('cannot be read as %j', (body, field) => {
    const result = providers.get('square')?.normalize({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, '2026-11-23T00:00:00.000Z');
    expect(result).toEqual({ ok: false, unreadable: { reason: 'field_missing', field, problem: 'is missing' } });
  });
});

describe('the development body of Square', () => {
  it('is a failed payment', () => {
    expect(eventOf('square', fixture('square/payment-failed.json'))).toMatchObject({
      kind: 'payment.failed',
      amount: '42.50',
      failure: { code: 'GENERIC_DECLINE' },
    });
  });
});

describeWithCorpus('the corpus of Square', () => {
  it.each([...corpusFiles('square'), ...corpusFiles('derived/square')])('%s is read', (file) => {
    expect(eventOf('square', corpusBytes(file)).provider).toBe('square');
  });

  it.each([
    [
      'square/dispute.created.square-openapi.json',
      'dispute.opened',
      'fbmsaEOpoARDKxiSGH1fqPuqoqFZY',
      'ORSEVtZAJxb37RA1EiGw',
      '88.01',
      'USD',
    ],
    [
      'square/dispute.evidence.created.square-openapi.json',
      'dispute.updated',
      'fbmsaEOpoARDKxiSGH1fqPuqoqFZY',
      'ORSEVtZAJxb37RA1EiGw',
      '88.01',
      'USD',
    ],
    [
      'square/payment.updated.square-openapi.json',
      'payment.succeeded',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      '1.00',
      'USD',
    ],
    [
      'square/payout.failed.square-openapi.json',
      'payout.failed',
      'po_070431e4-e351-11eb-a8bb-02420a140009',
      'po_070431e4-e351-11eb-a8bb-02420a140009',
      '4.57',
      'EUR',
    ],
    [
      'square/payout.sent.square-openapi.json',
      'other',
      'po_070431e4-e351-11eb-a8bb-02420a140009',
      'po_070431e4-e351-11eb-a8bb-02420a140009',
      null,
      null,
    ],
    [
      'square/refund.created.square-openapi.json',
      'refund.pending',
      'KkAkhdMsgzn59SM8A89WgKwekxLZY',
      'KkAkhdMsgzn59SM8A89WgKwekxLZY_ptNBVqHYxt5gAdfcobBe4u1AZsXhoz06KTtuq9Ls24P',
      '10.00',
      'USD',
    ],
    ['square/terminal.checkout.updated.square-openapi.json', 'other', 'dgzrZTeIeVuOGwYgekoTHsPouaB', 'dhgENdnFOPXqO', null, null],
    [
      'square/terminal.refund.updated.square-openapi.json',
      'other',
      '5O5OvgkcNUhl7JBuINflcjKqUzXZY',
      'S67MS3HD-5O5OvgkcNUhl7JBuINflcjKqUzXZY',
      null,
      null,
    ],
    [
      'square/webhooks.test_notification.square-nodejs-sdk.json',
      'other',
      'bc368e64-01aa-407e-b46e-3231809b1129',
      'bc368e64-01aa-407e-b46e-3231809b1129',
      null,
      null,
    ],
    [
      'derived/square/payment.updated.jpy.json',
      'payment.succeeded',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      '100',
      'JPY',
    ],
    [
      'derived/square/payment.updated.partially-refunded.json',
      'other',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      'hYy9pRFVxpDsO1FB05SunFWUe9JZY',
      null,
      null,
    ],
  ])('%s is %s of %s', (file, kind, paymentId, objectId, amount, currency) => {
    expect(eventOf('square', corpusBytes(file))).toMatchObject({ kind, paymentId: `square:${paymentId}`, objectId, amount, currency });
  });
});
