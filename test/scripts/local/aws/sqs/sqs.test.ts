import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestAws, type TestAws } from '../test-aws';

let test: TestAws;
let url: string;
let arn: string;
let names = 0;

beforeAll(async () => {
  test = await startTestAws();
});
afterAll(() => test.close());

async function createQueue(attributes: Record<string, string> = {}): Promise<{ url: string; arn: string }> {
  const name = `queue-${(names += 1)}`;
  const { QueueUrl = '' } = await test.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return { url: QueueUrl, arn: `arn:aws:sqs:${test.aws.region}:${test.aws.accountId}:${name}` };
}

async function send(body: string, queueUrl = url) {
  return test.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
}

async function receive(options: Partial<ReceiveMessageCommandInput> = {}) {
  const input = { QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
  const { Messages = [] } = await test.sqs.send(new ReceiveMessageCommand({ ...input, ...options }));
  return Messages;
}

async function attributes(queueUrl = url) {
  const { Attributes = {} } = await test.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }));
  return Attributes;
}

async function withDeadLetters(maxReceiveCount: number) {
  const deadLetters = await createQueue();
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount });
  const source = await createQueue({ RedrivePolicy, VisibilityTimeout: '10' });
  return { deadLetters, source };
}

beforeEach(async () => {
  ({ url, arn } = await createQueue());
});

