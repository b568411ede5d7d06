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
  readonly reason: string;
  readonly objectId: string;
  readonly claimedUntil: string;
  readonly sentAt?: string | undefined;
  readonly messageId?: string | undefined;
}

/** All rows of one payment: its events and its alerts, in the order of their keys. */
export interface PaymentRows {
  readonly events: readonly StoredEvent[];
  readonly alerts: readonly AlertRow[];
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
  return {
    events: items.filter((item) => item['eventKey']?.S?.startsWith('event#') === true).map(eventOf),
    alerts: items.filter((item) => item['eventKey']?.S?.startsWith('alert#') === true).map(alertOf),
  };
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
  const { eventKey, ...rest } = read.output;
  const [, reason = '', ...objectId] = eventKey.split('#');
  return { reason, objectId: objectId.join('#'), ...rest };
}

function eventOf(item: Item): StoredEvent {
  const read = storedEventOf(plainOf(item));
  if (read.ok) return read.value;
  throw new OpsFailure(`the row ${item['eventKey']?.S ?? ''} of ${item['paymentId']?.S ?? ''} is not readable: ${read.problem}`);
}

function nameOf(paymentId: string, eventKey: string): string {
  return JSON.stringify([paymentId, eventKey]);
}
