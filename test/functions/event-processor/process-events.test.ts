import { beforeEach, describe, expect, it } from '@jest/globals';
import { processEvents } from '../../../functions/event-processor/process-events';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import type { Message } from '../../../functions/shared/runtime/batch';
import type { ProcessingMessage } from '../../../functions/shared/domain/ports';
import { aPaymentEvent, aProcessingMessage, aReplay, aStoredEvent } from '../../support/builders';
import { World, killPoints, rowKey } from '../../support/fakes';

let world: World;
beforeEach(() => {
  world = new World();
  world.now += 250;
});

/** A message, and its row in the table. */
function message(index: number, overrides: Partial<PaymentEvent> = {}, traceHeader?: string): Message<ProcessingMessage> {
  const event = aPaymentEvent({ eventId: `evt_${index}`, paymentId: `stripe:pi_${index}`, ...overrides });
  const stored = aStoredEvent({ event });
  world.rows.set(rowKey(event.paymentId, stored.eventKey), stored);
  return { id: `message-${index}`, value: aProcessingMessage({ event, ...(traceHeader === undefined ? {} : { traceHeader }) }) };
}

const messages = (count: number) => Array.from({ length: count }, (_, index) => message(index));
const process = (...batch: readonly Message<ProcessingMessage>[]) => processEvents(world, batch);
const statusOf = (index: number) => world.rows.get(rowKey(`stripe:pi_${index}`, `event#evt_${index}`))?.status;

describe('an event', () => {
  it('is published with all that consumers need, then its row is marked and its body dropped', async () => {
    expect(await process(message(1, {}, 'Root=1-a'))).toEqual([]);
    expect(world.calls).toEqual(['settings.highValueThresholds', 'bus.publish', 'store.markProcessed']);
    const event = aPaymentEvent({ paymentId: 'stripe:pi_1' });
    const processedAt = '2026-11-05T10:00:00.250Z';
    expect(world.published).toEqual([
      {
        detailType: 'Payment Processed',
        detail: {
          ...event,
          valueBand: 'standard',
          eventKey: 'event#evt_1',
          archiveKey: 'webhooks/2026-11-05/stripe/evt_1.json',
          correlationId: 'request-1',
          processedAt,
        },
        time: processedAt,
        traceHeader: 'Root=1-a',
      },
    ]);
    const row = world.rows.get(rowKey('stripe:pi_1', 'event#evt_1'));
    expect(row).toMatchObject({ status: 'processed', processedAt });
    expect(row).not.toHaveProperty('bodyGzip');
  });

  it.each([
    ['USD', 1_000_000, '10000.00', 'standard'],
    ['USD', 1_000_001, '10000.01', 'high'],
    ['JPY', 1_500_000, '1500000', 'standard'],
    ['JPY', 1_500_001, '1500001', 'high'],
    ['JPY', 12_000, '12000', 'standard'],
  ])('of %s %i minor units has the value band of its currency', async (currency, amountMinor, amount, valueBand) => {
    world.thresholds = { default: '10000', JPY: '1500000' };
    await process(message(1, { currency, amountMinor, amount }));
    expect(world.published).toMatchObject([{ detail: { valueBand } }]);
    expect(world.line('event published')).toMatchObject({ valueBand });
  });

  it('of an unknown type is published under a detail type of its own', async () => {
    await process(message(1, { kind: 'other', amountMinor: null, amount: null, currency: null }));
    expect(world.published).toMatchObject([{ detailType: 'Provider Event Received', detail: { kind: 'other', valueBand: 'none' } }]);
    expect(world.published[0]).not.toHaveProperty('traceHeader');
  });

  it('is counted by provider and band, with the time since it was received', async () => {
    await process(message(1));
    expect(world.measurements).toEqual([
      { name: 'EventPublished', dimensions: { provider: 'stripe', valueBand: 'standard' }, value: 1 },
      { name: 'EndToEndLatency', dimensions: { provider: 'stripe' }, value: 250 },
    ]);
  });

  it('never has a negative latency, when clocks differ', async () => {
    world.now -= 5000;
    await process(message(1));
    expect(world.measurements).toContainEqual({ name: 'EndToEndLatency', dimensions: { provider: 'stripe' }, value: 0 });
  });
});