describe('a queue', () => {
  it('has a URL at the endpoint, where the SDK sends its calls', () => {
    expect(url.startsWith(`${test.aws.endpoint}/123456789012/`)).toBe(true);
  });

  it('is found by name and in lists', async () => {
    const name = url.split('/').at(-1);
    expect((await test.sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl).toBe(url);
    expect((await test.sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }))).QueueUrls).toEqual([url]);
  });

  it('shows its attributes with their defaults', async () => {
    expect(await attributes()).toMatchObject({
      QueueArn: arn,
      VisibilityTimeout: '30',
      DelaySeconds: '0',
      MessageRetentionPeriod: '345600',
      MaximumMessageSize: '262144',
      ApproximateNumberOfMessages: '0',
    });
  });

  it('can be made again with the same attributes only', async () => {
    const name = url.split('/').at(-1);
    await expect(test.sqs.send(new CreateQueueCommand({ QueueName: name }))).resolves.toMatchObject({ QueueUrl: url });
    const other = new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: '5' } });
    await expect(test.sqs.send(other)).rejects.toMatchObject({ name: 'QueueNameExists' });
  });

  it('refuses names, attributes and values that AWS refuses', async () => {
    const create = (QueueName: string, Attributes: Record<string, string>) =>
      test.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    await expect(create('a b', {})).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(create('q', { Visibility: '1' })).rejects.toMatchObject({ name: 'InvalidAttributeName' });
    await expect(create('q', { VisibilityTimeout: '43201' })).rejects.toMatchObject({ name: 'InvalidAttributeValue' });
    await expect(create('q', { RedrivePolicy: '{}' })).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    const nowhere = JSON.stringify({ deadLetterTargetArn: `${arn}-none`, maxReceiveCount: 3 });
    await expect(create('q', { RedrivePolicy: nowhere })).rejects.toThrow(/does not exist/);
  });

  it('that is FIFO is not known here, and the error says so', async () => {
    const fifo = new CreateQueueCommand({ QueueName: 'orders', Attributes: { FifoQueue: 'true' } });
    await expect(test.sqs.send(fifo)).rejects.toThrow(/FIFO/);
    expect(test.aws.unknownCalls.at(-1)).toMatchObject({ service: 'sqs', call: 'CreateQueue' });
  });

  it('that does not exist is an error', async () => {
    await expect(send('x', `${test.aws.endpoint}/123456789012/none`)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(test.sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('is gone after DeleteQueue, and empty after PurgeQueue', async () => {
    await send('x');
    await test.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    expect(await receive()).toEqual([]);
    await test.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(send('x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('a message', () => {
  it('comes with its body, attributes, checksums and system attributes', async () => {
    const sent = await test.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'hällo 🌍',
        MessageAttributes: {
          kind: { DataType: 'String', StringValue: 'é' },
          count: { DataType: 'Number.int', StringValue: '7' },
          bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
        },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } },
      }),
    );
    const [message] = await receive();
    expect(message).toMatchObject({ MessageId: sent.MessageId, Body: 'hällo 🌍', MD5OfBody: sent.MD5OfMessageBody });
    expect(message?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(message?.MessageAttributes?.['bytes']?.BinaryValue).toEqual(new Uint8Array([0, 255]));
    expect(message?.Attributes).toEqual({
      SenderId: '123456789012',
      SentTimestamp: String(test.clock.now()),
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: String(test.clock.now()),
      AWSTraceHeader: 'Root=1-2-3',
    });
  });

  it('has the attribute checksum that AWS computes', async () => {
    const MessageAttributes = { timestamp: { DataType: 'Number', StringValue: '1493147359900' } };
    const sent = await test.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes }));
    // A value that AWS gave for these attributes.
    expect(sent.MD5OfMessageAttributes).toBe('235c5c510d26fb653d073faed50ae77c');
  });

  it('gives only the attributes that are asked for', async () => {
    const MessageAttributes = { 'a.one': { DataType: 'String', StringValue: '1' }, b: { DataType: 'String', StringValue: '2' } };
    await test.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes }));
    const [message] = await receive({ MessageAttributeNames: ['a.*'], MessageSystemAttributeNames: ['SentTimestamp'] });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['a.one']);
    expect(Object.keys(message?.Attributes ?? {})).toEqual(['SentTimestamp']);
  });

  it('takes its trace from the HTTP header where it has no attribute for it', async () => {
    process.env['_X_AMZN_TRACE_ID'] = 'Root=1-header';
    process.env['AWS_LAMBDA_FUNCTION_NAME'] = 'probe';
    try {
      await send('x');
    } finally {
      delete process.env['_X_AMZN_TRACE_ID'];
      delete process.env['AWS_LAMBDA_FUNCTION_NAME'];
    }
    expect((await receive())[0]?.Attributes?.['AWSTraceHeader']).toBe('Root=1-header');
  });

  it('is refused when empty, over 256 KiB, with a forbidden character or an attribute without value', async () => {
    await expect(send('')).rejects.toMatchObject({ name: 'MissingParameter' });
    await expect(send('é'.repeat(131_073))).rejects.toThrow(/shorter than 262144/);
    await expect(send('a'.repeat(262_144))).resolves.toHaveProperty('MessageId');
    await expect(send('a\u0000')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
    const MessageAttributes = { a: { DataType: 'String', StringValue: '' } };
    const command = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes });
    await expect(test.sqs.send(command)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
  });

  it('is invisible until its timeout, then comes again with a higher count', async () => {
    await send('x');
    const [first] = await receive();
    test.clock.advance(29_999);
    expect(await receive()).toEqual([]);
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '1' });
    test.clock.advance(1);
    const [second] = await receive();
    expect(second?.Attributes?.['ApproximateReceiveCount']).toBe('2');
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  it('stays when deleted by the handle of an earlier receive, and goes by the last', async () => {
    await send('x');
    const [first] = await receive({ VisibilityTimeout: 1 });
    test.clock.advance(1000);
    const [second] = await receive();
    await test.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }));
    expect((await attributes())['ApproximateNumberOfMessagesNotVisible']).toBe('1');
    await test.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: second?.ReceiptHandle }));
    test.clock.advance(60_000);
    expect(await receive()).toEqual([]);
  });

  it('can be deleted after its timeout as long as nobody received it again', async () => {
    await send('x');
    const [message] = await receive({ VisibilityTimeout: 1 });
    test.clock.advance(5000);
    await test.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    expect(await receive()).toEqual([]);
  });

  it('is given back at once, or kept longer, by ChangeMessageVisibility', async () => {
    await send('x');
    const [message] = await receive();
    const change = (VisibilityTimeout: number) =>
      test.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }));
    await change(100);
    test.clock.advance(60_000);
    expect(await receive()).toEqual([]);
    await change(0);
    expect(await receive()).toHaveLength(1);
    await expect(change(1)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('is delayed by its own delay or the queue’s', async () => {
    await test.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', DelaySeconds: 5 }));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesDelayed: '1' });
    test.clock.advance(5000);
    expect(await receive()).toHaveLength(1);
  });

  it('is gone after the retention period', async () => {
    await test.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { MessageRetentionPeriod: '60' } }));
    await send('x');
    test.clock.advance(60_000);
    expect((await attributes())['ApproximateNumberOfMessages']).toBe('0');
    expect(await receive()).toEqual([]);
  });

  it('with a handle that is none is an error', async () => {
    const command = new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: 'nonsense' });
    await expect(test.sqs.send(command)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });
});

