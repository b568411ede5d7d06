import { createHash } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { AwsClients } from '../../scripts/local/aws-clients';

/** One question to an AWS: what it answers, cut down to what does not change from run to run. */
export interface Probe {
  readonly name: string;
  ask(aws: Prepared): Promise<unknown>;
}

/** The same few resources on either side. */
export interface Prepared {
  readonly clients: AwsClients;
  readonly streamArn: string;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  readonly inboxUrl: string;
  readonly topicArn: string;
}

const TableName = 'payments';
const Bucket = 'archive-of-the-probes';
const EventBusName = 'payments';

/** Makes the resources that the probes ask about. */
export async function prepare(clients: AwsClients): Promise<Prepared> {
  const { dynamodb, s3, sns, events, ssm, secrets } = clients;
  const { TableDescription } = await dynamodb.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [
        { AttributeName: 'paymentId', KeyType: 'HASH' },
        { AttributeName: 'eventKey', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'paymentId', AttributeType: 'S' },
        { AttributeName: 'eventKey', AttributeType: 'S' },
        { AttributeName: 'providerBucket', AttributeType: 'S' },
        { AttributeName: 'timestamp', AttributeType: 'N' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'ProviderTimestampIndex',
          KeySchema: [
            { AttributeName: 'providerBucket', KeyType: 'HASH' },
            { AttributeName: 'timestamp', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'ap-southeast-1' } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const deadLetterUrl = await queue(clients, 'probes-dead-letters', {});
  const deadLetterTargetArn = await arnOf(clients, deadLetterUrl);
  const queueUrl = await queue(clients, 'probes', {
    VisibilityTimeout: '1',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
  });
  const inboxUrl = await queue(clients, 'probes-inbox', {});
  const inboxArn = await arnOf(clients, inboxUrl);
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'probes' }));
  const FilterPolicy = JSON.stringify({ reason: ['high-value'] });
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: inboxArn, Attributes: { FilterPolicy } }));
  await events.send(new CreateEventBusCommand({ Name: EventBusName }));
  const EventPattern = JSON.stringify({
    source: ['payment.processor'],
    detail: {
      valueBand: ['high'],
      kind: [{ prefix: 'payment.' }],
      amountMinor: [{ numeric: ['>', 100] }],
      account: [{ 'anything-but': 'test' }],
    },
  });
  await events.send(new PutRuleCommand({ Name: 'probes', EventBusName, EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: 'probes', EventBusName, Targets: [{ Id: 'inbox', Arn: inboxArn }] }));
  await ssm.send(new PutParameterCommand({ Name: '/probes/config', Type: 'String', Value: '{"maxRetries":3}' }));
  await secrets.send(new CreateSecretCommand({ Name: 'probes/empty' }));
  await secrets.send(new CreateSecretCommand({ Name: 'probes/filled', SecretString: 'old' }));
  await secrets.send(new PutSecretValueCommand({ SecretId: 'probes/filled', SecretString: 'new' }));
  return { clients, streamArn: TableDescription?.LatestStreamArn ?? '', queueUrl, deadLetterUrl, inboxUrl, topicArn };
}

async function queue({ sqs }: AwsClients, QueueName: string, Attributes: Record<string, string>): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

async function arnOf({ sqs }: AwsClients, QueueUrl: string): Promise<string> {
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.['QueueArn'] ?? '';
}

/** What an error looks like to the code that catches it. */
export function errorOf(error: unknown): unknown {
  if (!(error instanceof Error)) throw error;
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  const item = 'Item' in error ? { item: error.Item } : {};
  return { error: error.name, status, ...item };
}

