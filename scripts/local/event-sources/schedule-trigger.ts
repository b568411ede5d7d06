import { randomUUID } from 'node:crypto';
import type { Place } from '../provisioning';
import type { ScheduleTrigger } from '../pipeline';
import type { Complain, Invoke, Trigger } from './trigger';

interface ScheduleOptions extends Pick<Place, 'region'> {
  readonly settings: ScheduleTrigger;
  readonly invoke: Invoke;
  readonly onProblem: Complain;
}

/** Invokes the function at the rule's rate, the first time after one interval, as EventBridge does. A failed run is tried once more, as Lambda does. */
export function startScheduleTrigger({ settings, region, invoke, onProblem }: ScheduleOptions): Trigger {
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    const event = scheduledEvent(settings.ruleArn, region);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const outcome = await invoke(event);
      if (outcome.ok) return;
      onProblem(`the run of ${settings.functionName} by its schedule failed: ${outcome.error.errorMessage}`);
    }
  };
  const timer = setInterval(() => {
    running ??= run()
      .catch((error: unknown) => {
        onProblem(`${settings.functionName} could not be run by its schedule: ${String(error)}`);
      })
      .finally(() => {
        running = undefined;
      });
  }, settings.everyMs);
  timer.unref();
  return {
    get idle() {
      return running === undefined;
    },
    // Nothing waits for its time to come.
    emptyReads: Number.POSITIVE_INFINITY,
    wake: () => undefined,
    flush: () => undefined,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** What a schedule hands over: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-events.html */
export function scheduledEvent(ruleArn: string, region: string) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ruleArn.split(':')[4] ?? '',
    time: `${new Date().toISOString().slice(0, 19)}Z`,
    region,
    resources: [ruleArn],
    detail: {},
  };
}