describe('a long poll', () => {
  it('is answered as soon as a message comes', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send('late');
    expect((await waiting)[0]?.Body).toBe('late');
  });

  it('is answered when a message becomes visible again', async () => {
    await send('x');
    await receive({ VisibilityTimeout: 5 });
    const waiting = receive({ WaitTimeSeconds: 20 });
    await attributes();
    await new Promise((resolve) => setTimeout(resolve, 30));
    test.clock.advance(5000);
    expect(await waiting).toHaveLength(1);
  });

  it('ends empty after its time', async () => {
    const waiting = receive({ WaitTimeSeconds: 2 });
    await new Promise((resolve) => setTimeout(resolve, 30));
    test.clock.advance(2000);
    expect(await waiting).toEqual([]);
  });

  it('takes nothing for a client that has left', async () => {
    const controller = new AbortController();
    const left = test.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), { abortSignal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort();
    await expect(left).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await send('x');
    expect(await receive()).toHaveLength(1);
  });
});

describe('a batch', () => {
  const entries = (count: number) => Array.from({ length: count }, (_, index) => ({ Id: `id${index}`, MessageBody: `body ${index}` }));

  it('sends, changes and deletes each entry for itself', async () => {
    const sent = await test.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries: [...entries(2), { Id: 'bad', MessageBody: '\u0001' }] }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['id0', 'id1']);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
    const handles = (await receive()).map(({ ReceiptHandle }, index) => ({ Id: `h${index}`, ReceiptHandle }));
    const changes = [
      ...handles.map((handle) => ({ ...handle, VisibilityTimeout: 0 })),
      { Id: 'bad', ReceiptHandle: 'bm9uZQ', VisibilityTimeout: 0 },
    ];
    const changed = await test.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: changes }));
    expect([changed.Successful?.length, changed.Failed?.map(({ Code }) => Code)]).toEqual([2, ['ReceiptHandleIsInvalid']]);
    const again = (await receive()).map(({ ReceiptHandle }, index) => ({ Id: `h${index}`, ReceiptHandle }));
    const deleted = await test.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: again }));
    expect(deleted.Successful).toHaveLength(2);
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('is refused whole when empty, over ten, with equal ids or over 1 MiB', async () => {
    const sendBatch = (Entries: { Id: string; MessageBody: string }[]) =>
      test.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    await expect(sendBatch([])).rejects.toMatchObject({ name: 'EmptyBatchRequest' });
    await expect(sendBatch(entries(11))).rejects.toMatchObject({ name: 'TooManyEntriesInBatchRequest' });
    await expect(sendBatch([...entries(1), ...entries(1)])).rejects.toMatchObject({ name: 'BatchEntryIdsNotDistinct' });
    await expect(sendBatch([{ Id: 'a b', MessageBody: 'x' }])).rejects.toMatchObject({ name: 'InvalidBatchEntryId' });
    const large = entries(5).map(({ Id }) => ({ Id, MessageBody: 'x'.repeat(250_000) }));
    await expect(sendBatch(large)).rejects.toMatchObject({ name: 'BatchRequestTooLong' });
  });
});

