import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SWEEP_MS } from '../../../../../scripts/local/aws/dynamodb/expiry';
import { startTestAws, type TestAws } from '../test-aws';

let test: TestAws;
let TableName: string;
let StreamArn: string;
let ShardId: string;
let names = 0;

beforeAll(async () => {
  test = await startTestAws();
});
afterAll(() => test.close());

async function createTable(options: Partial<CreateTableCommandInput> = {}) {
  return test.dynamodb.send(
    new CreateTableCommand({
      TableName: `payments-${(names += 1)}`,
      AttributeDefinitions: ['paymentId', 'eventKey', 'providerBucket'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: [
        { AttributeName: 'paymentId', KeyType: 'HASH' },
        { AttributeName: 'eventKey', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'ProviderIndex',
          KeySchema: [{ AttributeName: 'providerBucket', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      ...options,
    }),
  );
}

const key = (id: string, event = 'event#1') => ({ paymentId: { S: id }, eventKey: { S: event } });
const put = (id: string, rest: PutItemCommandInput['Item'] = {}, options: Partial<PutItemCommandInput> = {}) =>
  test.dynamodb.send(new PutItemCommand({ TableName, Item: { ...key(id), ...rest }, ...options }));
const get = async (id: string) => (await test.dynamodb.send(new GetItemCommand({ TableName, Key: key(id) }))).Item;
const update = (id: string, expression: string, values?: Record<string, { S: string } | { N: string }>) =>
  test.dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key: key(id),
      UpdateExpression: expression,
      ...(values === undefined ? {} : { ExpressionAttributeValues: values }),
    }),
  );

async function iterator(
  ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER',
  SequenceNumber?: string,
) {
  const input = { StreamArn, ShardId, ShardIteratorType, ...(SequenceNumber === undefined ? {} : { SequenceNumber }) };
  return (await test.streams.send(new GetShardIteratorCommand(input))).ShardIterator;
}

async function records(ShardIterator?: string) {
  const from = ShardIterator ?? (await iterator('TRIM_HORIZON'));
  const { Records = [], NextShardIterator } = await test.streams.send(new GetRecordsCommand({ ShardIterator: from }));
  return { records: Records, next: NextShardIterator };
}

beforeEach(async () => {
  const { TableDescription } = await createTable();
  TableName = TableDescription?.TableName ?? '';
  StreamArn = TableDescription?.LatestStreamArn ?? '';
  const { StreamDescription } = await test.streams.send(new DescribeStreamCommand({ StreamArn }));
  ShardId = StreamDescription?.Shards?.[0]?.ShardId ?? '';
});

describe('a table', () => {
  it('is active at once and described with its stream', async () => {
    const { Table } = await test.dynamodb.send(new DescribeTableCommand({ TableName }));
    expect(Table).toMatchObject({
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:ap-southeast-1:123456789012:table/${TableName}`,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      LatestStreamArn: StreamArn,
    });
    expect((await test.dynamodb.send(new ListTablesCommand({}))).TableNames).toContain(TableName);
    await expect(createTable({ TableName })).rejects.toMatchObject({ name: 'ResourceInUseException' });
  });

  it('is gone after DeleteTable, unless it is protected', async () => {
    await test.dynamodb.send(new DeleteTableCommand({ TableName }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(put('a')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { TableDescription } = await createTable({ DeletionProtectionEnabled: true });
    const remove = new DeleteTableCommand({ TableName: TableDescription?.TableName });
    await expect(test.dynamodb.send(remove)).rejects.toThrow(/protected/);
  });

  it('takes what provisioning sets', async () => {
    const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
    const { ContinuousBackupsDescription } = await test.dynamodb.send(
      new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }),
    );
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
    const TimeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true };
    await test.dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const { TimeToLiveDescription } = await test.dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' });
    await expect(test.dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))).rejects.toThrow(
      /already enabled/,
    );
  });

  it('that does not exist is an error', async () => {
    await expect(test.dynamodb.send(new DescribeTableCommand({ TableName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(test.dynamodb.send(new GetItemCommand({ TableName: 'none', Key: key('a') }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('names calls and parameters that are not known here', async () => {
    await expect(test.dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [] }))).rejects.toThrow(/dynamodb:TransactWriteItems/);
    const command = new CreateTableCommand({ TableName: 'x', AttributeDefinitions: [], KeySchema: [], ResourcePolicy: '{}' });
    await expect(test.dynamodb.send(command)).rejects.toThrow(/ResourcePolicy/);
    expect(test.aws.unknownCalls.map(({ call }) => call)).toEqual(expect.arrayContaining(['TransactWriteItems', 'CreateTable']));
  });
});

describe('an item', () => {
  it('comes back as it was put', async () => {
    const rest = {
      amountMinor: { N: '1200000' },
      body: { B: new Uint8Array([31, 139, 0]) },
      headers: { M: { a: { S: 'é' } } },
      gone: { NULL: true },
    };
    await put('a', rest);
    expect(await get('a')).toEqual({ ...key('a'), ...rest });
    expect(await get('b')).toBeUndefined();
  });

  it('is put once under a condition, whoever races', async () => {
    const ConditionExpression = 'attribute_not_exists(paymentId)';
    const racers = Array.from({ length: 30 }, (_, index) => put('raced', { n: { N: String(index) } }, { ConditionExpression }));
    const results = await Promise.allSettled(racers);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await get('raced'))?.['n']).toEqual({ N: String(winner) });
    const [lost] = results.filter((result) => result.status === 'rejected');
    expect(lost?.reason).toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect((await records()).records).toHaveLength(1);
  });

  it('is shown by a failed condition that asks for it', async () => {
    await put('a', { fingerprint: { S: 'one' } });
    const ConditionExpression = 'attribute_not_exists(paymentId)';
    await expect(put('a', {}, { ConditionExpression })).rejects.toMatchObject({ Item: undefined });
    const asking = put('a', {}, { ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    await expect(asking).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { ...key('a'), fingerprint: { S: 'one' } },
    });
  });

  it('counts every concurrent update', async () => {
    await Promise.all(Array.from({ length: 50 }, () => update('counter', 'ADD n :one', { ':one': { N: '1' } })));
    expect((await get('counter'))?.['n']).toEqual({ N: '50' });
  });

  it('is found by query, index, scan and batch', async () => {
    for (const event of ['event#1', 'event#2', 'alert#x']) {
      await test.dynamodb.send(new PutItemCommand({ TableName, Item: { ...key('p', event), providerBucket: { S: 'stripe#0' } } }));
    }
    const values = { ':p': { S: 'p' }, ':e': { S: 'event#' } };
    const KeyConditionExpression = 'paymentId = :p AND begins_with(eventKey, :e)';
    const queried = await test.dynamodb.send(new QueryCommand({ TableName, KeyConditionExpression, ExpressionAttributeValues: values }));
    expect(queried.Items?.map((item) => item['eventKey']?.S)).toEqual(['event#1', 'event#2']);
    const byIndex = new QueryCommand({
      TableName,
      IndexName: 'ProviderIndex',
      KeyConditionExpression: 'providerBucket = :b',
      ExpressionAttributeValues: { ':b': { S: 'stripe#0' } },
    });
    expect((await test.dynamodb.send(byIndex)).Count).toBe(3);
    expect((await test.dynamodb.send(new ScanCommand({ TableName }))).Count).toBe(3);
    const gets = { RequestItems: { [TableName]: { Keys: [key('p'), key('none')] } } };
    expect((await test.dynamodb.send(new BatchGetItemCommand(gets))).Responses?.[TableName]).toHaveLength(1);
    const writes = { RequestItems: { [TableName]: [{ DeleteRequest: { Key: key('p') } }, { PutRequest: { Item: key('q') } }] } };
    expect((await test.dynamodb.send(new BatchWriteItemCommand(writes))).UnprocessedItems).toEqual({});
    expect([await get('p'), await get('q')]).toEqual([undefined, key('q')]);
  });

  it('over 400 KB, without its key or with a bad expression is refused', async () => {
    await expect(put('big', { body: { S: 'x'.repeat(409_600) } })).rejects.toThrow(/maximum allowed size/);
    await expect(test.dynamodb.send(new PutItemCommand({ TableName, Item: { paymentId: { S: 'a' } } }))).rejects.toThrow(/Missing the key/);
    await expect(update('a', 'SET status')).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('a stream', () => {
  it('has every change with its images, in order', async () => {
    await put('a', { status: { S: 'received' } });
    await update('a', 'SET processedAt = :p REMOVE body', { ':p': { S: 'now' } });
    await test.dynamodb.send(new DeleteItemCommand({ TableName, Key: key('a') }));
    const { records: all } = await records();
    const first = { ...key('a'), status: { S: 'received' } };
    const second = { ...first, processedAt: { S: 'now' } };
    expect(all.map(({ eventName, dynamodb }) => [eventName, dynamodb?.OldImage, dynamodb?.NewImage])).toEqual([
      ['INSERT', undefined, first],
      ['MODIFY', first, second],
      ['REMOVE', second, undefined],
    ]);
    expect(all[0]).toMatchObject({ eventSource: 'aws:dynamodb', awsRegion: 'ap-southeast-1', eventVersion: '1.1' });
    expect(all[0]?.dynamodb).toMatchObject({ Keys: key('a'), StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(all[0]?.dynamodb?.ApproximateCreationDateTime?.getTime()).toBe(test.clock.now());
    const numbers = all.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
    expect(numbers).toEqual([...numbers].sort());
    expect(new Set(numbers.map(({ length }) => length)).size).toBe(1);
  });

  it('has no record of a write that failed or changed nothing', async () => {
    await put('a', { tags: { SS: ['x', 'y'] } });
    await put('a', { tags: { SS: ['y', 'x'] } });
    await expect(put('a', {}, { ConditionExpression: 'attribute_not_exists(paymentId)' })).rejects.toThrow();
    await test.dynamodb.send(new DeleteItemCommand({ TableName, Key: key('none') }));
    expect((await records()).records).toHaveLength(1);
  });

  it('shows a change only when the item can be read', async () => {
    const found: Promise<unknown>[] = [];
    const stop = test.aws.on('stream-record', () => found.push(get('fresh')));
    await put('fresh');
    stop();
    expect(await Promise.all(found)).toEqual([key('fresh')]);
  });

  it('keeps the order of each key under concurrent writes', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => update(`k${index % 5}`, 'ADD n :one', { ':one': { N: '1' } })));
    const seen = new Map<string, number>();
    for (const { dynamodb } of (await records()).records) {
      const id = dynamodb?.Keys?.['paymentId']?.S ?? '';
      expect(Number(dynamodb?.NewImage?.['n']?.N)).toBe((seen.get(id) ?? 0) + 1);
      seen.set(id, Number(dynamodb?.NewImage?.['n']?.N));
    }
    expect([...seen.values()]).toEqual([20, 20, 20, 20, 20]);
  });

  it('is read from its start, its end, at and after a record', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const latest = await iterator('LATEST');
    const { records: all, next } = await records();
    const ids = (list: typeof all) => list.map(({ dynamodb }) => dynamodb?.Keys?.['paymentId']?.S);
    const second = all[1]?.dynamodb?.SequenceNumber;
    expect(ids((await records(await iterator('AT_SEQUENCE_NUMBER', second))).records)).toEqual(['b', 'c']);
    expect(ids((await records(await iterator('AFTER_SEQUENCE_NUMBER', second))).records)).toEqual(['c']);
    await put('d');
    expect(ids((await records(latest)).records)).toEqual(['d']);
    expect(ids((await records(next)).records)).toEqual(['d']);
    const limited = await test.streams.send(new GetRecordsCommand({ ShardIterator: await iterator('TRIM_HORIZON'), Limit: 2 }));
    expect(limited.Records).toHaveLength(2);
    expect(ids((await records(limited.NextShardIterator)).records)).toEqual(['c', 'd']);
  });

  it('is listed, and refuses what it does not have', async () => {
    expect((await test.streams.send(new ListStreamsCommand({ TableName }))).Streams).toMatchObject([{ StreamArn, TableName }]);
    await expect(test.streams.send(new DescribeStreamCommand({ StreamArn: `${StreamArn}x` }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const shard = new GetShardIteratorCommand({ StreamArn, ShardId: 'shardId-00000000000000000000-none', ShardIteratorType: 'LATEST' });
    await expect(test.streams.send(shard)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(test.streams.send(new GetRecordsCommand({ ShardIterator: 'none' }))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('lets an iterator expire after fifteen minutes, and forgets after a day', async () => {
    await put('old');
    const { records: all, next } = await records();
    test.clock.advance(15 * 60 * 1000 + 1);
    await expect(records(next)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    test.clock.advance(24 * 60 * 60 * 1000);
    await put('new');
    expect((await records()).records.map(({ dynamodb }) => dynamodb?.Keys?.['paymentId']?.S)).toEqual(['new']);
    const trimmed = iterator('AT_SEQUENCE_NUMBER', all[0]?.dynamodb?.SequenceNumber);
    await expect(trimmed).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
  });
});

describe('an item with a time to live', () => {
  const expiresAt = (secondsFromNow: number) => ({ expiresAt: { N: String(Math.floor(test.clock.now() / 1000) + secondsFromNow) } });
  /** Time goes by, and then DynamoDB looks for expired items. */
  const pass = async (ms: number) => {
    test.clock.advance(ms);
    for (let sweep = 0; sweep < 2; sweep += 1) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      test.clock.advance(SWEEP_MS);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  };

  beforeEach(async () => {
    await put('before', expiresAt(60));
    const TimeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true };
    await test.dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  });

  it('is deleted by DynamoDB when it is over, and the stream says by whom', async () => {
    await put('after', expiresAt(120));
    await put('text', { expiresAt: { S: '1' } });
    await put('ancient', expiresAt(-6 * 365 * 24 * 60 * 60));
    await put('without');
    await pass(60_000);
    expect([await get('before'), (await get('after')) !== undefined]).toEqual([undefined, true]);
    await pass(60_000);
    expect(await get('after')).toBeUndefined();
    expect([await get('text'), await get('ancient'), await get('without')].every((item) => item !== undefined)).toBe(true);
    const removed = (await records()).records.filter(({ eventName }) => eventName === 'REMOVE');
    expect(removed.map(({ userIdentity }) => userIdentity)).toEqual(
      Array.from({ length: 2 }, () => ({ Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' })),
    );
  });

  it('lives on when it was prolonged, and a delete by hand has no principal', async () => {
    await put('before', expiresAt(600));
    await pass(60_000);
    expect(await get('before')).toBeDefined();
    await test.dynamodb.send(new DeleteItemCommand({ TableName, Key: key('before') }));
    expect((await records()).records.at(-1)?.userIdentity).toBeUndefined();
  });
});
