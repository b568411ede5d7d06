import { describe, expect, it } from '@jest/globals';
import type { EventRecord, PutOutcome, StoredEvent } from '../../../../functions/shared/domain/ports';
import { storeEvent } from '../../../../functions/shared/domain/store-event';
import { archiveObjectOf } from '../../../../functions/shared/domain/webhook-archive';
import { anEventRecord, aStoredEvent } from '../../../support/builders';

const body = Buffer.from('{"id":"evt_1"}');
const inRow = 300 * 1024;

interface Answers {
  readonly put?: PutOutcome;
  readonly get?: StoredEvent;
  readonly versionId?: string;
}

/** Stores that answer the same each time and remember what they were asked. */
function stores({ put = { outcome: 'stored' }, get, versionId }: Answers = {}) {
  const calls: unknown[] = [];
  return {
    calls,
    store: {
      put: (record: EventRecord) => {
        calls.push(['put', record]);
        return Promise.resolve(put);
      },
      get: (paymentId: string, eventKey: string) => {
        calls.push(['get', paymentId, eventKey]);
        return Promise.resolve(get);
      },
    },
    archive: {
      put: (object: unknown) => {
        calls.push(['archive', object]);
        return Promise.resolve(versionId === undefined ? {} : { versionId });
      },
    },
  };
}

function recordOf(bytes: number): EventRecord {
  return anEventRecord({ fingerprint: 'mine', bodyGzip: Buffer.alloc(bytes) });
}

describe('storeEvent', () => {
  it.each([1, inRow])('writes a body of %d compressed bytes with the row, in one write', async (bytes) => {
    const world = stores();
    const record = recordOf(bytes);
    expect(await storeEvent(world, record, body)).toBe('stored');
    expect(world.calls).toEqual([['put', record]]);
  });

  it('writes a row without a body as it is', async () => {
    const world = stores();
    const { bodyGzip, ...record } = recordOf(1);
    expect(bodyGzip).toHaveLength(1);
    expect(await storeEvent(world, record, body)).toBe('stored');
    expect(world.calls).toEqual([['put', record]]);
  });

  it.each([
    ['version-1', { archiveVersionId: 'version-1' }],
    [undefined, {}],
  ])('archives a larger body before the row that points at it, version %s', async (versionId, pointer) => {
    const world = stores(versionId === undefined ? {} : { versionId });
    const record = recordOf(inRow + 1);
    const { bodyGzip, ...row } = record;
    expect(bodyGzip).toHaveLength(inRow + 1);
    expect(await storeEvent(world, record, body)).toBe('stored');
    expect(world.calls).toEqual([
      ['get', record.event.paymentId, record.eventKey],
      ['archive', archiveObjectOf(record, body)],
      ['put', { ...row, ...pointer }],
    ]);
  });

  it.each([
    ['mine', 'duplicate'],
    ['another', 'conflict'],
  ] as const)('says of a row that is there, with the fingerprint %s, that the event is a %s', async (fingerprint, outcome) => {
    expect(await storeEvent(stores({ put: { outcome: 'duplicate', fingerprint } }), recordOf(1), body)).toBe(outcome);
    const large = stores({ get: aStoredEvent({ fingerprint }) });
    expect(await storeEvent(large, recordOf(inRow + 1), body)).toBe(outcome);
    expect(large.calls).toHaveLength(1);
  });
});
