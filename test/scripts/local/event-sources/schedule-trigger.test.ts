import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { scheduledEvent, startScheduleTrigger } from '../../../../scripts/local/event-sources/schedule-trigger';
import type { Invocation } from '../../../../scripts/local/lambda-host/hosted-function';

const ruleArn = 'arn:aws:events:eu-west-1:123456789012:rule/often';
const settings = { functionName: 'worker', ruleArn, everyMs: 20 };
const failed: Invocation = { ok: false, requestId: 'r', error: { errorType: 'Error', errorMessage: 'the table is down' } };
const done: Invocation = { ok: true, requestId: 'r', payload: null };

function started(outcomes: (Invocation | Error)[]) {
  const events: unknown[] = [];
  const problems: string[] = [];
  const invoke = (event: unknown): Promise<Invocation> => {
    events.push(event);
    const outcome = outcomes.shift() ?? done;
    return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
  };
  const trigger = startScheduleTrigger({ settings, region: 'eu-west-1', invoke, onProblem: (problem) => problems.push(problem) });
  return { trigger, events, problems };
}

describe('startScheduleTrigger', () => {
  it('runs the function after each interval with what EventBridge hands over, until it is stopped', async () => {
    const { trigger, events } = started([]);
    expect(events).toEqual([]);
    while (events.length < 2) await sleep(5);
    await trigger.stop();
    const count = events.length;
    await sleep(60);
    expect(events).toHaveLength(count);
    expect(events[0]).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [ruleArn],
      account: '123456789012',
    });
    expect(trigger.idle).toBe(true);
  });

  it('tries a failed run once more, and tells of it', async () => {
    const { trigger, events, problems } = started([failed, done]);
    while (events.length < 2) await sleep(5);
    await trigger.stop();
    expect(problems).toEqual(['the run of worker by its schedule failed: the table is down']);
  });

  it('goes on after a run that could not be started', async () => {
    const { trigger, events, problems } = started([new Error('throttled')]);
    while (events.length < 2) await sleep(5);
    await trigger.stop();
    expect(problems).toEqual(['worker could not be run by its schedule: Error: throttled']);
  });
});

describe('scheduledEvent', () => {
  it('has the time to the second, as AWS gives it', () => {
    expect(scheduledEvent(ruleArn, 'eu-west-1').time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});
