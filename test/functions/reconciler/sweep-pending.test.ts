import { beforeEach, describe, expect, it } from '@jest/globals';
import { sweepPending } from '../../../functions/reconciler/sweep-pending';
import { Unavailable } from '../../../functions/shared/domain/unavailable';
import { aPaymentEvent, aStoredEvent } from '../../support/builders';
import { killPoints, rowKey, World } from '../../support/fakes';
import { minute } from './reconciling';

let world: World;
beforeEach(() => {
  world = new World();
});

const hour = 60 * minute;

/** A row that was received so long ago. */
function received(index: number, agoMs: number, overrides: Parameters<typeof aStoredEvent>[0] = {}): void {
  const receivedAt = new Date(world.now - agoMs).toISOString();
  const event = aPaymentEvent({ eventId: `evt_${index}`, paymentId: `stripe:pi_${index}`, receivedAt });
  const stored = aStoredEvent({ event, ...overrides });
  world.rows.set(rowKey(event.paymentId, stored.eventKey), stored);
}

function sweep(overrides: Partial<Parameters<typeof sweepPending>[0]> = {}) {
  const { store, archive, queue, clock, log } = world;
  const leaseUntilMs = world.now + 300_000;
  return sweepPending({
    pending: world.pending,
    store,
    archive,
    queue,
    clock,
    log,
    ledger: world.reconcileLedger,
    correlationId: 'run-1',
    leaseUntilMs,
    ...overrides,
  });
}

const enqueuedIds = () => world.enqueued.map(({ event }) => event.eventId);

describe('an event that was stored and not published', () => {
  it('is archived and enqueued again after 15 minutes, and not before', async () => {
    received(1, 16 * minute);
    received(2, 14 * minute);
    expect(await sweep()).toEqual({ outcome: 'swept', reenqueued: 1, overdue: 0, failed: 0 });
    expect(enqueuedIds()).toEqual(['evt_1']);
    expect(world.calls.filter((call) => /archive|queue/.test(call))).toEqual(['archive.put', 'queue.sendBatch']);
    expect(world.enqueued[0]).not.toHaveProperty('bodyGzip');
  });

  it('is not archived again when its body is not in the row', async () => {
    received(1, hour);
    for (const [key, { bodyGzip, ...row }] of world.rows) if (bodyGzip !== undefined) world.rows.set(key, row);
    await sweep();
    expect([enqueuedIds(), world.archived.size]).toEqual([['evt_1'], 0]);
  });

  it('keeps where it is from', async () => {
    received(1, hour, { source: 'reconciled' });
    await sweep();
    expect(world.enqueued).toMatchObject([{ source: 'reconciled' }]);
  });

  it('waits twice as long each time, up to six hours, and is never given up', async () => {
    received(1, 15 * minute);
    const began = world.now;
    const times: number[] = [];
    while (world.now < began + 14 * 24 * hour) {
      world.enqueued.length = 0;
      await sweep();
      if (world.enqueued.length > 0) times.push((world.now - began) / minute);
      world.now += 15 * minute;
    }
    expect(times.slice(0, 7)).toEqual([0, 15, 45, 105, 225, 465, 825]);
    expect(times.slice(6, 8)).toEqual([825, 1185]);
    expect(times.length).toBeLessThanOrEqual(62);
  });

  it('counts as overdue after a day', async () => {
    received(1, 25 * hour);
    received(2, 23 * hour);
    expect(await sweep()).toMatchObject({ reenqueued: 2, overdue: 1 });
  });

  it('goes ten to a call', async () => {
    for (let index = 0; index < 23; index += 1) received(index, hour);
    expect(await sweep()).toMatchObject({ reenqueued: 23 });
    expect(world.calls.filter((call) => call === 'queue.sendBatch')).toHaveLength(3);
  });
});

describe('what is left alone', () => {
  it('is an event that is published, though the index has it still', async () => {
    received(1, hour, { status: 'processed' });
    const pending = { ...world.pending, due: () => Promise.resolve([{ paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' }]) };
    expect(await sweep({ pending })).toMatchObject({ reenqueued: 0, failed: 0 });
    expect(world.enqueued).toEqual([]);
  });

  it('is everything while another run sweeps', async () => {
    received(1, hour);
    world.leases.set('sweep', { owner: 'another', untilMs: world.now + 1 });
    expect([await sweep(), world.enqueued]).toEqual([{ outcome: 'busy' }, []]);
  });
});

describe('what fails', () => {
  it('is tried again by the next run when the queue does not take it', async () => {
    received(1, hour);
    received(2, hour);
    world.refuse('queue', 0);
    expect(await sweep()).toMatchObject({ reenqueued: 1, failed: 1 });
    world.now += 15 * minute;
    world.enqueued.length = 0;
    await sweep();
    expect(new Set(enqueuedIds())).toEqual(new Set(['evt_1', 'evt_2']));
  });

  it('is not enqueued when it cannot be archived, and holds nobody up', async () => {
    received(1, hour, { bodySha256: '0'.repeat(64) });
    received(2, hour);
    expect(await sweep()).toMatchObject({ reenqueued: 1, failed: 1 });
    expect(enqueuedIds()).toEqual(['evt_2']);
    expect(world.line('event not swept')).toMatchObject({ paymentId: 'stripe:pi_1', error: new Error('body does not match its SHA-256') });
  });

  it('comes again with the next run when the archive is down for a moment', async () => {
    received(1, hour);
    world.fail('archive.put', new Unavailable('archive_unavailable'));
    expect(await sweep()).toMatchObject({ reenqueued: 0, failed: 1 });
    world.heal();
    world.now += 15 * minute;
    expect(await sweep()).toMatchObject({ reenqueued: 1, failed: 0 });
  });

  it.each(killPoints('archive.put', 'queue.sendBatch', 'pending.postpone'))('loses nothing when it is killed %s', async (point) => {
    received(1, hour);
    received(2, hour);
    world.killAt(point);
    await expect(sweep()).rejects.toThrow();
    expect(world.revive()).toBe(true);
    world.now += 40 * minute;
    await sweep({ correlationId: 'run-2' });
    expect(new Set(enqueuedIds())).toEqual(new Set(['evt_1', 'evt_2']));
    for (const { archiveKey } of world.enqueued) expect(world.archived.has(archiveKey)).toBe(true);
  });
});
