import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  StartReplayCommand,
  type Target,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { callJson, startTestAws, type TestAws } from '../test-aws';

let test: TestAws;
let bus: string;
let names = 0;

beforeAll(async () => {
  test = await startTestAws();
});
afterAll(() => test.close());
beforeEach(async () => {
  bus = `bus-${(names += 1)}`;
  await test.events.send(new CreateEventBusCommand({ Name: bus }));
});

async function createQueue() {
  const name = `queue-${(names += 1)}`;
  const { QueueUrl = '' } = await test.sqs.send(new CreateQueueCommand({ QueueName: name }));
  return { url: QueueUrl, arn: `arn:aws:sqs:ap-southeast-1:123456789012:${name}` };
}

async function received(url: string) {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
    VisibilityTimeout: 0,
  });
  return (await test.sqs.send(command)).Messages ?? [];
}

async function route(target: Omit<Target, 'Id'>, pattern: object = { source: ['payment.processor'] }, Name = 'rule') {
  await test.events.send(new PutRuleCommand({ Name, EventBusName: bus, EventPattern: JSON.stringify(pattern) }));
  await test.events.send(new PutTargetsCommand({ Rule: Name, EventBusName: bus, Targets: [{ Id: 't', ...target }] }));
}

const entry = (detail: object = { a: 1 }, rest: PutEventsRequestEntry = {}): PutEventsRequestEntry => ({
  EventBusName: bus,
  Source: 'payment.processor',
  DetailType: 'Payment Processed',
  Detail: JSON.stringify(detail),
  ...rest,
});
const putEvents = (...Entries: PutEventsRequestEntry[]) => test.events.send(new PutEventsCommand({ Entries }));

describe('PutEvents', () => {
  it('delivers the event in its envelope, with its trace', async () => {
    const queue = await createQueue();
    await route({ Arn: queue.arn });
    const Time = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    const { Entries = [], FailedEntryCount } = await putEvents(
      entry({ amount: 12 }, { Time, Resources: ['arn:x'], TraceHeader: 'Root=1-2-3' }),
    );
    expect(FailedEntryCount).toBe(0);
    const [message] = await received(queue.url);
    expect(JSON.parse(message?.Body ?? '')).toEqual({
      version: '0',
      id: Entries[0]?.EventId,
      'detail-type': 'Payment Processed',
      source: 'payment.processor',
      account: '123456789012',
      time: '2026-01-02T03:04:05Z',
      region: 'ap-southeast-1',
      resources: ['arn:x'],
      detail: { amount: 12 },
    });
    expect(message?.Attributes?.['AWSTraceHeader']).toBe('Root=1-2-3');
  });

  it('keeps the digits of numbers', async () => {
    const queue = await createQueue();
    await route({ Arn: queue.arn });
    await putEvents(entry({}, { Detail: '{"n":12345678901234567890.10}' }));
    expect((await received(queue.url))[0]?.Body).toContain('12345678901234567890.10');
  });

  it('judges each entry for itself', async () => {
    const queue = await createQueue();
    await route({ Arn: queue.arn });
    const { Entries, FailedEntryCount } = await putEvents(
      entry(),
      entry({}, { Detail: '{"a":' }),
      entry({}, { Detail: '[1]' }),
      entry({}, { Source: '' }),
      entry({}, { DetailType: undefined }),
      entry({}, { Source: 'aws.ec2' }),
    );
    expect(FailedEntryCount).toBe(5);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
    ]);
    expect(await received(queue.url)).toHaveLength(1);
  });

  it('refuses no, too many and too large entries', async () => {
    await expect(putEvents()).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(putEvents(...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(putEvents(entry({ x: 'x'.repeat(1_048_576) }))).rejects.toThrow(/over the limit/);
  });

  it('to a bus that does not exist is swallowed, as on AWS, and seen by the observers', async () => {
    const seen: string[][] = [];
    const stop = test.aws.on('put-events', ({ busName, rules }) => seen.push([busName, ...rules]));
    expect((await putEvents(entry({}, { EventBusName: 'none' }))).FailedEntryCount).toBe(0);
    stop();
    expect(seen).toEqual([['none']]);
  });
});

