import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Trigger } from './event-sources/trigger';
import type { HostedFunction } from './lambda-host/hosted-function';

export interface IdleWatch {
  readonly sqs: SQSClient;
  /** Queues whose messages some function still has to take. */
  readonly queueUrls: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly functions: readonly HostedFunction[];
  /** Grows with everything that happens. */
  readonly activityCount: () => number;
}

/** Waits until nothing moves: no invocation runs, no mapped queue holds a message, every stream was read to its end. Batches go out as they are meanwhile. Throws after `timeoutMs`. */
export async function untilIdle(watch: IdleWatch, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const before = watch.activityCount();
    if ((await streamsRead(watch, deadline)) && quiet(watch) && (await queuesEmpty(watch))) {
      await sleep(30);
      if (quiet(watch) && watch.activityCount() === before) return;
    }
    if (Date.now() > deadline) throw new Error(`the local run was still busy after ${String(timeoutMs)} ms`);
    await sleep(20);
  }
}

function quiet({ triggers, functions }: IdleWatch): boolean {
  return triggers.every((trigger) => trigger.idle) && functions.every((one) => one.inFlight === 0);
}

/** True once every stream was read twice without finding anything: the first of the reads may have begun before now. */
async function streamsRead({ triggers }: IdleWatch, deadline: number): Promise<boolean> {
  const goals = triggers.map((trigger) => trigger.emptyReads + 2);
  while (triggers.some((trigger, index) => trigger.emptyReads < (goals[index] ?? 0))) {
    if (Date.now() > deadline) return false;
    for (const trigger of triggers) {
      trigger.wake();
      trigger.flush();
    }
    await sleep(15);
  }
  return true;
}

async function queuesEmpty({ sqs, queueUrls }: IdleWatch): Promise<boolean> {
  const counts = await Promise.all(
    queueUrls.map(async (QueueUrl) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
        }),
      );
      return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
    }),
  );
  return counts.every((count) => count === 0);
}