const key = (eventKey: string, paymentId = 'stripe:pi_1'): Record<string, AttributeValue> => ({
  paymentId: { S: paymentId },
  eventKey: { S: eventKey },
});
const row = (eventKey: string, more: Record<string, AttributeValue> = {}): Record<string, AttributeValue> => ({
  ...key(eventKey),
  status: { S: 'received' },
  amountMinor: { N: '12000' },
  body: { B: Buffer.from([0, 255, 1, 254]) },
  signedHeaders: { M: { 'stripe-signature': { S: 't=1' } } },
  livemode: { BOOL: true },
  account: { NULL: true },
  ...more,
});
const onlyNew = { ConditionExpression: 'attribute_not_exists(paymentId)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

const dynamodb: readonly Probe[] = [
  {
    name: 'PutItem of a new row',
    ask: async ({ clients }) =>
      (await clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#1'), ...onlyNew }))).Attributes,
  },
  {
    name: 'PutItem of a row that is there answers the old one',
    ask: ({ clients }) =>
      clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#1', { status: { S: 'other' } }), ...onlyNew })),
  },
  {
    name: 'PutItem by 20 writers at once has one winner',
    ask: async ({ clients }) => {
      const writers = Array.from({ length: 20 }, () =>
        clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#race'), ...onlyNew })),
      );
      const outcomes = await Promise.allSettled(writers);
      return outcomes.filter(({ status }) => status === 'fulfilled').length;
    },
  },
  {
    name: 'PutItem without its sort key',
    ask: ({ clients }) => clients.dynamodb.send(new PutItemCommand({ TableName, Item: { paymentId: { S: 'x' } } })),
  },
  { name: 'PutItem with an empty key', ask: ({ clients }) => clients.dynamodb.send(new PutItemCommand({ TableName, Item: key('') })) },
  {
    name: 'PutItem of more than 400 KB',
    ask: ({ clients }) =>
      clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#big', { body: { B: Buffer.alloc(420_000, 1) } }) })),
  },
  {
    name: 'PutItem into an unknown table',
    ask: ({ clients }) => clients.dynamodb.send(new PutItemCommand({ TableName: 'unknown', Item: row('event#1') })),
  },
  {
    name: 'GetItem reads every type back',
    ask: async ({ clients }) =>
      (await clients.dynamodb.send(new GetItemCommand({ TableName, Key: key('event#1'), ConsistentRead: true }))).Item,
  },
  {
    name: 'GetItem of a missing row',
    ask: async ({ clients }) => (await clients.dynamodb.send(new GetItemCommand({ TableName, Key: key('event#none') }))).Item,
  },
  {
    name: 'UpdateItem marks a row processed, twice the same',
    ask: async ({ clients }) => {
      const mark = (at: string) =>
        clients.dynamodb.send(
          new UpdateItemCommand({
            TableName,
            Key: key('event#1'),
            ConditionExpression: 'attribute_exists(paymentId)',
            UpdateExpression: 'SET #status = :processed, processedAt = if_not_exists(processedAt, :now) REMOVE body',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':processed': { S: 'processed' }, ':now': { S: at } },
            ReturnValues: 'ALL_NEW',
          }),
        );
      return [(await mark('first')).Attributes, (await mark('second')).Attributes];
    },
  },
  {
    name: 'UpdateItem of a missing row under a condition',
    ask: ({ clients }) =>
      clients.dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key: key('event#none'),
          ConditionExpression: 'attribute_exists(paymentId)',
          UpdateExpression: 'SET a = :a',
          ExpressionAttributeValues: { ':a': { S: 'a' } },
        }),
      ),
  },
  {
    name: 'UpdateItem takes a lease, refuses it to another, and gives it away when it is over',
    ask: async ({ clients }) => {
      const claim = (now: string, until: string): Promise<unknown> =>
        clients.dynamodb
          .send(
            new UpdateItemCommand({
              TableName,
              Key: key('alert#high-value#pi_1'),
              ConditionExpression: 'attribute_not_exists(sentAt) AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)',
              UpdateExpression: 'SET claimedUntil = :until, expiresAt = :expiresAt',
              ExpressionAttributeValues: { ':now': { S: now }, ':until': { S: until }, ':expiresAt': { N: '1800000000' } },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          )
          .then(() => 'claimed', errorOf);
      return [await claim('10:00', '10:01'), await claim('10:00', '10:01'), await claim('10:01', '10:02')];
    },
  },
  {
    name: 'Query by key and beginning of the sort key',
    ask: async ({ clients }) => {
      const { Items, Count } = await clients.dynamodb.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'paymentId = :id AND begins_with(eventKey, :event)',
          ExpressionAttributeValues: { ':id': { S: 'stripe:pi_1' }, ':event': { S: 'event#' } },
          ScanIndexForward: false,
        }),
      );
      return { keys: Items?.map(({ eventKey }) => eventKey?.S), Count };
    },
  },
  {
    name: 'Query of the index by time, in pages',
    ask: async ({ clients }) => {
      for (const time of [3, 1, 2]) {
        const more = { providerBucket: { S: 'stripe#2026-11-05#0' }, timestamp: { N: String(time) } };
        await clients.dynamodb.send(new PutItemCommand({ TableName, Item: row(`event#t${time}`, more) }));
      }
      const page = (ExclusiveStartKey?: Record<string, AttributeValue>) =>
        clients.dynamodb.send(
          new QueryCommand({
            TableName,
            IndexName: 'ProviderTimestampIndex',
            KeyConditionExpression: 'providerBucket = :bucket AND #timestamp BETWEEN :from AND :to',
            ExpressionAttributeNames: { '#timestamp': 'timestamp' },
            ExpressionAttributeValues: { ':bucket': { S: 'stripe#2026-11-05#0' }, ':from': { N: '1' }, ':to': { N: '3' } },
            Limit: 2,
            ExclusiveStartKey,
          }),
        );
      const first = await page();
      const second = await page(first.LastEvaluatedKey);
      return [first.Items, second.Items];
    },
  },
  {
    name: 'Scan with a filter counts what fits',
    ask: async ({ clients }) => {
      const filter = { FilterExpression: 'amountMinor = :amount', ExpressionAttributeValues: { ':amount': { N: '12000' } } };
      const { Count } = await clients.dynamodb.send(new ScanCommand({ TableName, Select: 'COUNT', ...filter }));
      return Count;
    },
  },
  {
    name: 'DescribeTable',
    ask: async ({ clients }) => {
      const { Table } = await clients.dynamodb.send(new DescribeTableCommand({ TableName }));
      return {
        status: Table?.TableStatus,
        keys: Table?.KeySchema,
        stream: Table?.StreamSpecification,
        indexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, Projection }) => ({ IndexName, Projection })),
      };
    },
  },
  {
    name: 'DescribeTable of an unknown table',
    ask: ({ clients }) => clients.dynamodb.send(new DescribeTableCommand({ TableName: 'unknown' })),
  },
];

