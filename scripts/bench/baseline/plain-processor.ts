/** What a team writes on its first day: one call to the bus and one to the table for each message. It is measured, never deployed. */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

const dynamodb = new DynamoDBClient({});
const eventbridge = new EventBridgeClient({});

export async function handler(event: QueueEvent) {
  for (const record of event.Records) {
    const entry = {
      EventBusName: process.env['EVENT_BUS_NAME'],
      Source: 'payment.processor',
      DetailType: 'Payment Processed',
      Detail: record.body,
    };
    await eventbridge.send(new PutEventsCommand({ Entries: [entry] }));
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env['PAYMENT_TABLE_NAME'],
        Key: { paymentId: { S: record.messageId }, eventKey: { S: `event#${record.messageId}` } },
        UpdateExpression: 'SET #status = :processed',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':processed': { S: 'processed' } },
      }),
    );
  }
  return { batchItemFailures: [] };
}
