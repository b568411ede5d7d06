import { beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { relayEvents } from '../../../functions/event-relay/relay-events';
import type { Change } from '../../../functions/event-relay/relay-events';
import type { StoredEvent } from '../../../functions/shared/domain/ports';
import { aPaymentEvent, aStoredEvent } from '../../support/builders';
import { World, killPoints } from '../../support/fakes';

let world: World;
beforeEach(() => {
  world = new World();
});

function storedEvent(index: number): StoredEvent {
  return aStoredEvent({ event: aPaymentEvent({ eventId: `evt_${index}`, paymentId: `stripe:pi_${index}` }) });
}

function changeOf(index: number, stored: StoredEvent = storedEvent(index)): Change {
  return {
    sequenceNumber: String(100 + index),
    inserted: true,
    keys: { paymentId: stored.event.paymentId, eventKey: stored.eventKey },
    row: () => ({ ok: true, value: stored }),
  };
}

function changes(count: number): Change[] {
  return Array.from({ length: count }, (_, index) => changeOf(index));
}

const relay = (...batch: readonly Change[]) => relayEvents(world, batch);
const enqueuedIds = () => world.enqueued.map(({ event }) => event.eventId);
const bodyText = (key: string) => world.archived.get(key)?.map(({ body }) => Buffer.from(body).toString('utf8'));

describe('a new event', () => {
  it('is archived as it was received, then enqueued without its body', async () => {
    const stored = aStoredEvent({ traceHeader: 'Root=1-a' }, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(await relay(changeOf(1, stored))).toEqual([]);
    expect(world.calls).toEqual(['archive.put', 'queue.sendBatch']);
    const { event, eventKey, archiveKey, correlationId, bodySha256 } = stored;
    expect(world.archived.get(archiveKey)).toEqual([
      {
        key: archiveKey,
        body: Buffer.from([0x7b, 0xff, 0x7d]),
        sha256: bodySha256,
        contentType: 'application/json',
        metadata: { 'stripe-signature': 't=1,v1=00' },
      },
    ]);
    expect(world.enqueued).toEqual([{ event, eventKey, archiveKey, correlationId, traceHeader: 'Root=1-a' }]);
    expect(world.line('event relayed')).toMatchObject({ correlationId: 'request-1', provider: 'stripe', eventId: 'evt_1', archiveKey });
  });

  it('is archived whole, however large its body', async () => {
    const body = Buffer.alloc(1024 * 1024, 'large body ');
    const stored = aStoredEvent({}, body);
    expect(await relay(changeOf(1, stored))).toEqual([]);
    expect(world.archived.get(stored.archiveKey)?.map((object) => body.equals(object.body))).toEqual([true]);
  });

  it('that was archived before its row was written is enqueued, and not archived again', async () => {
    const { bodyGzip: body, ...stored } = aStoredEvent({ archiveVersionId: 'v1' });
    expect(body).toBeDefined();
    expect(await relay(changeOf(1, stored))).toEqual([]);
    expect(world.archived.size).toBe(0);
    expect(enqueuedIds()).toEqual(['evt_1']);
  });

  it('goes out ten to a call, in the order of the stream', async () => {
    expect(await relay(...changes(23))).toEqual([]);
    expect(world.calls.filter((call) => call === 'queue.sendBatch')).toHaveLength(3);
    expect(enqueuedIds()).toEqual(Array.from({ length: 23 }, (_, index) => `evt_${index}`));
  });

  it('is the only change that is relayed', async () => {
    const alert = { ...changeOf(1), keys: { paymentId: 'stripe:pi_1', eventKey: 'alert#high-value#pi_1' } };
    const marked = { ...changeOf(2), inserted: false };
    const keyless = { ...changeOf(3), keys: {} };
    expect(await relay(alert, marked, keyless)).toEqual([]);
    expect(world.calls).toEqual([]);
  });
});

describe('what fails now', () => {
  it('comes again by its sequence number, and its neighbours go through', async () => {
    let puts = 0;
    const archive = {
      put: (object: Parameters<World['archive']['put']>[0]) => {
        puts += 1;
        return puts === 2 ? Promise.reject(new Error('slow down')) : world.archive.put(object);
      },
    };
    expect(await relayEvents({ ...dependencies(), archive }, changes(3))).toEqual(['101']);
    expect(enqueuedIds()).toEqual(['evt_0', 'evt_2']);
    expect(world.line('event not archived')).toMatchObject({ paymentId: 'stripe:pi_1', error: new Error('slow down') });
  });

  it('is never enqueued without being archived', async () => {
    world.fail('archive.put');
    expect(await relay(...changes(12))).toHaveLength(12);
    expect(world.enqueued).toEqual([]);
  });

  it('comes again when the queue does not take it', async () => {
    world.refuse('queue', 1);
    expect(await relay(...changes(3))).toEqual(['101']);
    expect(enqueuedIds()).toEqual(['evt_0', 'evt_2']);
    expect(world.line('event not enqueued')).toMatchObject({ eventId: 'evt_1', reason: 'InternalFailure' });
  });

  it('comes again, all of it, when the queue is down', async () => {
    world.fail('queue.sendBatch', undefined, 1);
    expect(await relay(...changes(12))).toEqual(Array.from({ length: 10 }, (_, index) => String(100 + index)));
    expect(enqueuedIds()).toEqual(['evt_10', 'evt_11']);
    expect(world.line('events not enqueued')).toEqual({ error: new Error('queue.sendBatch failed'), failed: 10 });
    const reasons = world.lines.filter(({ message }) => message === 'event not enqueued').map(({ fields }) => fields['reason']);
    expect(reasons).toEqual(Array(10).fill('not sent'));
  });
});

describe('what can never succeed', () => {
  const zeros = Buffer.alloc(16 * 1024 * 1024 + 1);
  const gzipBomb = gzipSync(zeros);
  const broken: readonly (readonly [string, Change])[] = [
    ['row not readable: kind', { ...changeOf(1), row: () => ({ ok: false, problem: 'kind' }) }],
    ['body is not gzip', changeOf(1, { ...storedEvent(1), bodyGzip: Buffer.from('oops') })],
    // Sixteen times what the API lets in, out of 17 kB.
    [
      'body is not gzip',
      changeOf(1, { ...storedEvent(1), bodyGzip: gzipBomb, bodySha256: createHash('sha256').update(zeros).digest('hex') }),
    ],
    ['body does not match its SHA-256', changeOf(1, { ...storedEvent(1), bodySha256: '0'.repeat(64) })],
  ];

  it.each(broken)('is set aside with the reason "%s", and holds nobody up', async (reason, change) => {
    expect(await relay(changeOf(0), change, changeOf(2))).toEqual([]);
    expect(world.setAside).toEqual([
      { reason, source: 'event-relay', keys: { paymentId: 'stripe:pi_1', eventKey: 'event#evt_1', sequenceNumber: '101' } },
    ]);
    expect(enqueuedIds()).toEqual(['evt_0', 'evt_2']);
    expect(world.line('event set aside')).toMatchObject({ reason });
  });

  it.each(broken)('comes again when it cannot be set aside (%s)', async (_, change) => {
    world.fail('deadLetters.send');
    expect(await relay(change)).toEqual(['101']);
  });
});

describe('killed at any point, the relay loses nothing: the stream hands over the batch again', () => {
  const archivedFirst: { bodyGzip?: Uint8Array } & StoredEvent = { ...storedEvent(1), archiveVersionId: 'v1' };
  delete archivedFirst.bodyGzip;
  const unreadable: Change = { ...changeOf(2), row: () => ({ ok: false, problem: 'kind' }) };
  const batch = [changeOf(0), changeOf(1, archivedFirst), unreadable, changeOf(3)];

  it.each(killPoints('archive.put', 'deadLetters.send', 'queue.sendBatch'))('killed %s', async (point) => {
    world.killAt(point);
    await relay(...batch);
    expect(world.revive()).toBe(true);
    for (const { archiveKey } of world.enqueued.filter(({ event }) => event.eventId !== 'evt_1'))
      expect(world.archived.has(archiveKey)).toBe(true);

    expect(await relay(...batch)).toEqual([]);
    expect(new Set(enqueuedIds())).toEqual(new Set(['evt_0', 'evt_1', 'evt_3']));
    expect(new Set(world.setAside.map(({ keys }) => keys['sequenceNumber']))).toEqual(new Set(['102']));
    for (const index of [0, 3]) expect(bodyText(storedEvent(index).archiveKey)?.at(-1)).toBe('{"id":"evt_1"}');
  });

  it('these are all the points', async () => {
    await relay(...batch);
    expect(new Set(world.calls)).toEqual(new Set(['archive.put', 'deadLetters.send', 'queue.sendBatch']));
  });
});

function dependencies() {
  const { archive, queue, deadLetters, log } = world;
  return { archive, queue, deadLetters, log };
}
