import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { plainOf } from '../../../functions/shared/aws/attributes';
import { parseBusEvent } from '../../../functions/shared/aws/bus-event';
import { parseProcessingMessage } from '../../../functions/shared/aws/processing-message';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import { OpsStage, type Ran } from './ops-stage';

let stage: OpsStage;
const copies = 'bus-copies';
const reason = ['--reason', 'ledger was down'] as const;

beforeAll(async () => {
  stage = await OpsStage.start();
  await stage.clients.sqs.send(new CreateQueueCommand({ QueueName: copies }));
  const rule = { Name: 'copies', EventBusName: stage.names.bus };
  await stage.clients.events.send(new PutRuleCommand({ ...rule, EventPattern: '{"source":["payment.processor"]}' }));
  const Targets = [{ Id: 'queue', Arn: stage.queueArn(copies) }];
  await stage.clients.events.send(new PutTargetsCommand({ Rule: rule.Name, EventBusName: rule.EventBusName, Targets }));
  await processed({ eventId: 'evt_1', ...at(0) });
  await processed({ eventId: 'evt_2', kind: 'payment.failed', paymentId: 'stripe:pi_2', objectId: 'pi_2', ...at(10) });
  await processed({ eventId: 'evt_3', paymentId: 'stripe:pi_3', objectId: 'pi_3', amountMinor: 1_000_001, amount: '10000.01', ...at(20) });
  await stage.putEvent({ eventId: 'evt_way', paymentId: 'stripe:pi_way', ...at(30) });
  await processed({ provider: 'paypal', eventId: 'WH-1', paymentId: 'paypal:5O1', objectId: '5O1', ...at(5) });
});

beforeEach(async () => {
  for (const { name } of stage.aws.queueDepths()) await stage.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: stage.queueUrl(name) }));
});

afterAll(() => stage.stop());

function at(minute: number): Pick<PaymentEvent, 'occurredAt' | 'receivedAt'> {
  const time = `2026-11-05T10:${String(minute).padStart(2, '0')}:00`;
  return { occurredAt: `${time}.000Z`, receivedAt: `${time}.900Z` };
}

function processed(event: Partial<PaymentEvent>) {
  return stage.putEvent(event, { processedAt: '2026-11-05T10:59:00.000Z' });
}

async function enqueued() {
  const bodies = await stage.take(stage.names.processingQueue);
  return bodies.map((body) => {
    const read = parseProcessingMessage(JSON.stringify(body));
    if (!read.ok) throw new Error(read.problem);
    return read.value;
  });
}

const deliveriesSchema = v.object({ runId: v.string(), deliveries: v.array(v.object({ deliveryId: v.string(), outcome: v.string() })) });

function deliveriesOf(ran: Ran) {
  return v.parse(deliveriesSchema, ran.json());
}

async function replayRow(paymentId: string, deliveryId: string) {
  const Key = { paymentId: { S: paymentId }, eventKey: { S: `replay#${deliveryId}` } };
  const { Item } = await stage.clients.dynamodb.send(new GetItemCommand({ TableName: stage.names.table, Key }));
  return Item && plainOf(Item);
}

