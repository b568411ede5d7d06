import { describe, expect, it } from '@jest/globals';
import { eventRecordOf, fingerprintOf } from '../../../../functions/shared/providers/event-record';
import { aPaymentEvent } from '../../../support/builders';
import { requestOf } from '../../../support/signers';

const normalized = { event: aPaymentEvent(), dedupeId: 'evt_1' };
const record = (headers: Readonly<Record<string, string>>) =>
  eventRecordOf(normalized, ['stripe-signature'], { request: requestOf('{}', headers), correlationId: 'r' }, 30);

describe('eventRecordOf', () => {
  it('keeps the headers that verify the bytes again, and no others', () => {
    const headers = { 'stripe-signature': 't=1,v1=2', 'content-type': 'application/json', authorization: 'Bearer x', cookie: 'y' };
    expect(record(headers).signedHeaders).toEqual({ 'stripe-signature': 't=1,v1=2', 'content-type': 'application/json' });
  });

  it('keeps every value of a header that was sent more than once', () => {
    const request = { body: Buffer.from('{}'), headers: { 'stripe-signature': ['a', 'a', 'b'], 'content-type': [] } };
    expect(eventRecordOf(normalized, ['stripe-signature'], { request, correlationId: 'r' }, 30).signedHeaders).toEqual({
      'stripe-signature': 'a, b',
    });
  });

  // Found by hostile input: such a row was refused by DynamoDB, and the webhook answered 500.
  it('makes text of half a surrogate pair in a header, and leaves out a header that is too long for any row', () => {
    const request = { body: Buffer.from('{}'), headers: { 'content-type': ['a\ud800b'], 'stripe-signature': ['x'.repeat(10_241)] } };
    expect(eventRecordOf(normalized, ['stripe-signature'], { request, correlationId: 'r' }, 30).signedHeaders).toEqual({
      'content-type': 'a\ufffdb',
    });
  });

  it('has the same bytes for the same body', () => {
    expect(record({}).bodyGzip).toEqual(record({}).bodyGzip);
  });

  it('expires so many days after it was received', () => {
    expect(record({}).expiresAt).toBe(Date.parse('2026-12-05T10:00:00.000Z') / 1000);
  });

  it('says where an event is from that no webhook brought, and nothing of a webhook', () => {
    const delivered = { request: requestOf('{}', {}), correlationId: 'r' };
    expect(eventRecordOf(normalized, [], { ...delivered, source: 'reconciled' }, 30).source).toBe('reconciled');
    expect(eventRecordOf(normalized, [], delivered, 30)).not.toHaveProperty('source');
  });

  it('has no trace header where there was none', () => {
    expect(record({})).not.toHaveProperty('traceHeader');
  });
});

describe('fingerprintOf', () => {
  const fingerprint = fingerprintOf(aPaymentEvent());

  it('does not depend on when it was received', () => {
    expect(fingerprintOf(aPaymentEvent({ receivedAt: '2026-11-06T10:00:00.000Z' }))).toBe(fingerprint);
  });

  it('does not depend on a time of occurrence that is the time of receipt', () => {
    const at = (time: string) => fingerprintOf(aPaymentEvent({ receivedAt: time, occurredAt: time }));
    expect(at('2026-11-05T10:00:00.000Z')).toBe(at('2026-11-06T10:00:00.000Z'));
  });

  it('does not depend on livemode, which Square states in a header that is not signed', () => {
    expect(fingerprintOf(aPaymentEvent({ livemode: false }))).toBe(fingerprint);
  });

  it('does not depend on the order of the fields', () => {
    const reversed = Object.fromEntries(Object.entries(aPaymentEvent()).reverse());
    expect(fingerprintOf({ ...aPaymentEvent(), ...reversed })).toBe(fingerprint);
  });

  it.each([
    { amountMinor: 12001 },
    { currency: 'EUR' },
    { kind: 'payment.failed' as const },
    { occurredAt: '2026-11-05T09:59:59.000Z' },
    { failure: { code: 'declined', message: null } },
    { paymentId: 'stripe:pi_2' },
  ])('depends on %j', (change) => {
    expect(fingerprintOf(aPaymentEvent(change))).not.toBe(fingerprint);
  });
});
