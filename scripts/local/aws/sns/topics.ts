import { randomUUID } from 'node:crypto';
import { AwsError, UnknownCallError } from '../aws-error';
import { compilePattern, type EventMatcher } from '../event-pattern';
import type { Account } from '../service';

/** How a topic's message reaches someone. */
export interface Subscription {
  arn: string;
  topicArn: string;
  protocol: 'sqs' | 'email' | 'email-json' | 'https' | 'sms';
  endpoint: string;
  attributes: Record<string, string>;
  matches: EventMatcher;
}

/** A topic and who listens. */
export interface Topic {
  arn: string;
  attributes: Record<string, string>;
  subscriptions: Map<string, Subscription>;
}

const protocols = ['sqs', 'email', 'email-json', 'https', 'sms'] as const;
const subscriptionAttributes = ['RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy', 'DeliveryPolicy'];
const topicAttributes = ['DisplayName', 'Policy', 'KmsMasterKeyId', 'DeliveryPolicy', 'TracingConfig', 'SignatureVersion'];

/** The error for a parameter that SNS refuses. */
export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${message}`);
}

function compileFilter(policy: string | undefined): EventMatcher {
  if (policy === undefined || policy === '' || policy === '{}') return () => true;
  if (/"wildcard"\s*:/.test(policy)) throw invalidParameter('FilterPolicy: wildcard is not a match type of SNS');
  try {
    return compilePattern(JSON.parse(policy));
  } catch (error) {
    throw invalidParameter(`FilterPolicy: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkNames(attributes: Record<string, string>, known: readonly string[]): void {
  for (const name of Object.keys(attributes)) {
    if (name === 'FifoTopic' || name === 'ContentBasedDeduplication') throw new UnknownCallError(`FIFO topics (${name})`);
    if (!known.includes(name)) throw invalidParameter(`AttributeName ${name}`);
  }
}

/** The topics of an account. */
export interface Topics {
  create(name: string, attributes: Record<string, string>): Topic;
  get(arn: string): Topic;
  all(): Topic[];
  remove(arn: string): void;
  configure(topic: Topic, attributes: Record<string, string>): void;
  subscribe(topic: Topic, protocol: string, endpoint: string, attributes: Record<string, string>): Subscription;
  subscription(arn: string): Subscription;
  configureSubscription(subscription: Subscription, attributes: Record<string, string>): void;
  unsubscribe(arn: string): void;
}

/** An account without topics. */
export function createTopics(account: Account): Topics {
  const topics = new Map<string, Topic>();

  function get(arn: string): Topic {
    const topic = topics.get(arn);
    if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
    return topic;
  }

  function configureSubscription(subscription: Subscription, attributes: Record<string, string>): void {
    checkNames(attributes, subscriptionAttributes);
    subscription.matches = compileFilter(attributes['FilterPolicy'] ?? subscription.attributes['FilterPolicy']);
    Object.assign(subscription.attributes, attributes);
  }

  function subscription(arn: string): Subscription {
    const found = [...topics.values()].map((topic) => topic.subscriptions.get(arn)).find((one) => one !== undefined);
    if (found === undefined) throw new AwsError('NotFound', 'Subscription does not exist', { status: 404 });
    return found;
  }

  return {
    get,
    subscription,
    configureSubscription,
    all: () => [...topics.values()],
    create(name, attributes) {
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw invalidParameter('Topic Name');
      checkNames(attributes, topicAttributes);
      const arn = `arn:aws:sns:${account.region}:${account.accountId}:${name}`;
      const topic = topics.get(arn) ?? { arn, attributes: { ...attributes }, subscriptions: new Map() };
      topics.set(arn, topic);
      return topic;
    },
    configure(topic, attributes) {
      checkNames(attributes, topicAttributes);
      Object.assign(topic.attributes, attributes);
    },
    remove(arn) {
      topics.delete(arn);
    },
    subscribe(topic, protocolName, endpoint, attributes) {
      const protocol = protocols.find((known) => known === protocolName);
      if (protocol === undefined) throw new UnknownCallError(`subscriptions by ${protocolName}`);
      const existing = [...topic.subscriptions.values()].find((one) => one.protocol === protocol && one.endpoint === endpoint);
      if (existing !== undefined) return existing;
      const arn = `${topic.arn}:${randomUUID()}`;
      const created: Subscription = { arn, topicArn: topic.arn, protocol, endpoint, attributes: {}, matches: () => true };
      configureSubscription(created, attributes);
      topic.subscriptions.set(arn, created);
      return created;
    },
    unsubscribe(arn) {
      get(subscription(arn).topicArn).subscriptions.delete(arn);
    },
  };
}