describe('replay --event', () => {
  it('sends the event with a new delivery id that names the first, and leaves a row that says who and why', async () => {
    const ran = await stage.run(['replay', '--event', 'evt_1', ...reason, '--json']);
    expect([ran.exitCode, ran.notes]).toEqual([0, '']);
    const { runId, deliveries } = deliveriesOf(ran);
    const [{ deliveryId } = { deliveryId: '' }] = deliveries;
    expect(await enqueued()).toMatchObject([
      {
        event: { eventId: 'evt_1', amount: '120.00' },
        correlationId: 'request-1',
        replay: { deliveryId, replayOf: 'request-1', reason: 'ledger was down', requestedAt: '2026-11-05T12:00:00.000Z', realert: false },
      },
    ]);
    expect(await replayRow('stripe:pi_1', deliveryId)).toEqual({
      paymentId: 'stripe:pi_1',
      eventKey: `replay#${deliveryId}`,
      replayedEvent: 'event#evt_1',
      replayOf: 'request-1',
      runId,
      to: 'processing',
      reason: 'ledger was down',
      realert: false,
      requestedAt: '2026-11-05T12:00:00.000Z',
      requestedBy: `arn:aws:iam::${stage.aws.accountId}:user/local`,
      sentAt: '2026-11-05T12:00:00.000Z',
      // As long as an event that comes in now.
      expiresAt: 1_800_000_000 + 2 * 3600 - 1,
    });
  });

  it('can be repeated, each time with another delivery id, and is shown with the payment', async () => {
    const runs = [
      await stage.run(['replay', '--event', 'evt_2', ...reason]),
      await stage.run(['replay', '--event', 'event#evt_2', '--realert', ...reason]),
    ];
    expect(runs.map(({ exitCode, out }) => [exitCode, out])).toEqual([
      [0, expect.stringMatching(/^1 event\(s\) sent to the processing queue [^\n]+\nDelivery rpl_\w{32}, a replay of request-1\.$/)],
      [0, expect.stringContaining('1 event(s) sent')],
    ]);
    const [first, second] = (await enqueued()).map(({ replay }) => replay);
    expect(first?.deliveryId).not.toBe(second?.deliveryId);
    expect([first?.realert, second?.realert].sort()).toEqual([false, true]);
    const { out } = await stage.run(['payments', 'show', 'stripe:pi_2']);
    expect(out).toMatch(/Replays\n[^\n]+\n2026-11-05 12:00:00 +rpl_\w+ +event#evt_2 +processing[^\n]*user\/local +ledger was down/);
    const timeline = await stage.run(['timeline', 'evt_2']);
    expect(timeline.out.match(/^2026-11-05 12:00:00\.000 +replayed .*$/gm)).toHaveLength(2);
    expect(timeline.out).toMatch(/replayed +to processing, with alert, by arn:\S+: ledger was down/);
  });

  it('puts the event on the bus as the processor does, by the thresholds of now', async () => {
    expect(await stage.run(['replay', '--event', 'evt_3', '--to', 'bus', ...reason])).toMatchObject({ exitCode: 0 });
    const [event] = await stage.take(copies);
    expect(parseBusEvent(JSON.stringify(event))).toMatchObject({
      ok: true,
      value: {
        eventId: 'evt_3',
        valueBand: 'high',
        eventKey: 'event#evt_3',
        correlationId: 'request-1',
        replay: { replayOf: 'request-1' },
      },
    });
    expect(event).toMatchObject({
      'detail-type': 'Payment Processed',
      detail: { processedAt: '2026-11-05T12:00:00.000Z', archiveKey: expect.any(String) },
    });
    expect(stage.depthOf(stage.names.processingQueue)).toBe(0);
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ['an unknown event', ['--event', 'evt_none', ...reason], 3, /no event evt_none was found/],
    ['an event that is not archived', ['--event', 'evt_way', ...reason], 3, /evt_way cannot go: not archived yet/],
    ['no reason', ['--event', 'evt_1'], 2, /a replay needs a --reason/],
    ['an empty reason', ['--event', 'evt_1', '--reason', ' '], 2, /A reason is one line of 1 to 256/],
    ['a reason of two lines', ['--event', 'evt_1', '--reason', 'a\nb'], 2, /A reason is one line/],
    ['nothing that says which', [...reason], 2, /say which events: --event <id>, or a time with --since/],
    ['a kind beside an event', ['--event', 'evt_1', '--kind', 'other', ...reason], 2, /--kind is for a time/],
    ['a place that is none', ['--event', 'evt_1', '--to', 'archive', ...reason], 2, /Allowed choices are processing, bus/],
    ['a wrong time', ['--since', 'yesterday', ...reason], 2, /A time is 30m/],
    ['times the wrong way round', ['--since', '1h', '--until', '2h', ...reason], 2, /--since is after --until/],
    [
      'an empty time',
      ['--since', '2026-10-01', '--until', '2026-10-02', '--provider', 'square', ...reason],
      3,
      /no event of square happened from 2026-10-01T00/,
    ],
    ['a time without that kind', ['--since', '1d', '--kind', 'payout.paid', ...reason], 3, /no event of payout.paid happened/],
    ['a run id that is none', ['--event', 'evt_1', '--run-id', 'a b', ...reason], 2, /A run id has/],
    ['no rate', ['--event', 'evt_1', '--rate', '0', ...reason], 2, /A whole number from 1/],
  ])('refuses %s and changes nothing', async (_what, args, exitCode, line) => {
    const ran = await stage.run(['replay', ...args]);
    expect([ran.exitCode, ran.notes, ran.out]).toEqual([exitCode, expect.stringMatching(line), '']);
    expect([stage.depthOf(stage.names.processingQueue), stage.depthOf(copies)]).toEqual([0, 0]);
  });

  it('sends nothing to the bus while the thresholds are not readable, and leaves no row', async () => {
    const remove = stage.aws.faults.add({
      service: 'ssm',
      operation: 'GetParameter',
      error: { code: 'AccessDeniedException', status: 400 },
    });
    const ran = await stage.run(['replay', '--event', 'evt_1', '--to', 'bus', ...reason]);
    remove();
    expect([ran.exitCode, ran.notes]).toEqual([1, expect.stringContaining('not allowed')]);
    expect(stage.depthOf(copies)).toBe(0);
  });
});

describe('replay --since', () => {
  const window = ['--since', '2026-11-05', '--until', '2026-11-05T10:25:00Z'] as const;

  it('says with --dry-run exactly what would go, in the order in which it happened, and sends nothing', async () => {
    const ran = await stage.run(['replay', ...window, '--dry-run']);
    expect([ran.exitCode, [...ran.out.matchAll(/ (evt_\d|WH-1)$/gm)].map(([, id]) => id)]).toEqual([
      0,
      ['evt_1', 'WH-1', 'evt_2', 'evt_3'],
    ]);
    expect(ran.out).toMatch(/^Would send 4 event\(s\) to the processing queue \(test in/m);
    const json = await stage.run(['replay', ...window, '--provider', 'stripe', '--kind', 'payment.failed', '--dry-run', '--json']);
    expect(json.json()).toMatchObject({ dryRun: true, wouldSend: 1, events: [{ eventId: 'evt_2' }], leftOut: [] });
    expect(stage.depthOf(stage.names.processingQueue)).toBe(0);
  });

  it('sends what the dry run named, the oldest first', async () => {
    const ran = await stage.run(['replay', ...window, ...reason]);
    expect([ran.exitCode, ran.notes]).toEqual([0, '[########################] 4 of 4 events looked at']);
    expect((await enqueued()).map(({ event }) => event.eventId).sort()).toEqual(['WH-1', 'evt_1', 'evt_2', 'evt_3']);
  });

  it('leaves out what cannot go, and fails so that nobody overlooks it', async () => {
    const { names, clients } = stage;
    await processed({ eventId: 'evt_gone', paymentId: 'stripe:pi_gone', ...at(40) });
    await clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: names.table,
        Key: { paymentId: { S: 'stripe:pi_gone' }, eventKey: { S: 'event#evt_gone' } },
        UpdateExpression: 'SET erasedAt = :at, erasureId = :id',
        ExpressionAttributeValues: { ':at': { S: '2026-11-05T11:00:00.000Z' }, ':id': { S: 'era_1' } },
      }),
    );
    const ran = await stage.run(['replay', '--since', '2026-11-05T10:26:00Z', ...reason]);
    expect([ran.exitCode, ran.out]).toEqual([
      1,
      expect.stringMatching(/^0 event\(s\) sent[\s\S]*1 left out: not archived yet[\s\S]*1 left out: erased on 2026-11-05T11:00:00\.000Z/),
    ]);
    expect(await stage.run(['replay', '--event', 'evt_gone', ...reason])).toMatchObject({
      exitCode: 3,
      notes: expect.stringContaining('evt_gone cannot go: erased on'),
    });
    expect(stage.depthOf(names.processingQueue)).toBe(0);
  });

  it('goes at the rate that was asked for, stops on Ctrl-C, and goes on where it was with the command that it prints', async () => {
    const many = await OpsStage.start();
    try {
      const minutes = Array.from({ length: 30 }, (_, index) => index);
      await Promise.all(
        minutes.map((minute) =>
          many.putEvent({ eventId: `evt_${minute}`, paymentId: `stripe:pi_${minute}`, ...at(minute) }, { processedAt: 'x' }),
        ),
      );
      const stopping = new AbortController();
      const sends: number[] = [];
      const seen = (): boolean => {
        sends.push(performance.now());
        if (sends.length === 2) stopping.abort();
        return false;
      };
      many.aws.faults.add({ service: 'sqs', operation: 'SendMessageBatch', match: seen });
      const reasonText = "it's slow";
      const first = await many.run(['replay', '--since', '2h', '--rate', '20', '--reason', reasonText], { signal: stopping.signal });
      expect([first.exitCode, first.notes]).toEqual([130, expect.stringContaining('stopped: 20 of 30 sent')]);
      expect(Number(sends[1]) - Number(sends[0])).toBeGreaterThan(300);
      expect(many.depthOf(many.names.processingQueue)).toBe(20);

      const again =
        /Go on with: npm run ops -- replay --since (\S+) --until (\S+) --to processing --rate 20 --reason 'it'\\''s slow' --run-id (\w+) --env test --endpoint \S+$/;
      const [, since = '', until = '', runId = ''] = again.exec(first.notes) ?? [];
      expect(since).toBe('2026-11-05T10:00:00.000Z');
      const second = await many.run(['replay', '--since', since, '--until', until, '--reason', reasonText, '--run-id', runId]);
      expect([second.exitCode, second.out]).toEqual([
        0,
        expect.stringMatching(/^10 event\(s\) sent[\s\S]*20 were sent by this run before\./),
      ]);
      const bodies = await many.take(many.names.processingQueue);
      expect(bodies).toHaveLength(30);
      expect(new Set(bodies.map((body) => /rpl_\w+/.exec(JSON.stringify(body))?.[0])).size).toBe(30);
    } finally {
      await many.stop();
    }
  }, 20_000);

  it('tells which could not be sent, and sends only these when it is begun again', async () => {
    const args = ['replay', '--since', '2026-11-05T09:00:00Z', '--until', '2026-11-05T10:25:00Z', '--run-id', 'run-1', ...reason];
    const mend = stage.aws.faults.add({ service: 'sqs', operation: 'SendMessageBatch', error: { code: 'AccessDenied', status: 403 } });
    const broken = await stage.run(args);
    mend();
    expect([broken.exitCode, broken.notes]).toEqual([
      1,
      expect.stringMatching(/stopped after 0 of 4: not allowed[^\n]*Go on with: npm run ops -- replay .*--run-id run-1/),
    ]);
    expect(await stage.run(args)).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^4 event\(s\) sent/) });
    expect(await stage.run(args)).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^0 event\(s\) sent[\s\S]*4 were sent by this run before/),
    });
    expect(await enqueued()).toHaveLength(4);
  });
});

it('has examples in the help of replay', async () => {
  const { exitCode, out } = await stage.run(['replay', '--help']);
  expect([exitCode, out]).toEqual([0, expect.stringMatching(/Examples:\n {2}npm run ops -- replay --event/)]);
});
