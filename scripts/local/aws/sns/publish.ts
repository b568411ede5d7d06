import { randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { Account } from '../service';
import type { MessageAttributes } from '../sqs/message';
import type { Queues } from '../sqs/queues';
import { invalidParameter, type Subscription, type Topic } from './topics';

const MAX_MESSAGE_BYTES = 262_144;

/** A message for a topic's subscribers. */
export interface Notification {
  message: string;
  subject?: string | undefined;
  attributes: MessageAttributes;
  traceHeader?: string | undefined;
}

function checkNotification({ message, subject, attributes }: Notification): void {
  if (message === '') throw invalidParameter('Empty message');
  const attributeBytes = Buffer.byteLength(JSON.stringify(attributes));
  if (Buffer.byteLength(message) + (Object.keys(attributes).length === 0 ? 0 : attributeBytes) > MAX_MESSAGE_BYTES) {
    throw invalidParameter('Message too long');
  }
  // AWS takes UTF-8 here; e-mail clients of the people on call do not all, and the design says ASCII.
  if (subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject)) throw invalidParameter('Subject');
}

/** The attributes as a filter policy sees them. */
function filterView(attributes: MessageAttributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue = '' }]) => {
      if (DataType.startsWith('Number')) return [name, Number(StringValue)];
      if (DataType !== 'String.Array') return [name, StringValue];
      try {
        const list: unknown = JSON.parse(StringValue);
        return [name, list];
      } catch {
        throw invalidParameter(`The value of the message attribute ${name} is not an array`);
      }
    }),
  );
}

function bodyView(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

/** The envelope that a subscription without raw delivery gets. Its signature is not one. */
function envelope(account: Account, topic: Topic, messageId: string, notification: Notification): string {
  const attributes = Object.entries(notification.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => {
    return [name, { Type: DataType, Value: StringValue ?? BinaryValue }] as const;
  });
  return JSON.stringify({
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topic.arn,
    ...(notification.subject === undefined ? {} : { Subject: notification.subject }),
    Message: notification.message,
    Timestamp: new Date(account.clock.now()).toISOString(),
    SignatureVersion: '1',
    Signature: 'NOT-SIGNED-BY-THE-EMBEDDED-AWS',
    SigningCertURL: `${account.origin}/SimpleNotificationService.pem`,
    UnsubscribeURL: `${account.origin}/?Action=Unsubscribe`,
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
  });
}

function deadLetterArn(subscription: Subscription): string | undefined {
  const policy = subscription.attributes['RedrivePolicy'];
  if (policy === undefined) return undefined;
  const parsed: unknown = JSON.parse(policy);
  if (typeof parsed !== 'object' || parsed === null || !('deadLetterTargetArn' in parsed)) return undefined;
  return String(parsed.deadLetterTargetArn);
}

/** Publishes to a topic: queues get the message now, people and other endpoints are told to the observers. */
export function publish(account: Account, queues: Queues, topic: Topic, notification: Notification): string {
  checkNotification(notification);
  const messageId = randomUUID();
  const byAttributes = filterView(notification.attributes);
  const isFor = (subscription: Subscription) =>
    subscription.matches(subscription.attributes['FilterPolicyScope'] === 'MessageBody' ? bodyView(notification.message) : byAttributes);
  const recipients = [...topic.subscriptions.values()].filter(isFor);

  for (const subscription of recipients) {
    if (subscription.protocol === 'sqs') deliverToQueue(account, queues, topic, subscription, messageId, notification);
  }
  account.observers.emit('sns-publish', {
    topicArn: topic.arn,
    messageId,
    ...(notification.subject === undefined ? {} : { subject: notification.subject }),
    message: notification.message,
    attributes: Object.fromEntries(Object.entries(notification.attributes).map(([name, { StringValue = '' }]) => [name, StringValue])),
    endpoints: recipients.map(({ protocol, endpoint }) => `${protocol}:${endpoint}`),
  });
  return messageId;
}

function deliverToQueue(
  account: Account,
  queues: Queues,
  topic: Topic,
  subscription: Subscription,
  messageId: string,
  notification: Notification,
): void {
  const isRaw = subscription.attributes['RawMessageDelivery'] === 'true';
  const message = isRaw
    ? { body: notification.message, attributes: notification.attributes, traceHeader: notification.traceHeader }
    : { body: envelope(account, topic, messageId, notification), traceHeader: notification.traceHeader };
  try {
    const queue = queues.byArn(subscription.endpoint);
    const fault = account.faults.take('sns', 'Deliver', { Endpoint: subscription.endpoint });
    if (queue === undefined || fault !== undefined) throw new AwsError('QueueDoesNotExist', 'The subscription cannot be reached');
    queues.send(queue, message);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const deadLetters = queues.byArn(deadLetterArn(subscription) ?? '');
    if (deadLetters === undefined) return;
    const sent = queues.send(deadLetters, message);
    account.observers.emit('dead-letter', {
      queueArn: deadLetters.arn,
      sourceArn: subscription.arn,
      messageId: sent.id,
      body: message.body,
    });
  }
}
