import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { TestAws } from '../scripts/local/aws/test-aws';
import { adaptersOver, type Ports } from './adapters';
import { ModelAws } from './model/aws';
import { rulesFor } from './model/bus';
import { modelClients } from './model/clients';
import type { Item } from './model/expressions';
import type { Received } from './model/queue';
import type { Topology } from './topology';

/** A message as a reader of a queue sees it. */
export interface Seen {
  readonly body: string;
  readonly receiveCount: number;
  /** Deletes it, as the reader that got it this time. */
  readonly remove: () => Promise<void>;
}

/** A change as the table's stream has it. */
export interface SeenChange {
  readonly eventName: string | undefined;
  readonly keys: Item | undefined;
  readonly old: Item | undefined;
  readonly new: Item | undefined;
}

/** One of the two: the same ports, and what can be seen from outside. */
export interface Side {
  readonly ports: Ports;
  /** Up to ten messages of a queue, by its name. */
  receive(queue: string): Promise<Seen[]>;
  changes(): Promise<SeenChange[]>;
  /** How many versions the archive has of a key. */
  versions(key: string): Promise<number>;
}

/** Queues of the test: one that redrives after two receives, its dead letters, and one per rule. */
const visibilitySeconds = 30;
const maxReceives = 2;
const alone = { ask: () => Promise.reject(new Error('nobody to ask')), pause: () => Promise.resolve() };

function queueSettings(rules: Topology['rules']) {
  const arn = (name: string): string => `arn:aws:sqs:ap-southeast-1:123456789012:${name}`;
  const work = { name: 'work', arn: arn('work'), visibilityMs: visibilitySeconds * 1000, maxReceives, deadLetterArn: arn('dead') };
  const others = ['dead', ...rules.map(({ name }) => name)];
  return [
    work,
    ...others.map((name) => ({
      name,
      arn: arn(name),
      visibilityMs: visibilitySeconds * 1000,
      maxReceives: undefined,
      deadLetterArn: undefined,
    })),
  ];
}

/** The model, with a queue behind every rule. */
export function modelSide({ rules, parameter }: Topology, now: () => number): Side {
  const aws: ModelAws = new ModelAws({ queues: queueSettings(rules), parameter }, now, {
    changed: () => undefined,
    entered: (event) => {
      for (const { name } of rulesFor(rules, event)) aws.queueNamed(name).send(event.text);
    },
  });
  aws.secrets.set('stripe', 'the secret');
  const send = (command: object): Promise<unknown> => Promise.resolve().then(() => aws.answer(command));
  const names = {
    queueUrl: 'https://sqs/work',
    deadLetterUrl: 'https://sqs/dead',
    bus: 'payments',
    topicArn: 'alerts',
    retries: undefined,
  };
  return {
    ports: adaptersOver(modelClients({ send }), names, { clock: now, ...alone }),
    receive: (name) => {
      const queue = aws.queueNamed(name);
      const seen = (received: Received): Seen => ({ ...received, remove: () => Promise.resolve(void queue.delete(received)) });
      return Promise.resolve(queue.receive(10).map(seen));
    },
    changes: () =>
      Promise.resolve(
        aws.table.changes.map(({ eventName, keys, oldImage, newImage }) => ({ eventName, keys, old: oldImage, new: newImage })),
      ),
    versions: (key) => Promise.resolve(aws.versions('archive', key).length),
  };
}

/** The embedded AWS with the same resources. */
export async function embeddedSide(test: TestAws, { rules, parameter }: Topology): Promise<Side> {
  const { dynamodb, s3, sns, sqs, events, ssm, secrets } = test;
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName: 'payments',
      KeySchema: [
        { AttributeName: 'paymentId', KeyType: 'HASH' },
        { AttributeName: 'eventKey', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'paymentId', AttributeType: 'S' },
        { AttributeName: 'eventKey', AttributeType: 'S' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  const streamArn = TableDescription?.LatestStreamArn ?? '';
  await s3.send(new CreateBucketCommand({ Bucket: 'archive', CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-1' } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'archive', VersioningConfiguration: { Status: 'Enabled' } }));
  await secrets.send(new CreateSecretCommand({ Name: 'payment-webhooks/dev/stripe', SecretString: 'the secret' }));
  await ssm.send(new PutParameterCommand({ Name: 'config', Type: 'String', Value: parameter }));
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const urls = await makeQueues(test, rules);
  const urlOf = (name: string): string => urls.get(name) ?? '';
  await events.send(new CreateEventBusCommand({ Name: 'payments' }));
  for (const { name, pattern } of rules) {
    await events.send(new PutRuleCommand({ Name: name, EventBusName: 'payments', EventPattern: pattern }));
    const Targets = [{ Id: 'queue', Arn: await arnOf(test, urlOf(name)) }];
    await events.send(new PutTargetsCommand({ Rule: name, EventBusName: 'payments', Targets }));
  }
  const names = { queueUrl: urlOf('work'), deadLetterUrl: urlOf('dead'), bus: 'payments', topicArn, retries: undefined };
  return {
    ports: adaptersOver({ dynamodb, events, s3, secrets, sns, sqs, ssm }, names, { clock: () => test.clock.now(), ...alone }),
    receive: (name) => receive(test, urlOf(name)),
    changes: () => changesOf(test, streamArn),
    versions: async (Prefix) => (await s3.send(new ListObjectVersionsCommand({ Bucket: 'archive', Prefix }))).Versions?.length ?? 0,
  };
}

async function makeQueues(test: TestAws, rules: Topology['rules']): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for (const { name, deadLetterArn } of queueSettings(rules).reverse()) {
    const RedrivePolicy =
      deadLetterArn === undefined
        ? {}
        : { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount: maxReceives }) };
    const Attributes = { VisibilityTimeout: String(visibilitySeconds), ...RedrivePolicy };
    const { QueueUrl = '' } = await test.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
    urls.set(name, QueueUrl);
  }
  return urls;
}

async function arnOf({ sqs }: TestAws, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.['QueueArn'] ?? '';
}

async function receive({ sqs }: TestAws, QueueUrl: string): Promise<Seen[]> {
  const request = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], WaitTimeSeconds: 0 };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
  return Messages.map(({ Body: body = '', Attributes, ReceiptHandle }) => ({
    body,
    receiveCount: Number(Attributes?.ApproximateReceiveCount),
    remove: async () => {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
  }));
}

async function changesOf({ streams }: TestAws, StreamArn: string): Promise<SeenChange[]> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const changes: SeenChange[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const { ShardIterator } = await streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }));
    const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator }));
    changes.push(
      ...Records.map(({ eventName, dynamodb: change }) => ({
        eventName,
        keys: change?.Keys,
        old: change?.OldImage,
        new: change?.NewImage,
      })),
    );
  }
  return changes;
}
