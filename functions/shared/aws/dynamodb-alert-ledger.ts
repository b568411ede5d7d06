import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { alertKeyOf } from '../domain/alert';
import type { AlertIdentity, AlertLedger } from '../domain/ports';

/** Rows `alert#…` in the payments table. */
export function dynamodbAlertLedger(client: Pick<DynamoDBClient, 'send'>, tableName: string): AlertLedger {
  return {
    async claim(alert, now, claimedUntil, expiresAt) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: keyOf(alert),
            ConditionExpression: 'attribute_not_exists(sentAt) AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)',
            UpdateExpression: 'SET claimedUntil = :until, expiresAt = :expiresAt',
            ExpressionAttributeValues: { ':now': { S: now }, ':until': { S: claimedUntil }, ':expiresAt': { N: String(expiresAt) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return 'claimed';
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const row = error.Item ?? (await read(client, tableName, alert));
        return row?.['sentAt'] === undefined ? 'held_by_another' : 'already_sent';
      }
    },

    async markSent(alert, sentAt, messageId) {
      await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: keyOf(alert),
          // Without the claim's row there is no expiresAt either, and the row would stay for ever.
          ConditionExpression: 'attribute_exists(claimedUntil)',
          UpdateExpression: 'SET sentAt = :sentAt, messageId = :messageId',
          ExpressionAttributeValues: { ':sentAt': { S: sentAt }, ':messageId': { S: messageId } },
        }),
      );
    },
  };
}

type Item = Record<string, AttributeValue>;

async function read(client: Pick<DynamoDBClient, 'send'>, tableName: string, alert: AlertIdentity): Promise<Item | undefined> {
  const { Item: item } = await client.send(new GetItemCommand({ TableName: tableName, Key: keyOf(alert), ConsistentRead: true }));
  return item;
}

function keyOf({ paymentId, reason, objectId, deliveryId }: AlertIdentity): Item {
  return { paymentId: { S: paymentId }, eventKey: { S: alertKeyOf(reason, objectId, deliveryId) } };
}