const streams: readonly Probe[] = [
  {
    name: 'the stream has what happened to a row, in order, with both images, and nothing for a write that was refused',
    ask: async ({ clients, streamArn }) => {
      await clients.dynamodb.send(new DeleteItemCommand({ TableName, Key: key('event#1') }));
      const { StreamDescription } = await clients.streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      const ShardId = StreamDescription?.Shards?.[0]?.ShardId;
      const { ShardIterator } = await clients.streams.send(
        new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      );
      const { Records = [] } = await clients.streams.send(new GetRecordsCommand({ ShardIterator }));
      const mine = Records.filter(({ dynamodb: record }) => record?.Keys?.['eventKey']?.S === 'event#1');
      return mine.map(({ eventName, eventSource, dynamodb: record }) => ({
        eventName,
        eventSource,
        view: record?.StreamViewType,
        old: Object.keys(record?.OldImage ?? {}).sort(),
        new: Object.keys(record?.NewImage ?? {}).sort(),
      }));
    },
  },
  {
    name: 'an iterator goes on where it stopped, and LATEST begins behind everything',
    ask: async ({ clients, streamArn }) => {
      const { StreamDescription } = await clients.streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      const ShardId = StreamDescription?.Shards?.at(-1)?.ShardId;
      const { ShardIterator } = await clients.streams.send(
        new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'LATEST' }),
      );
      const first = await clients.streams.send(new GetRecordsCommand({ ShardIterator }));
      await clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#late') }));
      const second = await clients.streams.send(new GetRecordsCommand({ ShardIterator: first.NextShardIterator }));
      const third = await clients.streams.send(new GetRecordsCommand({ ShardIterator: second.NextShardIterator }));
      return [first, second, third].map(({ Records }) => Records?.map(({ eventName }) => eventName));
    },
  },
  {
    name: 'a write that changes nothing makes no record',
    ask: async ({ clients, streamArn }) => {
      const { StreamDescription } = await clients.streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
      const ShardId = StreamDescription?.Shards?.at(-1)?.ShardId;
      const { ShardIterator } = await clients.streams.send(
        new GetShardIteratorCommand({ StreamArn: streamArn, ShardId, ShardIteratorType: 'LATEST' }),
      );
      await clients.dynamodb.send(new PutItemCommand({ TableName, Item: row('event#late') }));
      return (await clients.streams.send(new GetRecordsCommand({ ShardIterator }))).Records?.length;
    },
  },
];