describe('a replay', () => {
  const replayed = (index: number): Message<ProcessingMessage> => {
    const { id, value } = message(index);
    return { id, value: { ...value, replay: aReplay() } };
  };

  it('is published as the event was, and says that it is one', async () => {
    expect(await process(replayed(1))).toEqual([]);
    await process(message(1));
    const [again, first] = world.published;
    expect(again?.detail).toEqual({ ...first?.detail, replay: aReplay() });
    expect(first?.detail).not.toHaveProperty('replay');
  });

  it('leaves a row alone that was processed before', async () => {
    const { value } = message(1);
    const processed = aStoredEvent({ event: value.event, status: 'processed', processedAt: '2026-11-01T00:00:00.000Z' });
    world.rows.set(rowKey('stripe:pi_1', 'event#evt_1'), processed);
    expect(await process({ id: 'again', value: { ...value, replay: aReplay() } })).toEqual([]);
    const { bodyGzip, ...withoutBody } = processed;
    expect(bodyGzip).toBeDefined();
    expect(world.rows.get(rowKey('stripe:pi_1', 'event#evt_1'))).toEqual(withoutBody);
  });

  // Found by reading the alarm: replays of a day would have hidden that nothing new was published.
  it('counts neither as an event published nor as one that was late', async () => {
    await process(replayed(1));
    expect(world.measurements).toEqual([{ name: 'EventReplayed', dimensions: { provider: 'stripe', valueBand: 'standard' }, value: 1 }]);
    expect(world.line('event published')).toMatchObject({ eventId: 'evt_1', deliveryId: 'rpl_1' });
  });
});

describe('a batch', () => {
  it('is one call to the bus', async () => {
    expect(await process(...messages(10))).toEqual([]);
    expect(world.calls.filter((call) => call === 'bus.publish')).toHaveLength(1);
  });

  it('of more than ten is cut', async () => {
    expect(await process(...messages(12))).toEqual([]);
    expect(world.published).toHaveLength(12);
  });

  it('fails by the entry when the bus does not take one, whose row stays as it was', async () => {
    world.refuse('bus', 1, 'ThrottlingException');
    expect(await process(...messages(3))).toEqual(['message-1']);
    expect([0, 1, 2].map(statusOf)).toEqual(['processed', 'received', 'processed']);
    expect(world.line('event not published')).toMatchObject({ eventId: 'evt_1', reason: 'ThrottlingException' });
    expect(world.measurements.filter(({ name }) => name === 'EventPublished')).toHaveLength(2);
  });

  it('fails as a whole when the bus is down, and marks nothing', async () => {
    world.fail('bus.publish');
    expect(await process(...messages(2))).toEqual(['message-0', 'message-1']);
    expect([0, 1].map(statusOf)).toEqual(['received', 'received']);
    expect(world.line('events not published')).toEqual({ error: new Error('bus.publish failed'), failed: 2 });
    const reasons = world.lines.filter(({ message }) => message === 'event not published').map(({ fields }) => fields['reason']);
    expect(reasons).toEqual(Array(2).fill('not sent'));
  });

  it('fails by the message whose row is not marked', async () => {
    const batch = messages(3);
    world.rows.delete(rowKey('stripe:pi_2', 'event#evt_2'));
    expect(await process(...batch)).toEqual(['message-2']);
    expect(world.line('row not marked')).toMatchObject({ eventId: 'evt_2', error: new Error('no such row') });
  });

  it('publishes nothing while the thresholds cannot be had', async () => {
    world.fail('settings.highValueThresholds', new Error('the settings are not valid'));
    await expect(process(...messages(2))).rejects.toThrow('the settings are not valid');
    expect(world.published).toEqual([]);
  });

  it('keeps the time of the first processing when it is processed again', async () => {
    const [first] = messages(1);
    if (first === undefined) throw new Error();
    await process(first);
    world.now += 60_000;
    await process(first);
    expect(world.rows.get(rowKey('stripe:pi_0', 'event#evt_0'))?.processedAt).toBe('2026-11-05T10:00:00.250Z');
  });
});

describe('killed at any point, the processor loses nothing: the queue hands over what was not done', () => {
  it.each(killPoints('settings.highValueThresholds', 'bus.publish', 'store.markProcessed'))('killed %s', async (point) => {
    const batch = messages(3);
    world.killAt(point);
    await process(...batch).catch(() => undefined);
    expect(world.revive()).toBe(true);
    // A row that is marked was published.
    const published = new Set(world.published.map(({ detail }) => detail['eventId']));
    for (const row of world.rows.values()) if (row.status === 'processed') expect(published).toContain(row.event.eventId);

    expect(await process(...batch)).toEqual([]);
    expect(new Set(world.published.map(({ detail }) => detail['eventId']))).toEqual(new Set(['evt_0', 'evt_1', 'evt_2']));
    expect([0, 1, 2].map(statusOf)).toEqual(['processed', 'processed', 'processed']);
  });

  it('these are all the points', async () => {
    await process(...messages(1));
    expect(world.calls).toEqual(['settings.highValueThresholds', 'bus.publish', 'store.markProcessed']);
  });
});
