import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { shipped } from './functions';
import { planOf, type Plan } from './plan';
import { brokenPromises } from './promises';
import { runPlan } from './run';
import { expectedOf } from './senders';
import { topology } from './topology';
import { wordsOf } from './words';

const seed = 20_261_124;
const quiet: Plan = { seed: 1, deliveries: [], faults: [], happenings: [] };
const stripeFailed = {
  event: 0,
  sender: 'stripe',
  story: 'failed',
  payment: 0,
  high: false,
  large: false,
  atMs: 0,
  copiesAfterMs: [],
} as const;

async function stepsOf(plan: Plan): Promise<string> {
  const digest = createHash('sha256');
  await runPlan(plan, shipped, (at, text) => digest.update(`${at} ${text}\n`));
  return digest.digest('hex');
}

describe('the simulated pipeline', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('keeps every promise in 500 runs', async () => {
    for (let run = 0; run < 500; run += 1) {
      const broken = brokenPromises(await runPlan(planOf(seed, run)));
      if (broken.length > 0) throw new Error(`npm run simulate -- --seed ${seed} --run ${run}\n${JSON.stringify(broken, null, 1)}`);
    }
  }, 120_000);

  it('brings every kind of event of every sender where it belongs, when nothing goes wrong', async () => {
    const senders = ['stripe', 'square', 'generic', 'standard-webhooks', 'paypal'] as const;
    const stories = ['pending', 'succeeded', 'failed', 'refunded', 'disputed', 'unknown'] as const;
    const deliveries = senders.flatMap((sender, at) =>
      stories.map((story, index) => ({
        ...stripeFailed,
        event: at * 10 + index,
        sender,
        story,
        high: true,
        large: index === 1 && at === 0,
      })),
    );
    const run = await runPlan({ ...quiet, deliveries });
    expect(brokenPromises(run)).toEqual([]);
    expect(run.sent.map(({ status }) => status)).toEqual(deliveries.map(() => 200));
    expect(run.aws.events).toHaveLength(deliveries.length);
    expect(run.aws.alerts).toHaveLength(deliveries.filter((delivery) => expectedOf(delivery).alert !== undefined).length);
    expect([...run.aws.queues.values()].flatMap(({ messages }) => messages)).toEqual([]);
  });

  it('takes the same steps for the same seed', async () => {
    for (const run of [0, 5, 11]) expect(await stepsOf(planOf(seed, run))).toBe(await stepsOf(planOf(seed, run)));
    expect(await stepsOf(planOf(seed, 0))).not.toBe(await stepsOf(planOf(seed + 1, 0)));
  });

  it('reads no clock, throws no dice and sets no timer', async () => {
    await runPlan(planOf(seed, 0));
    const { setTimeout } = globalThis;
    const forbidden = jest.fn((): never => {
      throw new Error('not here');
    });
    jest.spyOn(Date, 'now').mockImplementation(forbidden);
    jest.spyOn(Math, 'random').mockImplementation(forbidden);
    jest.spyOn(performance, 'now').mockImplementation(forbidden);
    // Where the tests run in jest's own process, its reporter may print meanwhile.
    const isReporters = (): boolean => new Error('whose').stack?.includes(join('@jest', 'reporters')) === true;
    jest.spyOn(globalThis, 'setTimeout').mockImplementation((callback, ms) => (isReporters() ? setTimeout(callback, ms) : forbidden()));
    for (let run = 0; run < 20; run += 1) await runPlan(planOf(seed, run));
    expect(forbidden).not.toHaveBeenCalled();
  });

  it('takes queues, triggers, rules and alarms from the stacks', () => {
    const { pipeline, queues, rules, alarmedQueues, functionOf } = topology();
    expect(pipeline.queueTriggers.map(({ functionName }) => functionName).sort()).toEqual([
      'event-processor-dev',
      'notification-handler-dev',
    ]);
    expect(pipeline.streamTriggers.map(({ functionName }) => functionName).sort()).toEqual(['audit-logger-dev', 'event-relay-dev']);
    expect(queues.filter(({ deadLetterArn }) => deadLetterArn !== undefined)).toHaveLength(2);
    expect(rules.flatMap(({ targets }) => targets)).toHaveLength(4);
    expect(alarmedQueues.size).toBeGreaterThanOrEqual(5);
    expect(functionOf('event-processor').timeoutSeconds).toBe(300);
  });
});

describe('a plan', () => {
  it('is told in sentences', () => {
    const plan: Plan = {
      ...quiet,
      deliveries: [{ ...stripeFailed, copiesAfterMs: [5], forged: 'too-new' }],
      faults: [
        { kind: 'crash-after', function: 'event-relay', operation: 'PutObject', from: 1, times: 1 },
        { kind: 'delete-lost', function: 'event-processor', from: 2, times: 2 },
      ],
      happenings: [{ kind: 'skew', function: 'audit-logger', ms: -2000 }],
    };
    expect(wordsOf(plan)).toEqual([
      'at 0.000 s stripe sends event 0 (payment 0 failed), again 0.005 s later, not genuine: too-new',
      'the clock of audit-logger is 2.000 s slow',
      'event-relay dies after its calls of PutObject number 1',
      'the messages of event-processor are not deleted after its batches numbers 2 to 3',
    ]);
  });
});
