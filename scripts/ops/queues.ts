import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import type { Names } from '../../stacks/naming';
import { groupsOf } from './event-index';
import type { Session } from './session';
import type { Target } from './target';

/** The queues that functions take messages from; the last is only where alerts are posted to HTTPS endpoints. */
export function workQueues({ processingQueue, notificationQueue, forwardingQueue }: Names): readonly string[] {
  return [processingQueue, notificationQueue, forwardingQueue];
}

export interface QueueCounts {
  readonly arn: string;
  /** Messages that wait. */
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function countsOf({ sqs }: Target, QueueUrl: string): Promise<QueueCounts> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'QueueArn',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const count = (name: keyof typeof Attributes): number => Number(Attributes[name] ?? 0);
  return {
    arn: Attributes['QueueArn'] ?? '',
    waiting: count('ApproximateNumberOfMessages'),
    inFlight: count('ApproximateNumberOfMessagesNotVisible'),
    delayed: count('ApproximateNumberOfMessagesDelayed'),
  };
}

const holdSeconds = 120;

/** Messages of a dead-letter queue that are held while somebody looks at them. Not for a queue that a function reads. */
export class HeldMessages {
  readonly #session: Session;
  readonly #queueUrl: string;
  readonly #seen = new Set<string>();
  readonly #held = new Map<string, string>();

  constructor(session: Session, queueUrl: string) {
    this.#session = session;
    this.#queueUrl = queueUrl;
  }

  /** Up to ten messages that were not seen before; none once the queue has no other. */
  async receive(max: number): Promise<Message[]> {
    const { Messages: messages = [] } = await this.#session.target.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#queueUrl,
        MaxNumberOfMessages: Math.min(10, max),
        VisibilityTimeout: holdSeconds,
        // A short poll asks some of SQS's servers only.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    const fresh = messages.filter(({ MessageId: id = '' }) => !this.#seen.has(id));
    for (const { MessageId: id = '', ReceiptHandle: handle = '' } of messages) {
      this.#seen.add(id);
      this.#held.set(id, handle);
    }
    return fresh;
  }

  async delete({ MessageId: id = '', ReceiptHandle: ReceiptHandle = '' }: Message): Promise<void> {
    await this.#session.target.sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queueUrl, ReceiptHandle }));
    this.#held.delete(id);
  }

  /** Messages that others are working on, which nobody else can look at. */
  async unseen(): Promise<number> {
    const { inFlight } = await countsOf(this.#session.target, this.#queueUrl);
    return Math.max(0, inFlight - this.#held.size);
  }

  /** Lets everybody see again what was not deleted. */
  async release(): Promise<void> {
    for (const group of groupsOf([...this.#held.values()], 10)) {
      const Entries = group.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
      await this.#session.target.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries }));
    }
    this.#held.clear();
  }
}

/** Looks at up to so many messages and puts them back; their receive counts go up by one. */
export async function peek(session: Session, queueUrl: string, max: number): Promise<Message[]> {
  const held = new HeldMessages(session, queueUrl);
  const messages: Message[] = [];
  try {
    while (messages.length < max && !session.io.signal.aborted) {
      const fresh = await held.receive(max - messages.length);
      if (fresh.length === 0) break;
      messages.push(...fresh);
    }
  } finally {
    await held.release();
  }
  session.checkpoint();
  return messages;
}
