import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kinds } from '../../../../functions/shared/domain/payment-event';
import type { Kind } from '../../../../functions/shared/domain/payment-event';
import { paymentStateOf } from '../../../../functions/shared/domain/payment-state';

interface Given {
  readonly objectId?: string;
  readonly at?: number;
  readonly amountMinor?: number | null;
  readonly currency?: string | null;
  readonly eventId?: string;
}

let sequence = 0;

function event(kind: Kind, given: Given = {}) {
  sequence += 1;
  const { objectId = 'pi_1', at = sequence, amountMinor = 2000, currency = 'USD', eventId = `evt_${sequence}` } = given;
  return { kind, objectId, occurredAt: instant(at), eventId, eventType: kind, amountMinor, currency };
}

function instant(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
}

const someEvent = fc.record({
  kind: fc.constantFrom(...kinds),
  objectId: fc.constantFrom('a', 'b', 'c'),
  occurredAt: fc.integer({ min: 0, max: 3 }).map(instant),
  eventId: fc.constantFrom('e1', 'e2', 'e3'),
  eventType: fc.constantFrom('x', 'y'),
  amountMinor: fc.oneof(fc.constant(null), fc.integer({ min: -50, max: 5000 })),
  currency: fc.constantFrom('USD', 'JPY', null),
});

function usd(state: ReturnType<typeof paymentStateOf>) {
  return state.amounts.find(({ currency }) => currency === 'USD');
}

