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

/** Minutes past a passing outage, and still soon enough for a dead letter's alarm: five receives take 72 minutes. */
const delaysSeconds = [30, 120, 600];
const longestDelaySeconds = 3600;

/** A queue that a function reads, with its dead letters. */
export class WorkQueue extends EncryptedQueue {
  readonly deadLetters: DeadLetterQueue;
  /** Seconds between a message's receives, for its function's RETRY_DELAYS_SECONDS: one fewer than receives. */
  readonly retryDelaysSeconds: string;

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
    this.retryDelaysSeconds = Array.from({ length: maxReceiveCount - 1 }, (_, index) => delaysSeconds[index] ?? longestDelaySeconds).join(
      ',',
    );
    deadLetters.allowRedriveFrom(this.arn);
  }
}