const body = Buffer.from('{"id":"evt_1"}');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');

const s3: readonly Probe[] = [
  {
    name: 'PutObject gives every write a version of its own',
    ask: async ({ clients }) => {
      const put = () =>
        clients.s3.send(
          new PutObjectCommand({
            Bucket,
            Key: 'webhooks/a.json',
            Body: body,
            ContentType: 'application/json',
            Metadata: { 'stripe-signature': 't=1' },
            ChecksumSHA256: sha256(body),
          }),
        );
      const versions = [(await put()).VersionId, (await put()).VersionId];
      return { different: versions[0] !== versions[1], known: versions.every((version) => typeof version === 'string') };
    },
  },
  {
    name: 'PutObject with a checksum of other bytes',
    ask: ({ clients }) =>
      clients.s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: body, ChecksumSHA256: sha256(Buffer.from('other')) })),
  },
  {
    name: 'PutObject only when there is none',
    ask: ({ clients }) => clients.s3.send(new PutObjectCommand({ Bucket, Key: 'webhooks/a.json', Body: body, IfNoneMatch: '*' })),
  },
  {
    name: 'GetObject gives bytes, type and metadata back',
    ask: async ({ clients }) => {
      const { Body, ContentType, ContentLength, Metadata } = await clients.s3.send(
        new GetObjectCommand({ Bucket, Key: 'webhooks/a.json' }),
      );
      return { text: await Body?.transformToString(), ContentType, ContentLength, Metadata };
    },
  },
  { name: 'GetObject of a missing key', ask: ({ clients }) => clients.s3.send(new GetObjectCommand({ Bucket, Key: 'none' })) },
  {
    name: 'GetObject from an unknown bucket',
    ask: ({ clients }) => clients.s3.send(new GetObjectCommand({ Bucket: 'unknown-bucket-of-the-probes', Key: 'none' })),
  },
  { name: 'HeadObject of a missing key', ask: ({ clients }) => clients.s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })) },
  {
    name: 'ListObjectsV2 in pages under a prefix',
    ask: async ({ clients }) => {
      for (const name of ['x', 'y', 'z%2F']) await clients.s3.send(new PutObjectCommand({ Bucket, Key: `audit/${name}`, Body: body }));
      const first = await clients.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'audit/', MaxKeys: 2 }));
      const second = await clients.s3.send(
        new ListObjectsV2Command({ Bucket, Prefix: 'audit/', ContinuationToken: first.NextContinuationToken }),
      );
      return [first, second].map(({ Contents, IsTruncated, KeyCount }) => ({
        keys: Contents?.map(({ Key, Size }) => [Key, Size]),
        IsTruncated,
        KeyCount,
      }));
    },
  },
];

