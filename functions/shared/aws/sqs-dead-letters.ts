import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../domain/ports';

/** A queue for records that can never succeed; its alarm tells a person. */
export function sqsDeadLetters(client: Pick<SQSClient, 'send'>, queueUrl: string): DeadLetters {
  return {
    async send(letter) {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(letter) }));
    },
  };
}
