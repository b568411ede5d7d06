import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { corpusBytes, corpusFiles, describeWithCorpus } from '../../../../support/corpus';
import { eventOf, fixture, providers } from '../../../../support/schemes';

const body = { paymentId: 'pay-1', amount: '149.90', currency: 'EUR', status: 'succeeded' };
const standard = { 'webhook-id': ['msg_1'], 'webhook-timestamp': ['1'], 'webhook-signature': ['v1,x'] };

function unreadable(value: unknown) {
  const result = providers.get('generic')?.normalize({ headers: {}, body: Buffer.from(JSON.stringify(value)) }, '2026-11-23T00:00:00.000Z');
  return result?.ok === false ? result.unreadable : undefined;
}

describe('a generic body', () => {
  it('is a payment event with all that it says', () => {
    const full = {
      ...body,
      provider: 'shop',
      eventId: 'event-1',
      eventType: 'payment.completed',
      timestamp: '2026-01-01T00:00:00Z',
      objectId: 'part-1',
      customerRef: 'customer-1',
      merchantRef: 'order-1',
      livemode: false,
      failure: { code: 'c', message: 'm' },
    };
    expect(eventOf('generic', full)).toEqual({
      schemaVersion: 1,
      provider: 'generic',
      eventId: 'event-1',
      eventType: 'payment.completed',
      kind: 'payment.succeeded',
      paymentId: 'generic:pay-1',
      objectId: 'part-1',
      amountMinor: 14990,
      currency: 'EUR',
      amount: '149.90',
      providerStatus: 'succeeded',
      failure: { code: 'c', message: 'm' },
      customerRef: 'customer-1',
      merchantRef: 'order-1',
      account: 'shop',
      livemode: false,
      needsFetch: false,
      occurredAt: '2026-01-01T00:00:00.000Z',
      receivedAt: '2026-11-23T00:00:00.000Z',
      dedupeId: 'event-1',
    });
  });

  it('is told from its retries by the digest of its bytes where it has no eventId', () => {
    const bytes = Buffer.from(JSON.stringify(body));
    const id = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    expect(eventOf('generic', bytes)).toMatchObject({ eventId: id, dedupeId: id });
  });

  it('takes webhook-id for its id only where Standard Webhooks signed it', () => {
    expect(eventOf('generic', body, standard).dedupeId).toBe('msg_1');
    expect(eventOf('generic', { ...body, eventId: 'event-1' }, standard).dedupeId).toBe('event-1');
    expect(eventOf('generic', body, { 'webhook-id': ['msg_2'], 'x-webhook-signature': ['x'] }).dedupeId).toMatch(/^sha256:/);
  });

  it.each([
    [12000, 'USD', '12000.00'],
    [100.5, 'USD', '100.50'],
    [0.1, 'USD', '0.10'],
    [0, 'USD', '0.00'],
    [12000, 'jpy', '12000'],
    ['.5', 'usd', '0.50'],
    ['70368744177664.07', 'USD', '70368744177664.07'],
    [5.124, 'KWD', '5.124'],
  ])('has %p %s in major units', (amount, currency, expected) => {
    expect(eventOf('generic', { ...body, amount, currency })).toMatchObject({ amount: expected, currency: currency.toUpperCase() });
  });

  it.each([
    [{ ...body, paymentId: undefined }, 'field_missing', 'paymentId'],
    [{ ...body, amount: undefined }, 'field_missing', 'amount'],
    [{ ...body, currency: null }, 'field_missing', 'currency'],
    [{ ...body, status: undefined }, 'field_missing', 'status'],
    [{ ...body, paymentId: {} }, 'field_invalid', 'paymentId'],
    [{ ...body, paymentId: ' ' }, 'field_invalid', 'paymentId'],
    [{ ...body, status: true }, 'field_invalid', 'status'],
    [{ ...body, amount: true }, 'field_invalid', 'amount'],
    [{ ...body, amount: 'ten' }, 'field_invalid', 'amount'],
    [{ ...body, amount: '1.005' }, 'field_invalid', 'amount'],
    [{ ...body, amount: 1.005 }, 'field_invalid', 'amount'],
    [{ ...body, amount: -1 }, 'field_invalid', 'amount'],
    [{ ...body, amount: '-0.01' }, 'field_invalid', 'amount'],
    [{ ...body, amount: 1e21 }, 'field_invalid', 'amount'],
    [{ ...body, amount: 70368744177664.07 }, 'field_invalid', 'amount'],
    [{ ...body, amount: '99999999999999999' }, 'field_invalid', 'amount'],
    [{ ...body, currency: 'EURO' }, 'field_invalid', 'currency'],
    [{ ...body, currency: 'XXX' }, 'field_invalid', 'currency'],
    [[], 'body_not_json_object', undefined],
  ])('%j cannot be read: %s %s', (value, reason, field) => {
    const result = unreadable(value);
    expect(result).toMatchObject(field === undefined ? { reason } : { reason, field });
    expect(JSON.stringify(result)).not.toMatch(/ten|XXX|EURO|999/);
  });

  it.each([
    ['XXX', '1', 'must be an ISO 4217 code'],
    ['JPY', '1.5', 'has more decimals than the currency'],
    ['USD', 1e21, 'is too large or too long; send it as a decimal string'],
    ['USD', 1234567890123.456, 'is too large or too long; send it as a decimal string'],
    ['USD', 'ten', 'must be a decimal number in major units'],
    ['USD', '-1', 'must not be negative'],
  ])('says what is wrong with %s %p: %s', (currency, amount, problem) => {
    expect(unreadable({ ...body, currency, amount })).toMatchObject({ problem });
  });

  it('takes a number of 15 digits, as many as a double holds', () => {
    expect(eventOf('generic', { ...body, amount: 1234567890123.45, currency: 'USD' }).amount).toBe('1234567890123.45');
    expect(unreadable({ ...body, amount: 12345678901234.25, currency: 'USD' })).toMatchObject({ field: 'amount' });
  });

  it.each([
    ['pending', 'payment.pending'],
    ['refund_pending', 'refund.pending'],
    ['partially refunded', 'refund.succeeded'],
    ['dispute_updated', 'dispute.updated'],
    ['chargeback_reversed', 'dispute.won'],
    ['dispute_closed', 'dispute.closed'],
    ['payout_paid', 'payout.paid'],
    ['payout_failed', 'payout.failed'],
    ['authorized', 'payment.authorized'],
    ['succeeded', 'payment.succeeded'],
    ['COMPLETED', 'payment.succeeded'],
    ['paid', 'payment.succeeded'],
    ['failed', 'payment.failed'],
    ['Declined', 'payment.failed'],
    ['cancelled', 'payment.canceled'],
    ['refunded', 'refund.succeeded'],
    ['refund-failed', 'refund.failed'],
    ['chargeback', 'dispute.opened'],
    ['dispute lost', 'dispute.lost'],
    ['payout.paid', 'payout.paid'],
    ['refund.succeeded', 'refund.succeeded'],
    ['constructor', 'other'],
    ['shipped', 'other'],
  ])('with the status %s is %s', (status, kind) => {
    expect(eventOf('generic', { ...body, status }).kind).toBe(kind);
  });

  it.each([
    ['refund.created', 'succeeded', 'refund.succeeded'],
    ['refund_updated', 'pending', 'refund.pending'],
    ['Refund', 'failed', 'refund.failed'],
    ['dispute.closed', 'won', 'dispute.won'],
    ['dispute.closed', 'resolved', 'dispute.closed'],
    ['chargeback:opened', 'open', 'dispute.opened'],
    ['payout', 'paid', 'payout.paid'],
    ['payout', 'returned', 'payout.failed'],
    ['refund.failed', 'succeeded', 'refund.failed'],
    ['order.paid', 'succeeded', 'payment.succeeded'],
    ['dispute', 'succeeded', 'other'],
    ['disputed', 'under_review', 'dispute.updated'],
    ['disputes', 'accepted', 'dispute.lost'],
    ['dispute', 'canceled', 'dispute.closed'],
    ['chargebacks', 'needs_response', 'dispute.opened'],
    ['refunds', 'partially_refunded', 'refund.succeeded'],
    ['payouts', 'payout_paid', 'payout.paid'],
    // A longer word is another word.
    ['undisputed', 'succeeded', 'payment.succeeded'],
    ['disputeless', 'succeeded', 'payment.succeeded'],
    ['nonrefund', 'succeeded', 'payment.succeeded'],
    ['refundable', 'succeeded', 'payment.succeeded'],
    ['nopayout', 'succeeded', 'payment.succeeded'],
    ['payouting', 'succeeded', 'payment.succeeded'],
    ['payment.refunded', 'succeeded', 'refund.succeeded'],
    ['paymentRefunded', 'completed', 'refund.succeeded'],
    ['charge.refunded', 'partially_refunded', 'refund.succeeded'],
    ['payment.dispute.created', 'open', 'dispute.opened'],
    ['payment.disputed', 'succeeded', 'other'],
    ['dispute.created', 'disputed', 'dispute.opened'],
    ['payment.succeeded', 'payment.pending', 'payment.succeeded'],
  ])('of the type %s with the status %s is %s', (eventType, status, kind) => {
    expect(eventOf('generic', { ...body, eventType, status })).toMatchObject({ kind, eventType });
  });

  it('keeps an unknown status as other, without its money', () => {
    expect(eventOf('generic', { ...body, status: 'shipped' })).toMatchObject({
      kind: 'other',
      amount: null,
      providerStatus: 'shipped',
      eventType: 'shipped',
    });
  });

  it('does not take two refunds of one payment for one', () => {
    const refunds = ['event-1', 'event-2'].map((eventId) => eventOf('generic', { ...body, eventId, status: 'refunded' }));
    expect(refunds.map(({ objectId }) => objectId)).toEqual(['event-1', 'event-2']);
    expect(eventOf('generic', { ...body, status: 'refunded', objectId: 'refund-1' }).objectId).toBe('refund-1');
    expect(eventOf('generic', { ...body, eventId: 'event-1' }).objectId).toBe('pay-1');
  });

  it.each([
    ['2026-01-01T00:00:00+08:00', '2025-12-31T16:00:00.000Z'],
    [1_767_225_600, '2026-01-01T00:00:00.000Z'],
    [1_767_225_600_123, '2026-01-01T00:00:00.123Z'],
    ['yesterday', '2026-11-23T00:00:00.000Z'],
    [-5, '2026-11-23T00:00:00.000Z'],
    [1e300, '2026-11-23T00:00:00.000Z'],
    [undefined, '2026-11-23T00:00:00.000Z'],
  ])('with the timestamp %p happened at %s', (timestamp, occurredAt) => {
    expect(eventOf('generic', { ...body, timestamp }).occurredAt).toBe(occurredAt);
  });
});

