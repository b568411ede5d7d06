import { beforeEach, describe, expect, it } from '@jest/globals';
import { sendAlert } from '../../../functions/notification-handler/send-alert';
import type { Notice } from '../../../functions/notification-handler/send-alert';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import { aPaymentEvent, aReplay, aStoredEvent } from '../../support/builders';
import { World, killPoints, rowKey } from '../../support/fakes';

let world: World;
beforeEach(() => {
  world = new World();
});

/** What the bus tells about an event whose row is in the table. */
function notice(overrides: Partial<PaymentEvent> = {}, valueBand: Notice['valueBand'] = 'high'): Notice {
  const event = aPaymentEvent({ amountMinor: 1_200_000, amount: '12000.00', ...overrides });
  const stored = aStoredEvent({ event });
  world.rows.set(rowKey(event.paymentId, stored.eventKey), stored);
  return { ...event, valueBand, eventKey: stored.eventKey, archiveKey: stored.archiveKey, correlationId: 'request-1' };
}

const send = (told: Notice) => sendAlert({ ...ports(), retentionDays: 90 }, told);

function ports() {
  const { store, ledger, topic, clock, log, meter } = world;
  return { store, ledger, topic, clock, log, meter };
}

describe('an alert', () => {
  it('is claimed, published and marked, once', async () => {
    await send(notice());
    expect(world.calls).toEqual(['store.get', 'ledger.claim', 'topic.publish', 'ledger.markSent']);
    expect(world.alerts).toMatchObject([{ attributes: { reason: 'high-value', provider: 'stripe', valueBand: 'high' } }]);
    expect(world.alertRows.get(rowKey('stripe:pi_1', 'alert#high-value#pi_1'))).toEqual({
      claimedUntil: '2026-11-05T10:01:00.000Z',
      expiresAt: Date.parse('2027-02-03T10:00:00.000Z') / 1000,
      sentAt: '2026-11-05T10:00:00.000Z',
      messageId: 'message-1',
    });
    expect(world.line('alert sent')).toMatchObject({
      alertReason: 'high-value',
      messageId: 'message-1',
      correlationId: 'request-1',
      eventId: 'evt_1',
    });
    expect(world.measurements).toEqual([{ name: 'AlertSent', dimensions: { provider: 'stripe', reason: 'high-value' }, value: 1 }]);
  });

  it('is not sent again for the same notice', async () => {
    await send(notice());
    await send(notice());
    expect(world.alerts).toHaveLength(1);
    expect(world.line('alert skipped')).toMatchObject({ alertReason: 'high-value', why: 'already sent' });
  });

  it('is not sent again for another event of the same payment with the same reason', async () => {
    await send(notice({ eventId: 'evt_1', kind: 'payment.authorized' }));
    await send(notice({ eventId: 'evt_2', kind: 'payment.succeeded' }));
    expect(world.alerts).toHaveLength(1);
  });

  it('is sent for each reason and each object of a payment', async () => {
    await send(notice({ eventId: 'evt_1' }));
    await send(notice({ eventId: 'evt_2', kind: 'dispute.opened', objectId: 'dp_1' }));
    await send(notice({ eventId: 'evt_3', kind: 'dispute.opened', objectId: 'dp_2' }));
    expect(world.alerts.map(({ attributes }) => attributes['reason'])).toEqual(['high-value', 'dispute-opened', 'dispute-opened']);
  });

  it.each([
    ['payment.succeeded', 'standard'],
    ['payment.canceled', 'high'],
    ['other', 'none'],
  ] as const)('is not due for %s of band %s, and the table is not even read', async (kind, valueBand) => {
    await send(notice({ kind }, valueBand));
    expect(world.calls).toEqual([]);
    expect(world.line('alert skipped')).toMatchObject({ why: 'no reason', kind });
  });

  it('is made from the row, not from what the bus said', async () => {
    const told = notice();
    await send({ ...told, amount: '1.00', customerRef: 'somebody else' });
    expect(world.alerts[0]?.text).toContain('USD 12000.00');
    expect(world.alerts[0]?.text).not.toContain('somebody else');
  });
});

