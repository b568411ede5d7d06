import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  StartMessageMoveTaskCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { bounded } from './event-book';
import type { DiagramQueue } from './diagram';

/** A message as it lies in a queue. */
export interface Letter {
  readonly messageId: string;
  readonly sentAt: number;
  readonly receives: number;
  readonly body: string;
  /** What the sender wrote beside it: a rule's error code and message. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Redrive {
  readonly ok: boolean;
  readonly message: string;
}

const shownLetters = 50;
const shownCharacters = 64 * 1024;

/** Looks into queues and moves dead letters back, one thing at a time per queue: while a message is looked at it cannot be moved. */
export class DeadLetterDesk {
  readonly #sqs: SQSClient;
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(sqs: SQSClient) {
    this.#sqs = sqs;
  }

  /** At most 50 messages, oldest first; they stay where they are. Meant for dead-letter queues, whose receive counts mean nothing. */
  peek({ url }: DiagramQueue): Promise<readonly Letter[]> {
    return this.#alone(url, async () => {
      const messages = await this.#receive(url);
      await this.#putBack(url, messages);
      return messages.map(letterOf).sort((one, other) => one.sentAt - other.sentAt);
    });
  }

  /** Moves every message back to the queue that it came from. */
  redrive({ url, arn, sources }: DiagramQueue): Promise<Redrive> {
    return this.#alone(url, async () => {
      if (sources.length === 0) return { ok: false, message: 'No queue has this one for its dead letters, so SQS cannot move them back.' };
      try {
        await this.#sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn }));
        return await this.#outcome(arn, sources);
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    });
  }

  /** A short move is told with its end, a long one as under way. */
  async #outcome(SourceArn: string, sources: readonly string[]): Promise<Redrive> {
    for (let tries = 1; ; tries += 1) {
      const { Results = [] } = await this.#sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
      const {
        Status,
        FailureReason,
        ApproximateNumberOfMessagesToMove: all = 0,
        ApproximateNumberOfMessagesMoved: moved = 0,
      } = Results[0] ?? {};
      if (Status === 'FAILED') return { ok: false, message: `SQS moved ${moved} of ${all}: ${FailureReason ?? 'no reason given'}` };
      if (Status === 'COMPLETED') return { ok: true, message: `${moved} moved back to ${sources.join(', ')}.` };
      if (tries === 10) return { ok: true, message: `${all} on their way back to ${sources.join(', ')}.` };
      await sleep(100);
    }
  }

  async #alone<T>(url: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(url) ?? Promise.resolve();
    const now = before.then(work, work);
    this.#busy.set(url, now);
    try {
      return await now;
    } finally {
      if (this.#busy.get(url) === now) this.#busy.delete(url);
    }
  }

  async #receive(QueueUrl: string): Promise<readonly Message[]> {
    const all: Message[] = [];
    while (all.length < shownLetters) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 30,
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      all.push(...Messages);
    }
    return all;
  }

  async #putBack(QueueUrl: string, messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages
        .slice(start, start + 10)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
      await this.#sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }
}

function letterOf({ MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} }: Message): Letter {
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, bounded(StringValue, 2000)] as const);
  return {
    messageId: MessageId,
    sentAt: Number(Attributes['SentTimestamp'] ?? 0),
    receives: Number(Attributes['ApproximateReceiveCount'] ?? 0),
    body: bounded(Body, shownCharacters),
    attributes: Object.fromEntries(attributes),
  };
}
