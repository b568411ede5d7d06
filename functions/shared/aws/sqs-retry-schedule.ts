import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { FailedMessage, RetrySchedule } from '../domain/ports';

/** For what only a person can mend: the sooner it is a dead letter, the sooner somebody is told. */
const atOnceSeconds = 1;

/**
 * When failed messages of a queue are seen again: after its n-th receive a message waits the n-th of `delaysSeconds`, and a second
 * once those are used up, or when it can never succeed. The queue's own visibility timeout is six times the function's, as Lambda
 * asks for: half an hour for a fault that lasts a second.
 */
export function sqsRetrySchedule(client: Pick<SQSClient, 'send'>, queueUrl: string, delaysSeconds: readonly number[]): RetrySchedule {
  const delayAfter = ({ receiveCount, mayRecover }: FailedMessage): number =>
    (mayRecover ? delaysSeconds[receiveCount - 1] : undefined) ?? atOnceSeconds;

  return {
    async postpone(messages) {
      const { Failed: failed = [] } = await client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.map((message, index) => ({
            Id: String(index),
            ReceiptHandle: message.receiptHandle,
            VisibilityTimeout: delayAfter(message),
          })),
        }),
      );
      if (failed.length > 0) throw new Error(`messages not postponed: ${failed.map(({ Code: code }) => code ?? 'unknown').join(', ')}`);
    },
  };
}
