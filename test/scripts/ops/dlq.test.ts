import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PurgeQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { aBusEvent, aPaymentEvent, aProcessingMessage } from '../../support/builders';
import { OpsStage } from './ops-stage';

let stage: OpsStage;
let processingDead: string;

beforeAll(async () => {
  stage = await OpsStage.start();
  processingDead = `${stage.names.processingQueue}-dead-letters`;
});

beforeEach(async () => {
  for (const { name } of stage.aws.queueDepths()) await stage.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: stage.queueUrl(name) }));
});

afterAll(() => stage.stop());

/** Messages that were received once too often. */
async function deadLetters(queue: string, bodies: readonly unknown[]): Promise<void> {
  for (const body of bodies) await stage.send(queue, body);
  const receive = new ReceiveMessageCommand({ QueueUrl: stage.queueUrl(queue), MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
  while (stage.depthOf(queue) > 0) await stage.clients.sqs.send(receive);
}

const busEvent = aBusEvent({
  ...aPaymentEvent({ eventId: 'evt_bus' }),
  valueBand: 'high',
  eventKey: 'event#evt_bus',
  correlationId: 'request-1',
});

function undelivered(targetArn: string): Promise<void> {
  return stage.send(stage.names.routingDeadLetters, busEvent, {
    RULE_ARN: 'arn:aws:events:ap-southeast-1:123456789012:rule/payment-events-test/payment-high-value-test',
    TARGET_ARN: targetArn,
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'Access denied',
  });
}

describe('dlq list', () => {
  it('counts every queue, with what it means and why', async () => {
    await deadLetters(stage.names.processingQueue, [aProcessingMessage(), '{"no":"message"}']);
    await undelivered(stage.queueArn(stage.names.notificationQueue));
    const { exitCode, out } = await stage.run(['dlq', 'list'], { now: Date.now() + 7_200_000 });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^processing +2 +0 +2 h +stored, not published +[^\n]*can never succeed: event/m);
    expect(out).toMatch(/^routing +1 +0 +2 h +published, a rule could not deliver +NO_PERMISSIONS: Access denied$/m);
    expect(out.split('\n')).toHaveLength(8);
    expect(stage.depthOf(processingDead)).toBe(2);
  });
});

describe('dlq show', () => {
  it.each<[string, () => Promise<void>, RegExp]>([
    [
      'processing',
      () => deadLetters(stage.names.processingQueue, [aProcessingMessage()]),
      /every attempt failed[\s\S]*USD 120\.00[\s\S]*stripe:pi_1[\s\S]*evt_1/,
    ],
    ['notification', () => deadLetters(stage.names.notificationQueue, [busEvent]), /every attempt failed[\s\S]*evt_bus/],
    ['routing', () => undelivered(stage.queueArn('gone')), /NO_PERMISSIONS: Access denied[\s\S]*payment-high-value-test → gone/],
    [
      'relay',
      () =>
        stage.send(stage.names.relayDeadLetters, {
          reason: 'row not readable: kind',
          source: 'event-relay',
          keys: { paymentId: 'stripe:pi_9', eventKey: 'event#evt_9' },
        }),
      /row not readable: kind[\s\S]*stripe:pi_9: event#evt_9/,
    ],
    [
      'audit',
      () =>
        stage.send(stage.names.auditDeadLetters, {
          requestContext: { condition: 'RetryAttemptsExhausted' },
          responseContext: { functionError: 'Unhandled' },
          DDBStreamBatchInfo: { batchSize: 3, startSequenceNumber: '10', endSequenceNumber: '12', shardId: 'shard-1' },
        }),
      /RetryAttemptsExhausted: Unhandled[\s\S]*3 changes, 10 to 12, shard-1/,
    ],
    [
      'delivery',
      () => stage.send(stage.names.deliveryDeadLetters, { Subject: 'high value' }, { ErrorCode: '403', ErrorMessage: 'Forbidden' }),
      /403: Forbidden[\s\S]*high value/,
    ],
    ['relay', () => stage.send(stage.names.relayDeadLetters, 'no \u202e json'), /not JSON[\s\S]*no \\u202e json/],
  ])('decodes the dead letters of %s and leaves them there', async (queue, prepare, found) => {
    await prepare();
    const { exitCode, out } = await stage.run(['dlq', 'show', queue]);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(found)]);
    expect((await stage.run(['dlq', 'show', queue, '--json'])).json()).toMatchObject({ queue, waiting: 1, letters: [{}] });
  });

  it('says that there are none', async () => {
    expect(await stage.run(['dlq', 'show', 'audit'])).toMatchObject({
      exitCode: 0,
      out: `No dead letters in ${stage.names.auditDeadLetters}.`,
    });
  });
});

