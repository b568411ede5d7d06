import type { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue';
import { EncryptedQueue, workRetentionSeconds } from './encrypted-queue';

export interface WorkQueueProps {
  /** Name of the queue; its dead letters are `<name>-dead-letters`. */
  readonly name: string;
  readonly keyArn: string;
  /** Timeout of the function that reads the queue. Messages stay invisible six times as long, as Lambda asks for. */
  readonly consumerTimeoutSeconds: number;
  /** How often a message may be received before it becomes a dead letter. */
  readonly maxReceiveCount: number;
}

/** A queue that a function reads, with its dead letters. */
export class WorkQueue extends EncryptedQueue {
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { name, keyArn, consumerTimeoutSeconds, maxReceiveCount }: WorkQueueProps) {
    const deadLetters = new DeadLetterQueue(scope, `${id}-dead-letters`, { name: `${name}-dead-letters`, keyArn });
    super(scope, id, {
      name,
      keyArn,
      settings: {
        messageRetentionSeconds: workRetentionSeconds,
        visibilityTimeoutSeconds: 6 * consumerTimeoutSeconds,
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount }),
      },
    });
    this.deadLetters = deadLetters;
    deadLetters.allowRedriveFrom(this.arn);
  }
}
