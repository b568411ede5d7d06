import type { EventRecord, EventStore, WebhookArchive } from './ports';
import { archiveObjectOf } from './webhook-archive';

/** What became of an event that was to be stored: `conflict` is a duplicate with other content than what is stored. */
export type StoreOutcome = 'stored' | 'duplicate' | 'conflict';

interface Stores {
  readonly store: Pick<EventStore, 'put' | 'get'>;
  readonly archive: WebhookArchive;
}

/** Compressed bytes that still go into the row: DynamoDB takes 400 KB with everything else. */
const maxBodyInRowBytes = 300 * 1024;

/**
 * The commit of a new event, webhook or not. A body that fits goes with the row in one write; one that does not is archived before the
 * row may point at it. Throws Unavailable when it cannot tell whether the row is stored.
 */
export async function storeEvent(stores: Stores, record: EventRecord, body: Uint8Array): Promise<StoreOutcome> {
  const { bodyGzip, ...withoutBody } = record;
  if (bodyGzip === undefined || bodyGzip.byteLength <= maxBodyInRowBytes) return outcomeOf(stores, record, record);
  const stored = await stores.store.get(record.event.paymentId, record.eventKey);
  if (stored !== undefined) return comparedWith(record, stored.fingerprint);
  const { versionId } = await stores.archive.put(archiveObjectOf(record, body));
  return outcomeOf(stores, record, versionId === undefined ? withoutBody : { ...withoutBody, archiveVersionId: versionId });
}

async function outcomeOf({ store }: Stores, record: EventRecord, row: EventRecord): Promise<StoreOutcome> {
  const put = await store.put(row);
  return put.outcome === 'stored' ? 'stored' : comparedWith(record, put.fingerprint);
}

function comparedWith(record: EventRecord, fingerprint: string): StoreOutcome {
  return fingerprint === record.fingerprint ? 'duplicate' : 'conflict';
}
