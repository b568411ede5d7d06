import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventIndex, EventRowKey } from '../domain/ports';
import { bucketsPerDay, providerBucketOf } from './event-row';
import { asUnavailable } from './transient';

const dayMs = 86_400_000;

/**
 * ProviderTimestampIndex. An event's id and time decide where it is, so that its row is found also under a payment that it would not
 * have today. Follows the table within a second or so. Throws Unavailable('store_unavailable') when the table throttles.
 */
export function dynamodbEventIndex(client: Pick<DynamoDBClient, 'send'>, tableName: string): EventIndex {
  return {
    async elsewhere({ provider, eventId, occurredAt, paymentId }, eventKey) {
      const keys: EventRowKey[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const query = new QueryCommand({
          TableName: tableName,
          IndexName: 'ProviderTimestampIndex',
          KeyConditionExpression: 'providerBucket = :partition AND #timestamp = :at',
          FilterExpression: 'eventKey = :key AND paymentId <> :payment',
          ExpressionAttributeNames: { '#timestamp': 'timestamp' },
          ExpressionAttributeValues: {
            ':partition': { S: providerBucketOf(provider, occurredAt, eventId) },
            ':at': { N: String(Date.parse(occurredAt)) },
            ':key': { S: eventKey },
            ':payment': { S: paymentId },
          },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const page = await client.send(query).catch((error: unknown) => {
          throw asUnavailable('store_unavailable', error);
        });
        keys.push(...(page.Items ?? []).map(rowKeyOf));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return keys;
    },

    async within(provider, fromMs, untilMs, most) {
      const keys: EventRowKey[] = [];
      for (const day of daysBackwards(fromMs, untilMs)) {
        const buckets = Array.from({ length: bucketsPerDay }, (_, bucket) => `${provider}#${day}#${bucket}`);
        const found = await Promise.all(buckets.map((partition) => newestOf(client, tableName, partition, [fromMs, untilMs - 1], most)));
        keys.push(...found.flat());
        if (keys.length >= most) break;
      }
      return keys.slice(0, most);
    },
  };
}

async function newestOf(
  client: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  partition: string,
  [first, last]: readonly [number, number],
  most: number,
): Promise<readonly EventRowKey[]> {
  const query = new QueryCommand({
    TableName: tableName,
    IndexName: 'ProviderTimestampIndex',
    KeyConditionExpression: 'providerBucket = :partition AND #timestamp BETWEEN :first AND :last',
    ExpressionAttributeNames: { '#timestamp': 'timestamp' },
    ExpressionAttributeValues: { ':partition': { S: partition }, ':first': { N: String(first) }, ':last': { N: String(last) } },
    ScanIndexForward: false,
    Limit: most,
  });
  const { Items: items = [] } = await client.send(query).catch((error: unknown) => {
    throw asUnavailable('store_unavailable', error);
  });
  return items.map(rowKeyOf);
}

function rowKeyOf({ paymentId, eventKey }: Record<string, AttributeValue>): EventRowKey {
  return { paymentId: paymentId?.S ?? '', eventKey: eventKey?.S ?? '' };
}

/** Days in UTC, the last one first. */
function daysBackwards(fromMs: number, untilMs: number): readonly string[] {
  const day = (milliseconds: number): number => Math.floor(milliseconds / dayMs);
  const count = day(untilMs - 1) - day(fromMs) + 1;
  return Array.from({ length: count }, (_, back) => new Date((day(untilMs - 1) - back) * dayMs).toISOString().slice(0, 10));
}