async function received({ clients }: Prepared, QueueUrl: string): Promise<readonly Message[]> {
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  if (Messages.length > 0) {
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await clients.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return [...Messages].sort((one, other) => (one.Body ?? '').localeCompare(other.Body ?? ''));
}

const sqs: readonly Probe[] = [
  {
    name: 'SendMessageBatch, then ReceiveMessage with what is known of each message',
    ask: async (aws) => {
      const trace = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' } };
      const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id, MessageSystemAttributes: trace }));
      const { Successful, Failed = [] } = await aws.clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: aws.queueUrl, Entries }));
      const messages = await received(aws, aws.queueUrl);
      return {
        sent: Successful?.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody]).sort(),
        Failed,
        messages: messages.map(({ Body, MD5OfBody, Attributes }) => ({
          Body,
          MD5OfBody,
          count: Attributes?.ApproximateReceiveCount,
          trace: Attributes?.AWSTraceHeader,
        })),
      };
    },
  },
  {
    name: 'a message that is not deleted comes again, and goes to the dead letters after its receive count',
    ask: async (aws) => {
      await aws.clients.sqs.send(new SendMessageCommand({ QueueUrl: aws.queueUrl, MessageBody: 'poison' }));
      const counts: (string | undefined)[] = [];
      for (let receive = 1; receive <= 3; receive += 1) {
        const { Messages = [] } = await aws.clients.sqs.send(
          new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, WaitTimeSeconds: 2, MessageSystemAttributeNames: ['All'] }),
        );
        counts.push(...Messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount));
      }
      return { counts, dead: (await received(aws, aws.deadLetterUrl)).map(({ Body }) => Body) };
    },
  },
  {
    name: 'GetQueueAttributes',
    ask: async ({ clients, queueUrl }) => {
      const names = [
        'MessageRetentionPeriod',
        'VisibilityTimeout',
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
      ] as const;
      return (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }))).Attributes;
    },
  },
  { name: 'GetQueueUrl of an unknown queue', ask: ({ clients }) => clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'unknown' })) },
  {
    name: 'SendMessage to an unknown queue',
    ask: ({ clients, queueUrl }) => clients.sqs.send(new SendMessageCommand({ QueueUrl: `${queueUrl}-unknown`, MessageBody: 'x' })),
  },
  {
    name: 'SendMessageBatch with one id twice',
    ask: ({ clients, queueUrl }) =>
      clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [1, 2].map(() => ({ Id: 'a', MessageBody: 'x' })) })),
  },
  {
    name: 'SendMessageBatch of eleven',
    ask: ({ clients, queueUrl }) =>
      clients.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' })),
        }),
      ),
  },
];

const sns: readonly Probe[] = [
  {
    name: 'Publish reaches the subscriptions whose filter fits, in an envelope',
    ask: async (aws) => {
      const publish = (reason: string) =>
        aws.clients.sns.send(
          new PublishCommand({
            TopicArn: aws.topicArn,
            Subject: 'High-value payment',
            Message: 'text',
            MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
          }),
        );
      const ids = [(await publish('high-value')).MessageId, (await publish('failed')).MessageId];
      const envelopes = (await received(aws, aws.inboxUrl)).map(({ Body = '{}' }): unknown => JSON.parse(Body));
      return { ids: ids.map((id) => typeof id), envelopes: envelopes.map((envelope) => withoutVariables(envelope)) };
    },
  },
  {
    name: 'Publish to an unknown topic',
    ask: ({ clients, topicArn }) => clients.sns.send(new PublishCommand({ TopicArn: `${topicArn}-unknown`, Message: 'x' })),
  },
  {
    name: 'Publish with a subject of 101 characters',
    ask: ({ clients, topicArn }) => clients.sns.send(new PublishCommand({ TopicArn: topicArn, Subject: 'x'.repeat(101), Message: 'x' })),
  },
];