describe('a Standard Webhooks body', () => {
  const envelope = { type: 'refund.created', timestamp: '2026-01-01T00:00:00.344522Z', data: { ...body, objectId: 'refund-1' } };

  it('has its payment in data', () => {
    expect(eventOf('generic', envelope, standard)).toMatchObject({
      kind: 'refund.succeeded',
      eventType: 'refund.created',
      eventId: 'msg_1',
      paymentId: 'generic:pay-1',
      objectId: 'refund-1',
      amount: '149.90',
      occurredAt: '2026-01-01T00:00:00.344Z',
    });
  });

  it('may be flat as well', () => {
    expect(eventOf('generic', { ...body, type: 'x', data: {} }, standard)).toMatchObject({
      paymentId: 'generic:pay-1',
      eventType: 'succeeded',
    });
  });

  it('is kept as other where it is about no payment', () => {
    expect(eventOf('generic', { type: 'contact.created', data: { id: 'contact-1' } }, standard)).toMatchObject({
      kind: 'other',
      eventType: 'contact.created',
      paymentId: 'generic:contact-1',
    });
    expect(eventOf('generic', { type: 'contact.created', data: {} }, standard)).toMatchObject({
      kind: 'other',
      paymentId: 'generic:msg_1',
    });
  });

  it('cannot be read without data, or when it was signed by our own header', () => {
    expect(unreadable(envelope)).toMatchObject({ reason: 'field_missing', field: 'paymentId' });
    expect(() => eventOf('generic', { type: 'contact.created' }, standard)).toThrow('paymentId');
  });

  it('names the field that is missing in the payment', () => {
    expect(() => eventOf('generic', { ...envelope, data: { ...body, currency: undefined } }, standard)).toThrow('currency');
  });
});

describe('the development body of the generic provider', () => {
  it('is a payment', () => {
    expect(eventOf('generic', fixture('generic/payment.json'))).toMatchObject({
      kind: 'payment.succeeded',
      amount: '149.90',
      account: 'shop',
      dedupeId: 'event-1',
    });
  });
});

describeWithCorpus('the corpus of Standard Webhooks', () => {
  it.each(corpusFiles('standard-webhooks'))('%s is kept', (file) => {
    expect(eventOf('generic', corpusBytes(file), standard)).toMatchObject({
      kind: 'other',
      eventType: 'contact.created',
      paymentId: 'generic:1f81eb52-5198-4599-803e-771906343485',
      occurredAt: '2022-11-03T20:26:10.344Z',
    });
  });
});