describe('dlq redrive', () => {
  const messages = Array.from({ length: 12 }, (_, index) => aProcessingMessage({ event: aPaymentEvent({ eventId: `evt_${index}` }) }));

  it('says what would go and leaves it there', async () => {
    await deadLetters(stage.names.processingQueue, messages);
    const { exitCode, out } = await stage.run(['dlq', 'redrive', 'processing', '--dry-run']);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^Would send 12 message\(s\)[\s\S]*; 10 of them:[\s\S]*evt_0/)]);
    expect([stage.depthOf(processingDead), stage.depthOf(stage.names.processingQueue)]).toEqual([12, 0]);
  });

  it('moves all back, at the rate that was asked for, and tells how far it is', async () => {
    await deadLetters(stage.names.processingQueue, messages);
    const started = performance.now();
    const { exitCode, out, notes } = await stage.run(['dlq', 'redrive', 'processing', '--rate', '20']);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/^12 message\(s\) sent back \(test in ap-southeast-1 at http/)]);
    expect([stage.depthOf(processingDead), stage.depthOf(stage.names.processingQueue)]).toEqual([0, 12]);
    expect(performance.now() - started).toBeGreaterThan(400);
    expect(notes).toMatch(/^\d+ of 12 moved\n[\s\S]*12 of 12 moved$/);
  });

  it('stops between two messages on Ctrl-C and says how far it came', async () => {
    await deadLetters(stage.names.processingQueue, messages);
    const stopping = new AbortController();
    const ran = await stage.run(['dlq', 'redrive', 'processing', '--rate', '10'], {
      signal: stopping.signal,
      onNote: () => {
        stopping.abort();
      },
    });
    expect([ran.exitCode, ran.notes]).toEqual([
      130,
      expect.stringMatching(/ops: stopped: \d+ of 12 messages were moved, the others are where they were$/),
    ]);
    expect(stage.depthOf(processingDead)).toBeGreaterThan(0);
    expect(stage.depthOf(processingDead) + stage.depthOf(stage.names.processingQueue)).toBe(12);
  });

  it('sends what a rule could not deliver to its queue, and leaves what is not for a queue', async () => {
    await undelivered(stage.queueArn(stage.names.notificationQueue));
    await undelivered('arn:aws:logs:ap-southeast-1:123456789012:log-group:/aws/events/standard-payments-test');
    await undelivered(stage.queueArn('gone'));
    const { exitCode, out } = await stage.run(['dlq', 'redrive', 'routing', '--rate', '100']);
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/^1 message\(s\) sent back [^\n]+\n1 left: [\s\S]*1 left: /)]);
    expect(out).toContain('replay from the bus archive');
    expect(out).toContain('there is no queue gone');
    const { Messages } = await stage.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: stage.queueUrl(stage.names.notificationQueue) }),
    );
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual(busEvent);
    expect(stage.aws.queueDepths().find(({ name }) => name === stage.names.routingDeadLetters)).toMatchObject({ visible: 2, inFlight: 0 });
  });

  it.each(['relay', 'audit', 'delivery'])('says why dead letters of %s cannot go back, and what helps', async (queue) => {
    const ran = await stage.run(['dlq', 'redrive', queue]);
    expect([ran.exitCode, ran.notes]).toEqual([
      1,
      expect.stringMatching(/cannot be sent back: [^\n]+ docs\/runbook\/\w+-dead-letters\.md$/),
    ]);
  });

  it('has nothing to do with an empty queue', async () => {
    expect(await stage.run(['dlq', 'redrive', 'processing'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('0 message(s) sent back'),
    });
  });
});

describe('dlq purge', () => {
  beforeEach(() => stage.send(stage.names.auditDeadLetters, '{}'));

  it.each<[string, readonly string[], { input?: string; terminal?: boolean }, number, number]>([
    ['nobody can be asked', [], {}, 2, 1],
    ['the answer is another', [], { input: 'yes\n', terminal: true }, 130, 1],
    ['Ctrl-C is the answer', [], { input: '\u0003', terminal: true }, 130, 1],
    ['the answer is its name', [], { input: 'audit\n', terminal: true }, 0, 0],
    ['it was said beforehand', ['--yes'], {}, 0, 0],
  ])('when %s', async (_when, args, settings, exitCode, left) => {
    const ran = await stage.run(['dlq', 'purge', 'audit', ...args], settings);
    expect([ran.exitCode, stage.depthOf(stage.names.auditDeadLetters)]).toEqual([exitCode, left]);
  });

  it('knows only the queues that there are', async () => {
    expect(await stage.run(['dlq', 'purge', 'everything', '--yes'])).toMatchObject({
      exitCode: 2,
      notes: expect.stringMatching(/Allowed choices are processing/),
    });
  });
});