/** An envelope or event without ids, times and signatures. */
function withoutVariables(envelope: unknown): unknown {
  if (typeof envelope !== 'object' || envelope === null) return envelope;
  const variable = /^(MessageId|Timestamp|Signature|SigningCertURL|UnsubscribeURL|id|time)$/;
  return Object.fromEntries(Object.entries(envelope).map(([name, value]) => [name, variable.test(name) ? typeof value : value]));
}

const entry = (detail: object, more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  EventBusName,
  Source: 'payment.processor',
  DetailType: 'Payment Processed',
  Detail: JSON.stringify(detail),
  Time: new Date('2026-11-05T10:00:00Z'),
  ...more,
});
const matching = { valueBand: 'high', kind: 'payment.succeeded', amountMinor: 12_000, account: 'live' };

const events: readonly Probe[] = [
  {
    name: 'PutEvents delivers what the pattern takes, and only that',
    ask: async (aws) => {
      const details = [
        matching,
        { ...matching, amountMinor: 100 },
        { ...matching, kind: 'refund.failed' },
        { ...matching, account: 'test' },
        { ...matching, valueBand: 'standard' },
      ];
      const { Entries, FailedEntryCount } = await aws.clients.events.send(
        new PutEventsCommand({ Entries: details.map((detail) => entry(detail)) }),
      );
      const delivered = (await received(aws, aws.inboxUrl)).map(({ Body = '{}' }): unknown => JSON.parse(Body));
      return {
        ids: Entries?.map(({ EventId }) => typeof EventId),
        FailedEntryCount,
        delivered: delivered.map((event) => withoutVariables(event)),
      };
    },
  },
  {
    name: 'PutEvents with an entry that is no JSON',
    ask: async ({ clients }) => {
      const { Entries, FailedEntryCount } = await clients.events.send(
        new PutEventsCommand({ Entries: [entry(matching, { Detail: 'no json' }), entry({})] }),
      );
      return { codes: Entries?.map(({ ErrorCode }) => ErrorCode), FailedEntryCount };
    },
  },
  {
    name: 'PutEvents of eleven',
    ask: ({ clients }) => clients.events.send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry({})) })),
  },
];

const settings: readonly Probe[] = [
  {
    name: 'GetParameter',
    ask: async ({ clients }) => {
      const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: '/probes/config' }));
      return { Name: Parameter?.Name, Type: Parameter?.Type, Value: Parameter?.Value, Version: Parameter?.Version };
    },
  },
  { name: 'GetParameter of an unknown name', ask: ({ clients }) => clients.ssm.send(new GetParameterCommand({ Name: '/probes/none' })) },
  {
    name: 'GetSecretValue gives the newest version',
    ask: async ({ clients }) => {
      const { SecretString, VersionStages, Name } = await clients.secrets.send(new GetSecretValueCommand({ SecretId: 'probes/filled' }));
      return { SecretString, VersionStages, Name };
    },
  },
  {
    name: 'GetSecretValue of a secret that was never filled',
    ask: ({ clients }) => clients.secrets.send(new GetSecretValueCommand({ SecretId: 'probes/empty' })),
  },
  {
    name: 'GetSecretValue of an unknown secret',
    ask: ({ clients }) => clients.secrets.send(new GetSecretValueCommand({ SecretId: 'probes/none' })),
  },
  {
    name: 'DescribeSecret tells a filled secret from an empty one',
    ask: async ({ clients }) => {
      const describe = async (SecretId: string) =>
        Object.values((await clients.secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {}).sort();
      return { filled: await describe('probes/filled'), empty: await describe('probes/empty') };
    },
  },
];

/** Every operation that the functions and the triggers use, in an order in which later ones build on earlier ones. */
export const probes: readonly Probe[] = [...dynamodb, ...streams, ...s3, ...sqs, ...sns, ...events, ...settings];
