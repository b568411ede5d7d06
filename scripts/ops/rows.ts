import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetItemCommand, QueryCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { plainOf } from '../../functions/shared/aws/attributes';
import { storedEventOf } from '../../functions/shared/aws/event-row';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { groupsOf } from './event-index';
import { OpsFailure } from './failure';
import type { Target } from './target';

type Item = Record<string, AttributeValue>;
type Source = Pick<Target, 'dynamodb' | 'names'>;

/** An alert that was sent or is being sent. */
export interface AlertRow {
  readonly eventKey: string;
  readonly reason: string;
  /** Of the replay that sent it again. */
  readonly deliveryId?: string | undefined;
  readonly objectId: string;
  readonly claimedUntil: string;
  readonly sentAt?: string | undefined;
  readonly messageId?: string | undefined;
}

/** An event that somebody had sent again. */
export interface ReplayRow {
  readonly eventKey: string;
  readonly deliveryId: string;
  readonly replayOf: string;
  readonly replayedEvent: string;
  readonly to: string;
  readonly reason: string;
  readonly realert: boolean;
  readonly runId: string;
  readonly requestedAt: string;
  readonly requestedBy: string;
  readonly sentAt?: string | undefined;
}

/** The proof of an erasure; nothing in it names the customer. */
export interface ErasureRow {
  readonly erasureId: string;
  readonly customerSha256: string;
  /** Null: at every provider. */
  readonly provider: string | null;
  readonly reason: string;
  readonly startedAt: string;
  readonly startedBy: string;
  readonly events: number;
  readonly objectVersions: number;
  readonly messages: number;
  /** Undefined while something is left to do. */
  readonly finishedAt?: string | undefined;
}

/** All rows of one payment: its events, its alerts and its replays, in the order of their keys. */
export interface PaymentRows {
  readonly events: readonly StoredEvent[];
  readonly alerts: readonly AlertRow[];
  readonly replays: readonly ReplayRow[];
}

const batchSize = 100;

/** Reads rows by their keys, in the order of the keys; one that is gone is left out. */
export async function readEvents(
  { dynamodb, names }: Source,
  keys: readonly { readonly paymentId: string; readonly eventKey: string }[],
): Promise<StoredEvent[]> {
  const found = new Map<string, StoredEvent>();
  for (const group of groupsOf(keys, batchSize)) {
    let left: Item[] = group.map(({ paymentId, eventKey }) => ({ paymentId: { S: paymentId }, eventKey: { S: eventKey } }));
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt > 0) await sleep(Math.min(5000, 50 * 2 ** attempt));
      if (attempt > 10) throw new OpsFailure('the table throttles: try again later');
      const answer = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [names.table]: { Keys: left } } }));
      for (const item of answer.Responses?.[names.table] ?? []) {
        const event = eventOf(item);
        found.set(nameOf(event.event.paymentId, event.eventKey), event);
      }
      left = answer.UnprocessedKeys?.[names.table]?.Keys ?? [];
    }
  }
  return keys.flatMap(({ paymentId, eventKey }) => found.get(nameOf(paymentId, eventKey)) ?? []);
}

/** Everything about one payment, read consistently. */
export async function readPayment({ dynamodb, names }: Source, paymentId: string): Promise<PaymentRows> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await dynamodb.send(
      new QueryCommand({
        TableName: names.table,
        KeyConditionExpression: 'paymentId = :id',
        ExpressionAttributeValues: { ':id': { S: paymentId } },
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  const ofKind = (kind: string): Item[] => items.filter((item) => item['eventKey']?.S?.startsWith(`${kind}#`) === true);
  return { events: ofKind('event').map(eventOf), alerts: ofKind('alert').map(alertOf), replays: ofKind('replay').map(replayOf) };
}

const alertSchema = v.object({
  eventKey: v.string(),
  claimedUntil: v.string(),
  sentAt: v.optional(v.string()),
  messageId: v.optional(v.string()),
});

function alertOf(item: Item): AlertRow {
  const read = v.safeParse(alertSchema, plainOf(item));
  if (!read.success) throw new OpsFailure(`the alert row ${item['eventKey']?.S ?? ''} of ${item['paymentId']?.S ?? ''} is not readable`);
  const [, named = '', ...objectId] = read.output.eventKey.split('#');
  const [reason = '', deliveryId] = named.split('@');
  return { reason, objectId: objectId.join('#'), deliveryId, ...read.output };
}

const replaySchema = v.object({
  eventKey: v.string(),
  replayOf: v.string(),
  replayedEvent: v.string(),
  to: v.string(),
  reason: v.string(),
  realert: v.boolean(),
  runId: v.string(),
  requestedAt: v.string(),
  requestedBy: v.string(),
  sentAt: v.optional(v.string()),
});

function replayOf(item: Item): ReplayRow {
  const read = v.safeParse(replaySchema, plainOf(item));
  if (!read.success) throw new OpsFailure(`the replay row ${item['eventKey']?.S ?? ''} of ${item['paymentId']?.S ?? ''} is not readable`);
  return { deliveryId: read.output.eventKey.slice('replay#'.length), ...read.output };
}

const erasureSchema = v.object({
  eventKey: v.string(),
  customerSha256: v.string(),
  provider: v.nullable(v.string()),
  reason: v.string(),
  startedAt: v.string(),
  startedBy: v.string(),
  events: v.number(),
  objectVersions: v.number(),
  messages: v.number(),
  finishedAt: v.optional(v.string()),
});

/** Reads the row of an erasure. */
export function erasureOf(item: Item): ErasureRow {
  const read = v.safeParse(erasureSchema, plainOf(item));
  if (!read.success) throw new OpsFailure(`the row ${item['eventKey']?.S ?? ''} is not readable`);
  const { eventKey, ...rest } = read.output;
  return { erasureId: eventKey.slice('erasure#'.length), ...rest };
}

/** Reads an event's row. */
export function eventOf(item: Item): StoredEvent {
  const read = storedEventOf(plainOf(item));
  if (read.ok) return read.value;
  throw new OpsFailure(`the row ${item['eventKey']?.S ?? ''} of ${item['paymentId']?.S ?? ''} is not readable: ${read.problem}`);
}

function nameOf(paymentId: string, eventKey: string): string {
  return JSON.stringify([paymentId, eventKey]);
}
