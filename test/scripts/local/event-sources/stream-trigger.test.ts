import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { awsClients, type AwsClients } from '../../../../scripts/local/aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';
import { startStreamTrigger } from '../../../../scripts/local/event-sources/stream-trigger';
import type { Trigger } from '../../../../scripts/local/event-sources/trigger';
import { isJsonArray, isObject, parseJsonObject, textAt, type Json, type JsonObject } from '../../../../scripts/local/json';
import type { StreamTrigger } from '../../../../scripts/local/pipeline';

let aws: EmbeddedAws;
let clients: AwsClients;
let trigger: Trigger | undefined;
let streamArn: string;
let deadLetters: string;
const problems: string[] = [];

beforeEach(async () => {
  aws = await startEmbeddedAws();
  clients = awsClients(aws.endpoint, 'eu-west-1');
  const { TableDescription } = await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: 'rows',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'kind', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'kind', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  streamArn = TableDescription?.LatestStreamArn ?? '';
  deadLetters = (await clients.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))).QueueUrl ?? '';
  await until(async () => (await put('warm-up', 'x').catch(() => undefined)) !== undefined);
});

afterEach(async () => {
  await trigger?.stop();
  clients.destroy();
  await aws.close();
  problems.length = 0;
});

async function put(id: string, kind: string, n = 0): Promise<true> {
  await clients.dynamodb.send(
    new PutItemCommand({
      TableName: 'rows',
      Item: { id: { S: id }, kind: { S: kind }, n: { N: String(n) }, raw: { B: Buffer.from('bytes') } },
    }),
  );
  return true;
}