describe('a rule', () => {
  it('gets the events that its pattern matches, from its own bus', async () => {
    const queue = await createQueue();
    const seen: string[][] = [];
    const stop = test.aws.on('put-events', ({ eventId, rules }) => seen.push([eventId, ...rules]));
    await route({ Arn: queue.arn }, { detail: { valueBand: ['high'], amount: [{ numeric: ['>', 10] }] } }, 'high-value');
    const { Entries = [] } = await putEvents(
      entry({ valueBand: 'high', amount: 11 }),
      entry({ valueBand: 'high', amount: 10 }),
      entry({ valueBand: 'high', amount: 11 }, { EventBusName: undefined }),
    );
    stop();
    expect(await received(queue.url)).toHaveLength(1);
    expect(seen).toEqual([[Entries[0]?.EventId, 'high-value'], [Entries[1]?.EventId], [Entries[2]?.EventId]]);
  });

  it('has an ARN with its bus, and is described and listed', async () => {
    await route({ Arn: (await createQueue()).arn });
    const rule = await test.events.send(new DescribeRuleCommand({ Name: 'rule', EventBusName: bus }));
    expect(rule).toMatchObject({ Arn: `arn:aws:events:ap-southeast-1:123456789012:rule/${bus}/rule`, State: 'ENABLED' });
    expect((await test.events.send(new ListRulesCommand({ EventBusName: bus }))).Rules).toHaveLength(1);
    expect((await test.events.send(new ListTargetsByRuleCommand({ Rule: 'rule', EventBusName: bus }))).Targets).toMatchObject([
      { Id: 't' },
    ]);
    const onDefault = await test.events.send(new PutRuleCommand({ Name: 'rule', EventPattern: '{"source":["x"]}' }));
    expect(onDefault.RuleArn).toBe('arn:aws:events:ap-southeast-1:123456789012:rule/rule');
  });

  it('rests while disabled, and ends with its targets', async () => {
    const queue = await createQueue();
    await route({ Arn: queue.arn });
    await test.events.send(new DisableRuleCommand({ Name: 'rule', EventBusName: bus }));
    await putEvents(entry());
    expect(await received(queue.url)).toHaveLength(0);
    await test.events.send(new EnableRuleCommand({ Name: 'rule', EventBusName: bus }));
    await putEvents(entry());
    expect(await received(queue.url)).toHaveLength(1);
    await test.events.send(new RemoveTargetsCommand({ Rule: 'rule', EventBusName: bus, Ids: ['t'] }));
    await putEvents(entry());
    expect(await received(queue.url)).toHaveLength(1);
    await test.events.send(new DeleteRuleCommand({ Name: 'rule', EventBusName: bus }));
    await expect(test.events.send(new DescribeRuleCommand({ Name: 'rule', EventBusName: bus }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('with a bad pattern, or on a bus that does not exist, is refused', async () => {
    const put = (EventPattern: string, EventBusName = bus) =>
      test.events.send(new PutRuleCommand({ Name: 'bad', EventBusName, EventPattern }));
    await expect(put('{"source":"x"}')).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
    await expect(put('{"a":[{"cidr":"10.0.0.0/8"}]}')).rejects.toThrow(/cidr/);
    await expect(put('{"source":["x"]}', 'none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('names targets and target settings that are not known here', async () => {
    await expect(route({ Arn: 'arn:aws:lambda:ap-southeast-1:123456789012:function:f' })).rejects.toThrow(/function:f/);
    await expect(route({ Arn: (await createQueue()).arn, InputPath: '$.detail' })).rejects.toThrow(/InputPath/);
    expect(test.aws.unknownCalls.filter(({ call }) => call === 'PutTargets').length).toBeGreaterThanOrEqual(2);
  });

  it('can be tried with TestEventPattern', async () => {
    const Event = JSON.stringify({ source: 'x', detail: { n: 5 } });
    const tryOut = (EventPattern: string) => test.events.send(new TestEventPatternCommand({ Event, EventPattern }));
    expect((await tryOut('{"detail":{"n":[5]}}')).Result).toBe(true);
    expect((await tryOut('{"detail":{"n":[6]}}')).Result).toBe(false);
    await expect(tryOut('{')).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  });
});

describe('a target', () => {
  it('can be a log group', async () => {
    await callJson(test.aws, 'Logs_20140328.CreateLogGroup', { logGroupName: '/aws/events/standard' });
    await route({ Arn: 'arn:aws:logs:ap-southeast-1:123456789012:log-group:/aws/events/standard' });
    await putEvents(entry({ one: 1 }));
    const { body } = await callJson(test.aws, 'Logs_20140328.FilterLogEvents', { logGroupName: '/aws/events/standard' });
    expect(JSON.stringify(body['events'])).toContain('\\"detail\\":{\\"one\\":1}');
  });

  it('can be another bus', async () => {
    const queue = await createQueue();
    const first = bus;
    bus = `bus-${(names += 1)}`;
    const { EventBusArn = '' } = await test.events.send(new CreateEventBusCommand({ Name: bus }));
    await route({ Arn: queue.arn });
    bus = first;
    await route({ Arn: EventBusArn, RoleArn: 'arn:aws:iam::123456789012:role/forward' });
    await putEvents(entry());
    expect(await received(queue.url)).toHaveLength(1);
  });

  it('that is gone sends the event to its dead letters, and says why', async () => {
    const deadLetters = await createQueue();
    const Arn = `${deadLetters.arn}-none`;
    await route({ Arn, DeadLetterConfig: { Arn: deadLetters.arn } });
    await putEvents(entry({ a: 1 }, { TraceHeader: 'Root=1' }));
    const [message] = await received(deadLetters.url);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ detail: { a: 1 } });
    const texts = Object.fromEntries(
      Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
    );
    expect(texts).toEqual({
      RULE_ARN: `arn:aws:events:ap-southeast-1:123456789012:rule/${bus}/rule`,
      TARGET_ARN: Arn,
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'The specified queue does not exist.',
      RETRY_ATTEMPTS: '0',
      AWSTraceHeader: 'Root=1',
    });
  });

  it('whose queue takes only smaller messages sends the event to its dead letters', async () => {
    const [queue, deadLetters] = [await createQueue(), await createQueue()];
    await route({ Arn: queue.arn, DeadLetterConfig: { Arn: deadLetters.arn } });
    await putEvents(entry({ x: 'x'.repeat(262_144) }));
    // The dead-letter queue has the same limit: the event is gone, as on AWS.
    expect([await received(queue.url), await received(deadLetters.url)]).toEqual([[], []]);
  });

  it('that fails for a while is tried again', async () => {
    const queue = await createQueue();
    await route({ Arn: queue.arn });
    const seen: unknown[] = [];
    const stop = test.aws.on('target-failed', ({ errorCode, willRetry }) => seen.push([errorCode, willRetry]));
    test.aws.faults.add({ service: 'events', operation: 'Deliver', times: 2, error: { code: 'THROTTLING' } });
    await putEvents(entry());
    expect(await received(queue.url)).toHaveLength(0);
    test.clock.advance(3000);
    expect(await received(queue.url)).toHaveLength(1);
    expect(seen).toEqual([
      ['THROTTLING', true],
      ['THROTTLING', true],
    ]);
    stop();
  });

  it.each([
    ['MaximumRetryAttempts', { MaximumRetryAttempts: 2 }, '2'],
    ['MaximumEventAgeInSeconds', { MaximumEventAgeInSeconds: 60 }, '6'],
  ])('that keeps failing gives up by %s', async (condition, RetryPolicy, attempts) => {
    const [queue, deadLetters] = [await createQueue(), await createQueue()];
    await route({ Arn: queue.arn, DeadLetterConfig: { Arn: deadLetters.arn }, RetryPolicy });
    test.aws.faults.add({ service: 'events', operation: 'Deliver', error: { code: 'INTERNAL_ERROR' } });
    await putEvents(entry());
    test.clock.advance(300_000);
    test.aws.faults.clear();
    const [message] = await received(deadLetters.url);
    expect(message?.MessageAttributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: { StringValue: condition },
      RETRY_ATTEMPTS: { StringValue: attempts },
      ERROR_CODE: { StringValue: 'INTERNAL_ERROR' },
    });
    expect(await received(queue.url)).toHaveLength(0);
  });
});

describe('a bus', () => {
  it('is described, listed, made once and deleted', async () => {
    const arn = `arn:aws:events:ap-southeast-1:123456789012:event-bus/${bus}`;
    expect(await test.events.send(new DescribeEventBusCommand({ Name: bus }))).toMatchObject({ Name: bus, Arn: arn });
    expect((await test.events.send(new DescribeEventBusCommand({}))).Name).toBe('default');
    expect((await test.events.send(new ListEventBusesCommand({ NamePrefix: bus }))).EventBuses).toMatchObject([{ Arn: arn }]);
    await expect(test.events.send(new CreateEventBusCommand({ Name: bus }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await test.events.send(new DeleteEventBusCommand({ Name: bus }));
    await expect(test.events.send(new DescribeEventBusCommand({ Name: bus }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('replays its archive to the rules that are named, marked and once', async () => {
    const [one, two] = [await createQueue(), await createQueue()];
    await route({ Arn: one.arn }, { source: ['payment.processor'] }, 'one');
    await route({ Arn: two.arn }, { source: ['payment.processor'] }, 'two');
    const arn = `arn:aws:events:ap-southeast-1:123456789012:event-bus/${bus}`;
    const { ArchiveArn } = await test.events.send(
      new CreateArchiveCommand({ ArchiveName: bus, EventSourceArn: arn, RetentionDays: 30, EventPattern: '{"detail":{"keep":[true]}}' }),
    );
    const EventStartTime = new Date(test.clock.now());
    await putEvents(entry({ keep: true }), entry({ keep: false }));
    test.clock.advance(10_000);
    const replay = {
      ReplayName: bus,
      EventSourceArn: ArchiveArn,
      EventStartTime,
      EventEndTime: new Date(test.clock.now()),
      Destination: { Arn: arn, FilterArns: [`arn:aws:events:ap-southeast-1:123456789012:rule/${bus}/two`] },
    };
    await test.events.send(new StartReplayCommand(replay));
    test.clock.advance(1);
    expect((await test.events.send(new DescribeReplayCommand({ ReplayName: bus }))).State).toBe('COMPLETED');
    expect(await received(one.url)).toHaveLength(2);
    const bodies = (await received(two.url)).map(({ Body = '' }) => Body);
    expect(bodies.filter((body) => body.includes(`"replay-name":"${bus}"`)).map((body): unknown => JSON.parse(body))).toMatchObject([
      { detail: { keep: true } },
    ]);
    expect(await test.events.send(new DescribeArchiveCommand({ ArchiveName: bus }))).toMatchObject({
      EventCount: 1,
      RetentionDays: 30,
      State: 'ENABLED',
    });
    await expect(test.events.send(new StartReplayCommand(replay))).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });
});