describe('the state of a payment', () => {
  it('without events is unknown', () => {
    expect(paymentStateOf([])).toEqual({ status: 'unknown', dispute: 'none', amounts: [], lastEventAt: null });
  });

  it('follows a payment to its end', () => {
    const story = [event('payment.pending'), event('payment.authorized'), event('payment.succeeded')];
    expect([1, 2, 3].map((length) => paymentStateOf(story.slice(0, length)).status)).toEqual(['pending', 'authorized', 'succeeded']);
  });

  it('is the same in whatever order the events came', () => {
    fc.assert(
      fc.property(
        fc
          .array(someEvent, { maxLength: 12 })
          .chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))),
        ([events, shuffled]) => {
          expect(paymentStateOf(shuffled)).toEqual(paymentStateOf(events));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is the same however often events are repeated', () => {
    fc.assert(
      fc.property(fc.array(someEvent, { maxLength: 8 }), (events) => {
        expect(paymentStateOf([...events, ...events])).toEqual(paymentStateOf(events));
      }),
    );
  });

  it('counts a payment once when Square repeats COMPLETED under new event ids', () => {
    const state = paymentStateOf([
      event('payment.succeeded'),
      event('payment.succeeded'),
      event('payment.succeeded', { amountMinor: 2500 }),
    ]);
    expect(state.status).toBe('succeeded');
    expect(usd(state)?.succeededMinor).toBe(2500n);
  });

  it('lets a retried payment succeed after it failed, and not fail after it succeeded', () => {
    expect(paymentStateOf([event('payment.failed'), event('payment.pending')]).status).toBe('pending');
    expect(paymentStateOf([event('payment.failed'), event('payment.succeeded')]).status).toBe('succeeded');
    expect(paymentStateOf([event('payment.succeeded'), event('payment.failed')]).status).toBe('succeeded');
  });

  it('orders events of one instant by what can follow what, and not by their ids', () => {
    const last = (first: Kind, second: Kind) =>
      paymentStateOf([
        event('payment.succeeded', { at: 1 }),
        event(first, { objectId: 're_1', at: 2, eventId: 'b' }),
        event(second, { objectId: 're_1', at: 2, eventId: 'a' }),
      ]);
    expect(last('refund.succeeded', 'refund.failed').status).toBe('succeeded');
    expect(last('dispute.won', 'dispute.lost').dispute).toBe('lost');
    expect(
      paymentStateOf([event('payment.pending', { at: 1, eventId: 'b' }), event('payment.authorized', { at: 1, eventId: 'a' })]).status,
    ).toBe('authorized');
    expect(
      paymentStateOf([event('payment.succeeded', { at: 1, eventId: 'a' }), event('payment.pending', { at: 1, eventId: 'b' })]).status,
    ).toBe('succeeded');
  });

  it('does not take a late pending for news', () => {
    expect(paymentStateOf([event('payment.succeeded', { at: 1 }), event('payment.pending', { at: 9 })]).status).toBe('succeeded');
  });

  it('adds partial refunds by object until all is refunded', () => {
    const paid = event('payment.succeeded');
    const first = event('refund.succeeded', { objectId: 're_1', amountMinor: 500 });
    const again = event('refund.succeeded', { objectId: 're_1', amountMinor: 500 });
    const second = event('refund.succeeded', { objectId: 're_2', amountMinor: 1500 });
    expect(usd(paymentStateOf([paid, first, again]))?.refundedMinor).toBe(500n);
    expect(paymentStateOf([paid, first, again]).status).toBe('partially_refunded');
    expect(paymentStateOf([paid, first, again, second]).status).toBe('refunded');
  });

  it('takes a refund back that failed after it succeeded', () => {
    const refund = { objectId: 're_1', amountMinor: 2000 };
    const state = paymentStateOf([event('payment.succeeded'), event('refund.succeeded', refund), event('refund.failed', refund)]);
    expect(state.status).toBe('succeeded');
    expect(usd(state)?.refundedMinor).toBe(0n);
  });

  it('counts a pending refund apart', () => {
    const state = paymentStateOf([event('payment.succeeded'), event('refund.pending', { objectId: 're_1', amountMinor: 700 })]);
    expect(state.status).toBe('succeeded');
    expect(usd(state)).toMatchObject({ refundPendingMinor: 700n, refundedMinor: 0n });
  });

  it('calls a refund partial while the payment itself has not been seen', () => {
    expect(paymentStateOf([event('refund.succeeded', { objectId: 're_1' })]).status).toBe('partially_refunded');
  });

  it('keeps currencies apart', () => {
    const state = paymentStateOf([
      event('payment.succeeded'),
      event('refund.succeeded', { objectId: 're_1', amountMinor: 2000, currency: 'JPY' }),
    ]);
    expect(state.status).toBe('partially_refunded');
    expect(state.amounts.map(({ currency }) => currency)).toEqual(['JPY', 'USD']);
  });

  it.each([
    [['dispute.opened'], 'open'],
    [['dispute.opened', 'dispute.updated'], 'open'],
    [['dispute.opened', 'dispute.won', 'dispute.updated'], 'won'],
    [['dispute.opened', 'dispute.closed'], 'closed'],
    [['dispute.won', 'dispute.lost'], 'lost'],
  ] as const)('after %p has the dispute %s', (story, dispute) => {
    const events = story.map((kind) => event(kind, { objectId: 'dp_1' }));
    expect(paymentStateOf([event('payment.succeeded'), ...events])).toMatchObject({ status: 'succeeded', dispute });
  });

  it('states the worst of several disputes and what was lost', () => {
    const state = paymentStateOf([
      event('dispute.won', { objectId: 'dp_1' }),
      event('dispute.lost', { objectId: 'dp_2', amountMinor: 900 }),
    ]);
    expect(state.dispute).toBe('lost');
    expect(usd(state)).toMatchObject({ lostMinor: 900n, disputedMinor: 0n });
  });

  it('takes back a payout that failed after it was paid', () => {
    expect(usd(paymentStateOf([event('payout.paid', { objectId: 'po_1' })]))?.paidOutMinor).toBe(2000n);
    expect(paymentStateOf([event('payout.paid', { objectId: 'po_1' }), event('payout.failed', { objectId: 'po_1' })]).amounts).toEqual([]);
  });

  it('moves no money for other events, but counts their time', () => {
    const state = paymentStateOf([event('payment.succeeded', { at: 1 }), event('other', { at: 5, amountMinor: 9999 })]);
    expect(usd(state)?.succeededMinor).toBe(2000n);
    expect(state.lastEventAt).toBe(instant(5));
  });

  it('has no sums for events without money', () => {
    expect(paymentStateOf([event('payment.succeeded', { amountMinor: null, currency: null })])).toMatchObject({
      status: 'succeeded',
      amounts: [],
    });
  });
});