/** `answer` may throw, as the function may. */
function start(answer: (records: readonly JsonObject[]) => Promise<Json> | Json, settings: Partial<StreamTrigger> = {}): void {
  trigger = startStreamTrigger({
    streams: clients.streams,
    sqs: clients.sqs,
    region: 'eu-west-1',
    idleMs: 30,
    retryPauseMs: () => 5,
    onProblem: (problem) => problems.push(problem),
    settings: {
      functionName: 'worker',
      functionArn: 'arn:aws:lambda:eu-west-1:1:function:worker',
      streamArn,
      batchSize: 10,
      windowSeconds: 0,
      reportsItemFailures: true,
      startingPosition: 'TRIM_HORIZON',
      parallelizationFactor: 1,
      maximumRetries: -1,
      maximumAgeSeconds: -1,
      bisects: false,
      filters: [{ dynamodb: { Keys: { id: { S: [{ 'anything-but': ['warm-up'] }] } } } }],
      onFailureQueueUrl: undefined,
      ...settings,
    },
    invoke: async (event) => {
      const records = isObject(event) && isJsonArray(event['Records']) ? event['Records'].filter(isObject) : [];
      try {
        return { ok: true, requestId: 'request', payload: await answer(records) };
      } catch (error) {
        return { ok: false, requestId: 'request', error: { errorType: 'Error', errorMessage: String(error) } };
      }
    },
  });
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 4000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time; problems: ${problems.join('; ')}`);
    await sleep(10);
  }
}

function at(record: JsonObject | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((current, name) => (isObject(current) ? current[name] : undefined), record);
}

const idOf = (record: JsonObject): string => textAt(record, 'dynamodb', 'Keys', 'id', 'S');

/** Sizes of the batches that come, with this window. */
function startCounting(windowSeconds: number): readonly number[] {
  const sizes: number[] = [];
  start(
    (records) => {
      sizes.push(records.length);
      return null;
    },
    { windowSeconds },
  );
  return sizes;
}

describe('startStreamTrigger', () => {
  it('hands over records as Lambda does', async () => {
    const seen: JsonObject[] = [];
    await put('one', 'a', 1);
    await put('one', 'a', 2);
    start((records) => {
      seen.push(...records);
      return null;
    });
    await until(() => seen.length === 2);
    expect(seen[1]).toEqual({
      eventID: expect.any(String),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
      eventSourceARN: streamArn,
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { id: { S: 'one' }, kind: { S: 'a' } },
        OldImage: { id: { S: 'one' }, kind: { S: 'a' }, n: { N: '1' }, raw: { B: 'Ynl0ZXM=' } },
        NewImage: { id: { S: 'one' }, kind: { S: 'a' }, n: { N: '2' }, raw: { B: 'Ynl0ZXM=' } },
        SequenceNumber: expect.any(String),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  it('shows the function only what a filter wants, and is done with the rest', async () => {
    const seen: string[] = [];
    start(
      (records) => {
        seen.push(...records.map(idOf));
        return null;
      },
      { filters: [{ eventName: ['INSERT'], dynamodb: { Keys: { kind: { S: [{ prefix: 'event#' }] } } } }] },
    );
    await put('one', 'event#1');
    await put('two', 'alert#1');
    await put('one', 'event#1', 2);
    await put('three', 'event#2');
    await until(() => seen.length === 2);
    await sleep(100);
    expect(seen).toEqual(['one', 'three']);
  });

  it('keeps the order of one item while others run beside it', async () => {
    const running = new Set<string>();
    const order = new Map<string, Json[]>();
    let most = 0;
    start(
      async (records) => {
        for (const record of records) {
          const id = idOf(record);
          if (running.has(id)) throw new Error(`${id} runs twice at one time`);
        }
        const ids = new Set(records.map(idOf));
        for (const id of ids) running.add(id);
        most = Math.max(most, running.size);
        await sleep(20);
        for (const record of records)
          order.set(idOf(record), [...(order.get(idOf(record)) ?? []), at(record, 'dynamodb', 'NewImage', 'n', 'N') ?? null]);
        for (const id of ids) running.delete(id);
        return null;
      },
      { parallelizationFactor: 4, batchSize: 1 },
    );
    for (const n of [1, 2, 3, 4]) for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await put(id, 'x', n);
    await until(() => [...order.values()].flat().length === 24);
    for (const numbers of order.values()) expect(numbers).toEqual(['1', '2', '3', '4']);
    expect(most).toBeGreaterThan(1);
    expect(problems).toEqual([]);
  });

  it('tells the failure destination which records were given up, and goes on', async () => {
    const seen: string[] = [];
    start(
      (records) => {
        if (records.some((record) => idOf(record) === 'poison')) throw new Error('cannot');
        seen.push(...records.map(idOf));
        return null;
      },
      { bisects: true, maximumRetries: 1, onFailureQueueUrl: deadLetters },
    );
    await put('good', 'x');
    await put('poison', 'x');
    await put('fine', 'x');
    await until(() => seen.length === 2);
    const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters, WaitTimeSeconds: 2 }));
    expect(seen).toEqual(['good', 'fine']);
    expect(Messages.map(({ Body = '' }) => parseJsonObject(Body))).toEqual([
      {
        requestContext: {
          requestId: 'request',
          functionArn: 'arn:aws:lambda:eu-west-1:1:function:worker',
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: expect.any(String),
        DDBStreamBatchInfo: {
          shardId: expect.stringMatching(/^shardId-/),
          startSequenceNumber: expect.any(String),
          endSequenceNumber: expect.any(String),
          approximateArrivalOfFirstRecord: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          approximateArrivalOfLastRecord: expect.stringMatching(/Z$/),
          batchSize: 1,
          streamArn,
        },
      },
    ]);
  });

  it('says so when records are given up and nobody is to be told', async () => {
    start(
      () => {
        throw new Error('cannot');
      },
      { maximumRetries: 0 },
    );
    await put('poison', 'x');
    await until(() => problems.length > 0);
    expect(problems).toEqual(['worker gave up 1 records of its stream (RetryAttemptsExhausted)']);
  });

  it('begins at the latest record where the mapping says so', async () => {
    const seen: string[] = [];
    await put('before', 'x');
    start(
      (records) => {
        seen.push(...records.map(idOf));
        return null;
      },
      { startingPosition: 'LATEST' },
    );
    await until(() => (trigger?.emptyReads ?? 0) > 0);
    await put('after', 'x');
    await until(() => seen.length > 0);
    expect(seen).toEqual(['after']);
  });

  it('loses nothing when the stream cannot be read for a while', async () => {
    const seen: string[] = [];
    start((records) => {
      seen.push(...records.map(idOf));
      return null;
    });
    await put('one', 'x');
    await until(() => seen.length === 1);
    aws.faults.add({ service: 'streams', operation: 'GetRecords', times: 3, error: { code: 'InternalServerError', status: 500 } });
    await put('two', 'x');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['one', 'two']);
    expect(problems.length).toBeGreaterThan(0);
  });

  it('fills a batch within its window', async () => {
    const sizes = startCounting(0.3);
    await put('one', 'x');
    await sleep(120);
    await put('two', 'x');
    await until(() => sizes.length > 0);
    expect(sizes).toEqual([2]);
  });

  it('ends the window when it is told to', async () => {
    const sizes = startCounting(600);
    await put('one', 'x');
    await until(() => trigger?.idle === false);
    await sleep(150);
    expect(sizes).toEqual([]);
    trigger?.flush();
    await until(() => sizes.length > 0);
    expect(sizes).toEqual([1]);
  });

  it('stops while it waits for records', async () => {
    start(() => null);
    await sleep(50);
    await trigger?.stop();
    expect(trigger?.idle).toBe(true);
  });

  it('stops within its window, and leaves the records to who reads the stream next', async () => {
    const sizes = startCounting(600);
    await put('one', 'x');
    await until(() => trigger?.idle === false);
    await trigger?.stop();
    expect(sizes).toEqual([]);
  });
});