describe('a replay', () => {
  it('alerts nobody, also where the first alert was never sent', async () => {
    await send({ ...notice(), replay: aReplay() });
    expect(world.calls).toEqual([]);
    expect(world.line('alert skipped')).toMatchObject({
      alertReason: 'high-value',
      why: 'replay',
      deliveryId: 'rpl_1',
      archiveKey: 'webhooks/2026-11-05/stripe/evt_1.json',
    });
  });

  it('that is to alert again does, once however often it is retried, and leaves the first alert its own row', async () => {
    await send(notice());
    const replay = aReplay({ realert: true });
    await send({ ...notice(), replay });
    await send({ ...notice(), replay });
    await send({ ...notice(), replay: aReplay({ realert: true, deliveryId: 'rpl_2' }) });
    expect(world.alerts).toHaveLength(3);
    expect(world.alerts[1]?.text).toContain('Replay:      rpl_1, 2026-11-06T10:00:00.000Z: consumer was down');
    expect([...world.alertRows.keys()]).toEqual([
      rowKey('stripe:pi_1', 'alert#high-value#pi_1'),
      rowKey('stripe:pi_1', 'alert#high-value@rpl_1#pi_1'),
      rowKey('stripe:pi_1', 'alert#high-value@rpl_2#pi_1'),
    ]);
  });

  it('comes again when its alert could not be sent', async () => {
    const told = { ...notice(), replay: aReplay({ realert: true }) };
    world.fail('topic.publish', undefined, 1);
    await expect(send(told)).rejects.toThrow('topic.publish failed');
    world.now += 60_000;
    await send(told);
    expect(world.alerts).toHaveLength(1);
  });
});

describe('a notice comes again', () => {
  it('when its row is not there', async () => {
    const told = notice();
    world.rows.clear();
    await expect(send(told)).rejects.toThrow('the row of an event on the bus is not there');
    expect(world.alerts).toEqual([]);
  });

  it('when another run holds the claim, until its lease of 60 seconds is over', async () => {
    world.fail('topic.publish', undefined, 1);
    await expect(send(notice())).rejects.toThrow('topic.publish failed');
    world.now += 59_999;
    await expect(send(notice())).rejects.toThrow('another run is sending this alert');
    expect(world.alerts).toEqual([]);
    world.now += 1;
    await send(notice());
    expect(world.alerts).toHaveLength(1);
  });

  it.each(['store.get', 'ledger.claim', 'topic.publish', 'ledger.markSent'])('when %s fails', async (call) => {
    world.fail(call);
    await expect(send(notice())).rejects.toThrow(`${call} failed`);
    expect(world.logged()).not.toContain('alert sent');
  });

  it('and of two at the same time, one publishes', async () => {
    const outcomes = await Promise.allSettled([send(notice()), send(notice())]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(world.alerts).toHaveLength(1);
  });
});

describe('killed at any point, the notifier loses no alert: the queue hands over the notice again', () => {
  const calls = ['store.get', 'ledger.claim', 'topic.publish', 'ledger.markSent'];

  it.each(killPoints(...calls))('killed %s', async (point) => {
    world.killAt(point);
    await expect(send(notice())).rejects.toThrow(point);
    expect(world.revive()).toBe(true);
    const alreadyOut = world.alerts.length;

    // The queue's visibility timeout is longer than the lease.
    world.now += 180_000;
    await send(notice());
    const unmarked = point === 'after topic.publish' || point === 'before ledger.markSent';
    expect(world.alerts).toHaveLength(unmarked ? 2 : 1);
    expect(alreadyOut).toBe(['after topic.publish', 'before ledger.markSent', 'after ledger.markSent'].includes(point) ? 1 : 0);
    expect(world.alertRows.get(rowKey('stripe:pi_1', 'alert#high-value#pi_1'))).toMatchObject({ sentAt: expect.any(String) });

    await send(notice());
    expect(world.alerts).toHaveLength(unmarked ? 2 : 1);
  });

  it('these are all the points', async () => {
    await send(notice());
    expect(world.calls).toEqual(calls);
  });
});
