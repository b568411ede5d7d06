import { describe, expect, it } from '@jest/globals';
import { failureOf, normalizedEvent } from '../../../../functions/shared/providers/event';
import type { EventDraft } from '../../../../functions/shared/providers/event';

const draft: EventDraft = {
  provider: 'stripe',
  eventId: 'evt_1',
  eventType: 'payment_intent.succeeded',
  kind: 'payment.succeeded',
  paymentId: 'pi_1',
  objectId: 'pi_1',
  money: { ok: true, money: { minor: 2000n, currency: 'USD' } },
  providerStatus: 'succeeded',
  failure: null,
  customerRef: null,
  merchantRef: null,
  account: null,
  livemode: true,
  occurredAt: 0,
  receivedAt: '2026-01-01T00:00:00.000Z',
};

function normalized(changes: Partial<EventDraft>, dedupeId = 'evt_1') {
  const result = normalizedEvent({ ...draft, ...changes }, dedupeId);
  if (!result.ok) throw new Error('a draft is always an event');
  return result.normalized;
}

describe('an event', () => {
  it('has its money as a number of minor units and as an exact text', () => {
    expect(normalized({}).event).toMatchObject({ amountMinor: 2000, currency: 'USD', amount: '20.00' });
    expect(normalized({}).event).not.toHaveProperty('amountProblem');
  });

  it('has no money and no problem where none was stated, and none where it is of kind other', () => {
    const nothing = { amountMinor: null, currency: null, amount: null };
    expect(normalized({ money: null }).event).toMatchObject(nothing);
    expect(normalized({ kind: 'other' }).event).toMatchObject(nothing);
    expect(normalized({ kind: 'other', money: { ok: false, problem: 'amount_missing' } }).event).not.toHaveProperty('amountProblem');
  });

  it('says why an amount that was stated is not there', () => {
    expect(normalized({ money: { ok: false, problem: 'amount_not_exact' } }).event).toMatchObject({
      amount: null,
      amountProblem: 'amount_not_exact',
    });
  });

  it('happened when it was received where the provider does not say', () => {
    expect(normalized({ occurredAt: undefined }).event.occurredAt).toBe(draft.receivedAt);
    expect(normalized({}).event.occurredAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('keeps an id of 256 bytes and stands a digest in for a longer one', () => {
    const exactly = 'é'.repeat(128);
    expect(normalized({ eventId: exactly }).event.eventId).toBe(exactly);
    expect(normalized({ eventId: `${exactly}x` }).event.eventId).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(normalized({ paymentId: 'x'.repeat(257) }).event.paymentId).toMatch(/^stripe:sha256:[0-9a-f]{64}$/);
    expect(normalized({}, 'x'.repeat(300)).dedupeId).toHaveLength(300);
    expect(normalized({}, 'x'.repeat(301)).dedupeId).toMatch(/^sha256:/);
  });

  it('does not take two ids for one that differ in a lone surrogate', () => {
    const ids = ['\ud800', '\ud801', '\ufffd'].map((objectId) => normalized({ objectId }).event.objectId);
    expect(new Set(ids).size).toBe(3);
    expect(ids.map((id) => id.startsWith('sha256:'))).toEqual([true, true, false]);
  });

  it('has no character that a message on a queue may not have', () => {
    const odd = 'a\ufffe\uffffb';
    const { event, dedupeId } = normalized(
      { eventId: odd, paymentId: odd, objectId: odd, merchantRef: odd, failure: failureOf(odd, odd) },
      odd,
    );
    expect(event.merchantRef).toBe('a\ufffd\ufffdb');
    expect(event.objectId).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(event.objectId).not.toBe(normalized({ objectId: 'a\uffff\ufffeb' }).event.objectId);
    expect(JSON.stringify([event, dedupeId])).not.toMatch(/[\ufffe\uffff]/);
  });

  it('cuts texts to 256 characters and messages to 500, and no character in two', () => {
    const { event } = normalized({
      merchantRef: 'm'.repeat(300),
      customerRef: `${'c'.repeat(255)}😀`,
      failure: { code: 'x'.repeat(300), message: 'y'.repeat(600) },
    });
    expect(event.merchantRef).toHaveLength(256);
    expect(event.customerRef).toBe('c'.repeat(255));
    expect(event.failure).toEqual({ code: 'x'.repeat(256), message: 'y'.repeat(500) });
    expect(normalized({ account: 'a\ud800b' }).event.account).toBe('a\ufffdb');
  });

  it('has no card number in any field: texts show that one was there, ids are stood in for', () => {
    const card = '4242 4242 4242 4242';
    const { event, dedupeId } = normalized(
      {
        eventId: '4242424242424242',
        eventType: card,
        paymentId: card,
        objectId: `invoice ${card}`,
        providerStatus: card,
        failure: failureOf(card, `${'m'.repeat(490)} ${card}`),
        customerRef: `Jane ${card}`,
        merchantRef: card,
        account: card,
      },
      `${card}|TYPE`,
    );
    expect(JSON.stringify([event, dedupeId])).not.toMatch(/4242/);
    expect(event).toMatchObject({ customerRef: 'Jane [card number]', merchantRef: '[card number]' });
    expect(event.failure?.message).toBe(`${'m'.repeat(490)} [card num`);
    for (const id of [event.eventId, event.objectId, dedupeId]) expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(event.paymentId).toBe(normalized({ paymentId: card }).event.paymentId);
    expect(event.paymentId).not.toBe(normalized({ paymentId: '5555 5555 5555 4444' }).event.paymentId);
  });
});

describe('failureOf', () => {
  it('is null only where nothing is known', () => {
    expect(failureOf(null, null)).toBeNull();
    expect(failureOf('code', null)).toEqual({ code: 'code', message: null });
    expect(failureOf(null, 'message')).toEqual({ code: null, message: 'message' });
  });
});
