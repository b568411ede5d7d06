import { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventStore, PutOutcome } from '../domain/ports';
import { Unavailable } from '../domain/unavailable';
import { plainOf } from './attributes';
import { itemOf, storedEventOf } from './event-row';
import { asUnavailable } from './transient';

type Item = Record<string, AttributeValue>;

/** The payments table. Throws Unavailable('store_unavailable') when the table throttles or does not answer. */
export function dynamodbEventStore(client: Pick<DynamoDBClient, 'send'>, tableName: string): EventStore {
  const read = async (paymentId: string, eventKey: string): Promise<Item | undefined> => {
    const key = { paymentId: { S: paymentId }, eventKey: { S: eventKey } };
    const { Item: item } = await orUnavailable(client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true })));
    return item;
  };

  return {
    async put(record) {
      const item = itemOf(record);
      try {
        const condition = {
          ConditionExpression: 'attribute_not_exists(paymentId)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        } as const;
        await orUnavailable(client.send(new PutItemCommand({ TableName: tableName, Item: item, ...condition })));
        return { outcome: 'stored' };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return outcomeOf(error.Item ?? (await read(record.event.paymentId, record.eventKey)), record.correlationId);
      }
    },

    async get(paymentId, eventKey) {
      const item = await read(paymentId, eventKey);
      if (item === undefined) return undefined;
      const stored = storedEventOf(plainOf(item));
      if (!stored.ok) throw new Error(`a row of the table is not readable: ${stored.problem}`);
      return stored.value;
    },

    async markProcessed(paymentId, eventKey, processedAt) {
      await orUnavailable(
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: { paymentId: { S: paymentId }, eventKey: { S: eventKey } },
            ConditionExpression: 'attribute_exists(paymentId)',
            UpdateExpression:
              'SET #status = :processed, processedAt = if_not_exists(processedAt, :now) REMOVE body, pendingBucket, dueAtMs',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':processed': { S: 'processed' }, ':now': { S: processedAt } },
          }),
        ),
      );
    },
  };
}

function outcomeOf(item: Item | undefined, correlationId: string): PutOutcome {
  // Gone between the write and the read: only a new attempt can tell.
  if (item === undefined) throw new Unavailable('store_unavailable', { detail: 'the row that was there is gone' });
  // The SDK's second attempt met what the first one wrote before its answer was lost.
  if (item['correlationId']?.S === correlationId) return { outcome: 'stored' };
  return { outcome: 'duplicate', fingerprint: item['fingerprint']?.S ?? '' };
}

async function orUnavailable<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown) => {
    throw asUnavailable('store_unavailable', error);
  });
}