describe('dead letters', () => {
  it('are messages at the receive after their last allowed one, with id, attributes and source', async () => {
    const seen: unknown[] = [];
    const stop = test.aws.on('dead-letter', (event) => seen.push(event));
    const { source, deadLetters } = await withDeadLetters(2);
    const { MessageId } = await send('poison', source.url);
    for (const count of ['1', '2']) {
      const [message] = await receive({ QueueUrl: source.url });
      expect(message?.Attributes?.['ApproximateReceiveCount']).toBe(count);
      test.clock.advance(10_000);
      expect(await receive({ QueueUrl: deadLetters.url })).toEqual([]);
    }
    expect(await receive({ QueueUrl: source.url })).toEqual([]);
    const [dead] = await receive({ QueueUrl: deadLetters.url });
    expect(dead).toMatchObject({ MessageId, Body: 'poison' });
    expect(dead?.Attributes).toMatchObject({ DeadLetterQueueSourceArn: source.arn, ApproximateReceiveCount: '3' });
    expect(seen).toEqual([{ queueArn: deadLetters.arn, sourceArn: source.arn, messageId: MessageId, body: 'poison' }]);
    stop();
  });

  it('do not hold up their neighbours', async () => {
    const { source } = await withDeadLetters(1);
    await send('poison', source.url);
    await receive({ QueueUrl: source.url });
    test.clock.advance(10_000);
    await send('healthy', source.url);
    expect((await receive({ QueueUrl: source.url })).map(({ Body }) => Body)).toEqual(['healthy']);
  });

  it('know the queues that they come from', async () => {
    const { source, deadLetters } = await withDeadLetters(2);
    const listed = await test.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetters.url }));
    expect(listed.queueUrls).toEqual([source.url]);
  });

  it('are refused to a source that the redrive allow policy leaves out', async () => {
    const closed = await createQueue({ RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: closed.arn, maxReceiveCount: 3 });
    const set = () => test.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }));
    await expect(set()).rejects.toThrow(/does not allow/);
    const RedriveAllowPolicy = JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arn] });
    await test.sqs.send(new SetQueueAttributesCommand({ QueueUrl: closed.url, Attributes: { RedriveAllowPolicy } }));
    await expect(set()).resolves.toBeDefined();
  });

  it('are moved back to their source as new messages by a move task', async () => {
    const { source, deadLetters } = await withDeadLetters(1);
    await send('poison', source.url);
    await receive({ QueueUrl: source.url });
    test.clock.advance(10_000);
    await receive({ QueueUrl: source.url });
    const { TaskHandle } = await test.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }));
    expect(TaskHandle).toBeDefined();
    test.clock.advance(1000);
    const { Results } = await test.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetters.arn }));
    expect(Results).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 1, ApproximateNumberOfMessagesToMove: 1 }]);
    const [back] = await receive({ QueueUrl: source.url });
    expect(back?.Attributes?.['ApproximateReceiveCount']).toBe('1');
  });

  it('are moved at the asked speed, one task at a time, until it is cancelled', async () => {
    const { deadLetters } = await withDeadLetters(1);
    for (let index = 0; index < 3; index += 1) await send(`m${index}`, deadLetters.url);
    const start = () =>
      test.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn, DestinationArn: arn, MaxNumberOfMessagesPerSecond: 10 }));
    const { TaskHandle } = await start();
    test.clock.advance(100);
    await expect(start()).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const cancelled = await test.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(2);
    test.clock.advance(1000);
    expect((await attributes())['ApproximateNumberOfMessages']).toBe('2');
  });

  it('are moved only from a dead-letter queue, and fail without a way back', async () => {
    const start = (SourceArn: string) => test.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    await expect(start(arn)).rejects.toMatchObject({ Code: 'InvalidParameterValue' });
    await expect(start(`${arn}-none`)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const { deadLetters } = await withDeadLetters(1);
    await send('sent here by hand', deadLetters.url);
    await start(deadLetters.arn);
    test.clock.advance(1000);
    const { Results } = await test.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: deadLetters.arn }));
    expect(Results).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    expect((await attributes(deadLetters.url))['ApproximateNumberOfMessages']).toBe('1');
  });
});

describe('many consumers', () => {
  it('get each message once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, batch) => {
        const Entries = Array.from({ length: 10 }, (_item, index) => ({ Id: `i${index}`, MessageBody: `${batch}-${index}` }));
        return test.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
      }),
    );
    const bodies: string[] = [];
    const consume = async () => {
      for (;;) {
        const messages = await receive();
        if (messages.length === 0) return;
        bodies.push(...messages.map(({ Body = '' }) => Body));
        const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `i${index}`, ReceiptHandle }));
        await test.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
      }
    };
    await Promise.all(Array.from({ length: 8 }, consume));
    expect(bodies).toHaveLength(200);
    expect(new Set(bodies).size).toBe(200);
    expect(test.aws.queueDepths().find((queue) => queue.arn === arn)).toMatchObject({ visible: 0, inFlight: 0, delayed: 0 });
  });
});
