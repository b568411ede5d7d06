import { setTimeout as sleep } from 'node:timers/promises';
import { CreateQueueCommand, SendMessageBatchCommand, SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { awsClients, type AwsClients } from '../../../../scripts/local/aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';
import { startQueueTrigger } from '../../../../scripts/local/event-sources/queue-trigger';
import type { Trigger } from '../../../../scripts/local/event-sources/trigger';
import { isJsonArray, isObject, textAt, type Json, type JsonObject } from '../../../../scripts/local/json';
import type { QueueTrigger } from '../../../../scripts/local/pipeline';

let aws: EmbeddedAws;
let clients: AwsClients;
let trigger: Trigger | undefined;
let url: string;
const batches: (readonly JsonObject[])[] = [];
const problems: string[] = [];

beforeEach(async () => {
  aws = await startEmbeddedAws();
  clients = awsClients(aws.endpoint, 'eu-west-1');
  // What fails comes again at once: a batch is settled before the next one is asked for, unless there may be two.
  const attributes = { VisibilityTimeout: '0' };
  url = (await clients.sqs.send(new CreateQueueCommand({ QueueName: 'work', Attributes: attributes }))).QueueUrl ?? '';
});

afterEach(async () => {
  await trigger?.stop();
  clients.destroy();
  await aws.close();
  batches.length = 0;
  problems.length = 0;
});

type Answer = Json | Error | ((records: readonly JsonObject[]) => Json);

/** Each batch gets the next answer; the last one stays. */
function start(answers: readonly Answer[], settings: Partial<QueueTrigger> = {}, concurrency = 1): void {
  trigger = startQueueTrigger({
    sqs: clients.sqs,
    region: 'eu-west-1',
    concurrency,
    onProblem: (problem) => problems.push(problem),
    settings: {
      functionName: 'worker',
      queueArn: 'arn:aws:sqs:eu-west-1:1:work',
      queueUrl: url,
      batchSize: 10,
      windowSeconds: 0,
      reportsItemFailures: true,
      maximumConcurrency: undefined,
      filters: [],
      ...settings,
    },
    invoke: (event) => {
      const records = recordsOf(event);
      const answer = answers[Math.min(batches.length, answers.length - 1)] ?? null;
      batches.push(records);
      if (answer instanceof Error) {
        return Promise.resolve({ ok: false, requestId: 'r', error: { errorType: 'Error', errorMessage: answer.message } });
      }
      return Promise.resolve({ ok: true, requestId: 'r', payload: typeof answer === 'function' ? answer(records) : answer });
    },
  });
}

function recordsOf(event: unknown): readonly JsonObject[] {
  const records = isObject(event) ? event['Records'] : undefined;
  return isJsonArray(records) ? records.filter(isObject) : [];
}

async function hideFor(seconds: number): Promise<void> {
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { VisibilityTimeout: String(seconds) } }));
}

async function send(...bodies: readonly string[]): Promise<void> {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
}

const bodies = (): string[] => batches.map((records) => records.map((record) => textAt(record, 'body')).join(' '));
const depth = (): number => aws.queueDepths().reduce((sum, queue) => sum + queue.visible + queue.inFlight, 0);

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 4000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${JSON.stringify({ bodies: bodies(), depth: depth(), problems })}`);
    await sleep(10);
  }
}

const failing =
  (...wanted: readonly string[]) =>
  (records: readonly JsonObject[]): Json => ({
    batchItemFailures: records
      .filter(({ body }) => wanted.includes(textAt(body)))
      .map(({ messageId }) => ({ itemIdentifier: messageId ?? '' })),
  });

describe('startQueueTrigger', () => {
  it('hands over records as Lambda does, and deletes what was taken', async () => {
    await clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'hello',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
      }),
    );
    start([null]);
    await until(() => batches.length === 1 && depth() === 0);
    expect(batches[0]?.[0]).toEqual({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      body: 'hello',
      attributes: expect.objectContaining({ ApproximateReceiveCount: '1', SentTimestamp: expect.any(String) }),
      messageAttributes: { kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' } },
      md5OfBody: expect.any(String),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:1:work',
      awsRegion: 'eu-west-1',
    });
  });

  it('deletes what did not fail; what failed comes again after the visibility timeout', async () => {
    await hideFor(1);
    await send('good', 'bad', 'fine');
    start([failing('bad'), null]);
    await until(() => depth() === 0);
    expect(bodies()).toEqual(['good bad fine', 'bad']);
    expect(batches[1]?.[0]?.['attributes']).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it.each<[string, Answer]>([
    ['throws', new Error('no')],
    ['answers with a text', 'done'],
    ['names a message that was not in the batch', { batchItemFailures: [{ itemIdentifier: 'other' }] }],
    ['uses a wrong name', { batchItemFailures: [{ itemId: 'x' }] }],
  ])('takes the whole batch for failed when the function %s, and goes on', async (_what, answer) => {
    await send('a', 'b');
    start([answer, null]);
    await until(() => depth() === 0);
    // They may come again one by one.
    expect(bodies()[0]).toBe('a b');
    expect(bodies().slice(1).join(' ').split(' ').sort()).toEqual(['a', 'b']);
  });

  it('deletes everything when the function does not report failures', async () => {
    await send('a', 'b');
    start([failing('a')], { reportsItemFailures: false });
    await until(() => depth() === 0);
    expect(bodies()).toEqual(['a b']);
  });

  it('takes no more than the batch size', async () => {
    await send('a', 'b', 'c');
    start([null], { batchSize: 2 });
    await until(() => depth() === 0);
    expect(batches.map(({ length }) => length)).toEqual([2, 1]);
  });

  it('waits for a batch to fill within its window', async () => {
    await hideFor(30);
    start([null], { windowSeconds: 1 });
    await send('a');
    await sleep(150);
    await send('b');
    await until(() => depth() === 0);
    expect(bodies()).toEqual(['a b']);
  });

  it('deletes messages that no filter wants, unseen', async () => {
    await send('{"kind":"a"}', '{"kind":"b"}', 'text');
    start([null], { filters: [{ body: { kind: ['b'] } }] });
    await until(() => depth() === 0);
    expect(bodies()).toEqual(['{"kind":"b"}']);
  });

  it('runs no more batches at one time than its concurrency', async () => {
    await hideFor(30);
    let running = 0;
    let most = 0;
    trigger = startQueueTrigger({
      sqs: clients.sqs,
      region: 'eu-west-1',
      concurrency: 2,
      onProblem: (problem) => problems.push(problem),
      settings: {
        functionName: 'worker',
        queueArn: 'arn',
        queueUrl: url,
        batchSize: 1,
        windowSeconds: 0,
        reportsItemFailures: true,
        maximumConcurrency: 2,
        filters: [],
      },
      invoke: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(30);
        running -= 1;
        return { ok: true, requestId: 'r', payload: null };
      },
    });
    await send('a', 'b', 'c', 'd', 'e');
    await until(() => depth() === 0);
    expect(most).toBe(2);
  });

  it('survives a queue that cannot be read, and an invocation that is refused', async () => {
    aws.faults.add({ service: 'sqs', operation: 'ReceiveMessage', times: 3, error: { code: 'InternalFailure', status: 500 } });
    await send('a');
    start([null]);
    await until(() => depth() === 0);
    expect(problems[0]).toContain('cannot read');
    expect(bodies()).toEqual(['a']);
  });

  it('stops while it waits for messages', async () => {
    start([null]);
    await sleep(50);
    const before = performance.now();
    await trigger?.stop();
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});
