import { describe, expect, it } from '@jest/globals';
import { plainOf } from '../../../../functions/shared/aws/attributes';
import { bucketsPerDay, itemOf, providerBucketOf, storedEventOf } from '../../../../functions/shared/aws/event-row';
import { aPaymentEvent, anEventRecord } from '../../../support/builders';

describe('itemOf', () => {
  it('lays the event at the top level, with what the time index needs', () => {
    const item = itemOf(anEventRecord());
    expect(item).toMatchObject({
      paymentId: { S: 'stripe:pi_1' },
      eventKey: { S: 'event#evt_1' },
      status: { S: 'received' },
      amountMinor: { N: '12000' },
      amount: { S: '120.00' },
      livemode: { BOOL: true },
      merchantRef: { NULL: true },
      timestamp: { N: String(Date.parse('2026-11-05T09:59:58.000Z')) },
      signedHeaders: { M: { 'stripe-signature': { S: 't=1,v1=00' } } },
      expiresAt: { N: '1800000000' },
    });
    expect(item['providerBucket']?.S).toMatch(/^stripe#2026-11-05#[0-7]$/);
    expect(item['body']?.B).toBeInstanceOf(Uint8Array);
  });

  it.each([
    ['a small body', anEventRecord({ traceHeader: 'Root=1-a' })],
    ['a failure', anEventRecord({ event: aPaymentEvent({ failure: { code: 'card_declined', message: null } }) })],
    ['no money', anEventRecord({ event: aPaymentEvent({ amountMinor: null, amount: null, currency: null, kind: 'other' }) })],
  ])('is read back as it was written with %s', (_, record) => {
    expect(storedEventOf(plainOf(itemOf(record)))).toEqual({ ok: true, value: { ...record, status: 'received' } });
  });

  it('writes no body, and the version of its archive, for one that was archived first', () => {
    const { bodyGzip: body, ...record } = anEventRecord({ archiveVersionId: 'v1' });
    expect(body).toBeDefined();
    const item = itemOf(record);
    expect(item).not.toHaveProperty('body');
    expect(item['archiveVersionId']).toEqual({ S: 'v1' });
    expect(storedEventOf(plainOf(item))).toEqual({ ok: true, value: { ...record, status: 'received' } });
  });
});

describe('storedEventOf', () => {
  const row = plainOf(itemOf(anEventRecord()));

  it.each([
    ['an alert', { ...row, eventKey: 'alert#high-value#pi_1' }, 'eventKey'],
    ['an amount that is a float', { ...row, amountMinor: 1.5 }, 'amountMinor'],
    ['an amount beyond what is exact', { ...row, amountMinor: '90071992547409931' }, 'amountMinor'],
    ['a kind that nobody knows', { ...row, kind: 'payment.exploded' }, 'kind'],
    ['a time that is none', { ...row, receivedAt: 'yesterday' }, 'receivedAt'],
    ['another version', { ...row, schemaVersion: 2 }, 'schemaVersion'],
    ['a body that is text', { ...row, body: 'eyJ9' }, 'body'],
    ['nothing at all', {}, 'schemaVersion'],
  ])('refuses %s and names the field', (_, broken, field) => {
    const read = storedEventOf(broken);
    expect(read.ok).toBe(false);
    expect(read).toMatchObject({ problem: expect.stringContaining(field) });
  });

  it('never repeats a value in what it says is wrong', () => {
    expect(JSON.stringify(storedEventOf({ ...row, kind: 'card 4242424242424242' }))).not.toContain('4242');
  });
});

describe('providerBucketOf', () => {
  it('is the same for the same event', () => {
    expect(providerBucketOf('stripe', '2026-11-05T09:59:58.000Z', 'evt_1')).toBe(
      providerBucketOf('stripe', '2026-11-05T00:00:00.000Z', 'evt_1'),
    );
  });

  it('spreads the events of one provider and day over all buckets', () => {
    const buckets = Array.from({ length: 400 }, (_, index) => providerBucketOf('square', '2026-11-05T09:59:58.000Z', `event-${index}`));
    expect(new Set(buckets).size).toBe(bucketsPerDay);
    const largest = Math.max(...[...new Set(buckets)].map((bucket) => buckets.filter((other) => other === bucket).length));
    expect(largest).toBeLessThan(100);
  });
});
