import type { Log } from './log';

/** Which records of a batch Lambda must deliver again. Needs ReportBatchItemFailures on the mapping, else failed records are deleted. */
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** A message that was understood. */
export interface Message<T> {
  readonly id: string;
  readonly value: T;
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** A message that stays in its queue, and how often it was received by now. */
interface Failed {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** False for a message that cannot be read, which no wait will mend. */
  readonly mayRecover: boolean;
}

interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

/** `work` returns the ids of the messages that must come again; what it throws brings all of them again. */
export interface QueueBatch<T> {
  readonly log: Log;
  /** Reads a message's text; `problem` names what is wrong, never a value. */
  readonly parse: (text: string) => Parsed<T>;
  readonly work: (messages: readonly Message<T>[]) => Promise<readonly string[]>;
  /** Decides when each failed message is seen again; without it that would be after the queue's visibility timeout. */
  readonly postpone: (failed: readonly Failed[]) => Promise<void>;
}

/**
 * The batch loop of a queue: one of the two places that catch. A message that cannot be read is a failure of its own, so that it
 * reaches the dead-letter queue by its receive count while its neighbours go through.
 */
export function queueBatch<T>({ log, parse, work, postpone }: QueueBatch<T>): (event: QueueEvent) => Promise<BatchResponse> {
  return async ({ Records: records }) => {
    const readable: Message<T>[] = [];
    const failed: string[] = [];
    for (const { messageId, body } of records) {
      const parsed = parse(body);
      if (parsed.ok) readable.push({ id: messageId, value: parsed.value });
      else {
        failed.push(messageId);
        log.error('message malformed', { messageId, problem: parsed.problem });
      }
    }
    if (readable.length > 0) failed.push(...(await orAll(log, idsOf(readable), () => work(readable))));
    const understood = new Set(idsOf(readable));
    const again = records
      .filter(({ messageId }) => failed.includes(messageId))
      .map(({ messageId, receiptHandle, attributes }) => {
        return { receiptHandle, receiveCount: Number(attributes.ApproximateReceiveCount), mayRecover: understood.has(messageId) };
      });
    if (again.length > 0) {
      await postpone(again).catch((error: unknown) => {
        // It is seen again all the same, only later.
        log.warn('messages not postponed', { error });
      });
    }
    return batchResponse(failed);
  };
}

/** Does the work for each message by itself, in parallel; returns the ids of those whose work threw. */
export async function eachMessage<T>(log: Log, messages: readonly Message<T>[], work: (value: T) => Promise<void>): Promise<string[]> {
  const outcomes = await Promise.all(messages.map(({ id, value }) => orAll(log, [id], () => work(value).then(() => []))));
  return outcomes.flat();
}

/** Runs `work`, which returns what failed; a throw means that everything failed. */
export async function orAll(log: Log, ids: readonly string[], work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    log.error('batch failed', { error, failed: ids.length });
    return ids;
  }
}

/** The answer to Lambda: each failed record once. No failures means that the whole batch is done. */
export function batchResponse(failed: Iterable<string>): BatchResponse {
  return { batchItemFailures: Array.from(new Set(failed), (itemIdentifier) => ({ itemIdentifier })) };
}

function idsOf(messages: readonly Message<unknown>[]): string[] {
  return messages.map(({ id }) => id);
}
