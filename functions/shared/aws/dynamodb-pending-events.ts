import { ConditionalCheckFailedException, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PendingEvents } from '../domain/ports';
import { pendingBuckets } from './event-row';
import { asUnavailable } from './transient';

/** What one call reads of each partition at most. */
const rowsPerPartition = 32;

/** The rows of PendingIndex, which holds those alone that are not published. Throws Unavailable('store_unavailable') when the table throttles. */
export function dynamodbPendingEvents(client: Pick<DynamoDBClient, 'send'>, tableName: string): PendingEvents {
  const dueIn = async (partition: number, now: number) => {
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: 'PendingIndex',
        KeyConditionExpression: 'pendingBucket = :partition AND dueAtMs <= :now',
        ExpressionAttributeValues: { ':partition': { S: `pending#${partition}` }, ':now': { N: String(now) } },
        Limit: rowsPerPartition,
      }),
    );
    return items.map(({ paymentId, eventKey }) => ({ paymentId: paymentId?.S ?? '', eventKey: eventKey?.S ?? '' }));
  };

  return {
    async due(now) {
      const partitions = Array.from({ length: pendingBuckets }, (_, partition) => dueIn(partition, now));
      const keys = await Promise.all(partitions).catch((error: unknown) => {
        throw asUnavailable('store_unavailable', error);
      });
      return keys.flat();
    },

    async postpone(paymentId, eventKey, dueAt) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: { paymentId: { S: paymentId }, eventKey: { S: eventKey } },
            // Once it is published, or gone, there is nothing to put off.
            ConditionExpression: 'attribute_exists(pendingBucket)',
            UpdateExpression: 'SET dueAtMs = :dueAt ADD sweeps :one',
            ExpressionAttributeValues: { ':dueAt': { N: String(dueAt) }, ':one': { N: '1' } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw asUnavailable('store_unavailable', error);
      }
    },
  };
}
