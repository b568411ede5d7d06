import { QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { bucketsPerDay, providerBucketOf } from '../../functions/shared/aws/event-row';
import { providerNames } from '../../functions/shared/providers';
import type { Target } from './target';
import { daysBackwards } from './times';

/** Where a row is, and when its event happened (milliseconds since the epoch). */
export interface RowKey {
  readonly paymentId: string;
  readonly eventKey: string;
  readonly timestamp: number;
}

/** Providers and times to look at; times are those of the event itself (`occurredAt`), as the index has them. */
export interface Window {
  readonly providers: readonly string[];
  readonly since: number;
  readonly until: number;
}

/** One provider, or all of them. */
export function providersOf(provider: string | undefined): readonly string[] {
  return provider === undefined ? providerNames : [provider];
}

type Source = Pick<Target, 'dynamodb' | 'names'>;
const queriesAtOnce = 16;

/** Keys of all events in the window, the newest first. Reads on only as far as it is asked to. */
export async function* newestFirst(source: Source, window: Window, pageSize: number): AsyncGenerator<RowKey> {
  for (const day of daysBackwards(window.since, window.until)) {
    const partitions = window.providers.flatMap((provider) =>
      Array.from({ length: bucketsPerDay }, (_, bucket) => `${provider}#${day}#${bucket}`),
    );
    yield* merged(partitions.map((partition) => partitionKeys(source, partition, window, { pageSize })));
  }
}

/**
 * Rows whose event id, or whole dedupe id, this is. The id decides the partition within a day, so each day of each provider is one
 * paged query of the keys alone: no scan, and half a read unit for a day without traffic.
 */
export async function findByEventId(source: Source, id: string, window: Window): Promise<RowKey[]> {
  const text = id.replace(/^event#/, '');
  for (const days of groupsOf(daysBackwards(window.since, window.until), Math.ceil(queriesAtOnce / window.providers.length))) {
    const found = await Promise.all(
      days.flatMap((day) => window.providers.map((provider) => keysOfDay(source, provider, day, text, window))),
    );
    if (found.some((keys) => keys.length > 0)) return found.flat();
  }
  return [];
}

async function keysOfDay(source: Source, provider: string, day: string, id: string, window: Window): Promise<RowKey[]> {
  // PayPal's dedupe id is `<event id>|<event type>`, and the event id alone decides the partition.
  const bar = id.lastIndexOf('|');
  const ids = bar > 0 ? [id, id.slice(0, bar)] : [id];
  const partitions = new Set(ids.map((one) => providerBucketOf(provider, day, one)));
  const keys: RowKey[] = [];
  for (const partition of partitions) {
    for await (const key of partitionKeys(source, partition, window, { id })) keys.push(key);
  }
  return keys;
}

interface PartitionOptions {
  readonly pageSize?: number;
  readonly id?: string;
}

async function* partitionKeys(
  source: Source,
  partition: string,
  window: Window,
  { pageSize, id }: PartitionOptions,
): AsyncGenerator<RowKey> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await source.dynamodb.send(
      new QueryCommand({
        TableName: source.names.table,
        IndexName: 'ProviderTimestampIndex',
        KeyConditionExpression: 'providerBucket = :partition AND #timestamp BETWEEN :since AND :until',
        ExpressionAttributeNames: { '#timestamp': 'timestamp' },
        ExpressionAttributeValues: {
          ':partition': { S: partition },
          ':since': { N: String(window.since) },
          ':until': { N: String(window.until) },
          ...(id === undefined ? {} : { ':key': { S: `event#${id}` }, ':typed': { S: `event#${id}|` } }),
        },
        ...(id === undefined ? {} : { FilterExpression: 'eventKey = :key OR begins_with(eventKey, :typed)' }),
        ...(pageSize === undefined ? {} : { Limit: pageSize }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        ScanIndexForward: false,
      }),
    );
    for (const item of page.Items ?? []) {
      yield {
        paymentId: item['paymentId']?.S ?? '',
        eventKey: item['eventKey']?.S ?? '',
        timestamp: Number(item['timestamp']?.N),
      };
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Merges sequences that are each newest first. */
async function* merged(sequences: readonly AsyncGenerator<RowKey>[]): AsyncGenerator<RowKey> {
  const heads = await Promise.all(
    sequences.map(async (sequence) => {
      const first = await sequence.next();
      return { sequence, key: first.done === true ? undefined : first.value };
    }),
  );
  for (;;) {
    let newest: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.key !== undefined && (newest?.key === undefined || head.key.timestamp > newest.key.timestamp)) newest = head;
    }
    if (newest?.key === undefined) return;
    yield newest.key;
    const next = await newest.sequence.next();
    newest.key = next.done === true ? undefined : next.value;
  }
}

export function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
