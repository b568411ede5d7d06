import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventIndex } from '../domain/ports';
import { providerBucketOf } from './event-row';
import { asUnavailable } from './transient';

/**
 * ProviderTimestampIndex. An event's id and time decide where it is, so that its row is found also under a payment that it would not
 * have today. Follows the table within a second or so. Throws Unavailable('store_unavailable') when the table throttles.
 */
export function dynamodbEventIndex(client: Pick<DynamoDBClient, 'send'>, tableName: string): EventIndex {
  return {
    async has({ provider, eventId, occurredAt }, eventKey) {
      let start: Record<string, AttributeValue> | undefined;
      do {
        const query = new QueryCommand({
          TableName: tableName,
          IndexName: 'ProviderTimestampIndex',
          KeyConditionExpression: 'providerBucket = :partition AND #timestamp = :at',
          FilterExpression: 'eventKey = :key',
          ExpressionAttributeNames: { '#timestamp': 'timestamp' },
          ExpressionAttributeValues: {
            ':partition': { S: providerBucketOf(provider, occurredAt, eventId) },
            ':at': { N: String(Date.parse(occurredAt)) },
            ':key': { S: eventKey },
          },
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        });
        const page = await client.send(query).catch((error: unknown) => {
          throw asUnavailable('store_unavailable', error);
        });
        if ((page.Items ?? []).length > 0) return true;
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return false;
    },
  };
}
