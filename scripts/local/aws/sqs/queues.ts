import { AwsError } from '../aws-error';
import type { Account } from '../service';
import { type Message, messageBytes, type NewMessage } from './message';
import { Queue } from './queue';
import {
  checkAttributes,
  invalidValue,
  numberAttribute,
  type QueueAttributes,
  queueTimes,
  redriveAllowPolicy,
  redrivePolicy,
} from './queue-attributes';

/** A queue with its name and settings. */
export interface NamedQueue {
  name: string;
  arn: string;
  url: string;
  queue: Queue;
  attributes: QueueAttributes;
  createdAt: number;
  changedAt: number;
}

/** All queues of an account: what SNS and EventBridge deliver into, and what the SQS calls work on. */
export interface Queues {
  create(name: string, attributes: QueueAttributes): NamedQueue;
  configure(queue: NamedQueue, attributes: QueueAttributes): void;
  remove(queue: NamedQueue): void;
  byName(name: string): NamedQueue;
  byUrl(url: string): NamedQueue;
  /** Undefined where there is none: a rule's target may be gone. */
  byArn(arn: string): NamedQueue | undefined;
  all(): NamedQueue[];
  /** Sends, with the queue's own limit; for callers inside AWS as well. */
  send(queue: NamedQueue, message: NewMessage, delayMs?: number): Message;
  /** Queues whose redrive policy names this one. */
  sourcesOf(arn: string): NamedQueue[];
  close(): void;
}

const NAME = /^[A-Za-z0-9_-]{1,80}$/;

function doesNotExist(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' });
}

/** An account without queues. */
export function createQueues(account: Account): Queues {
  const named = new Map<string, NamedQueue>();
  const arnOf = (name: string) => `arn:aws:sqs:${account.region}:${account.accountId}:${name}`;
  const byArn = (arn: string) => {
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    return arn === arnOf(name) ? named.get(name) : undefined;
  };

  function checkRedrive(sourceArn: string, attributes: QueueAttributes): void {
    const policy = redrivePolicy(attributes);
    if (policy === undefined) return;
    const target = byArn(policy.deadLetterTargetArn);
    if (target === undefined) throw invalidValue('RedrivePolicy', attributes['RedrivePolicy'] ?? '', 'Dead letter target does not exist.');
    const allow = redriveAllowPolicy(target.attributes);
    const refused =
      allow?.redrivePermission === 'denyAll' || (allow?.redrivePermission === 'byQueue' && !allow.sourceQueueArns?.includes(sourceArn));
    if (refused)
      throw invalidValue('RedrivePolicy', attributes['RedrivePolicy'] ?? '', 'The dead letter queue does not allow this source.');
  }

  function deadLetter(source: NamedQueue, message: Message): boolean {
    const policy = redrivePolicy(source.attributes);
    if (policy === undefined || message.receiveCount < policy.maxReceiveCount) return false;
    const target = byArn(policy.deadLetterTargetArn);
    if (target === undefined) return false;
    target.queue.accept(message, source.arn);
    account.observers.emit('dead-letter', { queueArn: target.arn, sourceArn: source.arn, messageId: message.id, body: message.body });
    return true;
  }

  function apply(entry: NamedQueue): void {
    entry.queue.times = queueTimes(entry.attributes);
    const hasPolicy = redrivePolicy(entry.attributes) !== undefined;
    entry.queue.redrive = hasPolicy ? (message) => deadLetter(entry, message) : () => false;
  }

  function byName(name: string): NamedQueue {
    const found = named.get(name);
    if (found === undefined) throw doesNotExist();
    return found;
  }

  return {
    byName,
    byArn,
    byUrl(url) {
      const prefix = `${account.origin}/${account.accountId}/`;
      if (!url.startsWith(prefix)) throw doesNotExist();
      return byName(url.slice(prefix.length));
    },
    all: () => [...named.values()],
    sourcesOf: (arn) => [...named.values()].filter(({ attributes }) => redrivePolicy(attributes)?.deadLetterTargetArn === arn),
    create(name, attributes) {
      if (!NAME.test(name)) {
        throw invalidValue('QueueName', name, 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.');
      }
      checkAttributes(attributes);
      const existing = named.get(name);
      if (existing !== undefined) {
        const differs = Object.entries(attributes).find(([key, value]) => existing.attributes[key] !== value);
        if (differs === undefined) return existing;
        throw new AwsError(
          'QueueNameExists',
          `A queue already exists with the same name and a different value for attribute ${differs[0]}`,
          {
            queryCode: 'QueueAlreadyExists',
          },
        );
      }
      const arn = arnOf(name);
      checkRedrive(arn, attributes);
      const now = account.clock.now();
      const queue = new Queue(arn, queueTimes(attributes), account.clock);
      const entry = {
        name,
        arn,
        url: `${account.origin}/${account.accountId}/${name}`,
        queue,
        attributes: { ...attributes },
        createdAt: now,
        changedAt: now,
      };
      named.set(name, entry);
      apply(entry);
      return entry;
    },
    configure(entry, attributes) {
      checkAttributes(attributes);
      checkRedrive(entry.arn, attributes);
      const merged = Object.entries({ ...entry.attributes, ...attributes }).filter(([, value]) => value !== '');
      entry.attributes = Object.fromEntries(merged);
      entry.changedAt = account.clock.now();
      apply(entry);
    },
    remove(entry) {
      entry.queue.purge();
      entry.queue.close();
      named.delete(entry.name);
    },
    send(entry, message, delayMs) {
      const limit = numberAttribute(entry.attributes, 'MaximumMessageSize');
      if (messageBytes(message) > limit) {
        throw new AwsError(
          'InvalidParameterValueException',
          `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
          {
            queryCode: 'InvalidParameterValue',
          },
        );
      }
      const sent = entry.queue.send(message, delayMs);
      account.observers.emit('send-message', { queueArn: entry.arn, messageId: sent.id });
      return sent;
    },
    close() {
      for (const { queue } of named.values()) queue.close();
    },
  };
}
