import { PublishCommand } from '@aws-sdk/client-sns';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { AlertTopic } from '../domain/ports';

/** The topic for people who watch payments. */
export function snsAlertTopic(client: Pick<SNSClient, 'send'>, topicArn: string): AlertTopic {
  return {
    async publish({ subject, text, attributes }) {
      const named = Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }] as const);
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        Message: text,
        MessageAttributes: Object.fromEntries(named),
      });
      const { MessageId: messageId } = await client.send(command);
      if (messageId === undefined) throw new Error('the topic gave no message id');
      return messageId;
    },
  };
}
