import type { Json } from '../json';
import { pause } from '../pause';
import { reportedFailures } from './queue-trigger';
import type { Invoke } from './trigger';

/** What a stream's mapping needs to know of a record; `payload` is handed to the function. */
export interface StreamItem {
  readonly sequenceNumber: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly payload: Json;
}

type GiveUpCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface GivenUp {
  readonly items: readonly StreamItem[];
  readonly condition: GiveUpCondition;
  readonly requestId: string;
  readonly invokeCount: number;
  /** `Unhandled` when the function threw, undefined when it reported failures. */
  readonly functionError: string | undefined;
}

export interface DeliveryOptions {
  readonly invoke: Invoke;
  readonly reportsItemFailures: boolean;
  /** -1: no limit. */
  readonly maximumRetries: number;
  /** -1: no limit. */
  readonly maximumAgeSeconds: number;
  readonly bisects: boolean;
  readonly giveUp: (letter: GivenUp) => Promise<void>;
  readonly signal: AbortSignal;
  /** Before the nth retry; default: doubling from 100 ms to 5 s. */
  readonly pauseMs?: (attempt: number) => number;
}

interface Batch {
  readonly items: readonly StreamItem[];
  readonly attempts: number;
}

/**
 * Delivers one batch as Lambda's stream mapping does, in order: retried from the first record that failed, halved where the mapping
 * bisects, given up after the retries or the age. Ends when every record was taken or given up, or the signal is aborted.
 */
export async function deliverBatch(items: readonly StreamItem[], options: DeliveryOptions): Promise<void> {
  const pending: Batch[] = [{ items, attempts: 0 }];
  for (let batch = pending.shift(); batch !== undefined && !options.signal.aborted; batch = pending.shift()) {
    pending.unshift(...(await attempt(batch, options)));
  }
}

/** Invokes the function once; the answer is what remains to be done, in order. */
async function attempt(batch: Batch, options: DeliveryOptions): Promise<readonly Batch[]> {
  const fresh = await withoutExpired(batch, options);
  const [first] = fresh;
  if (first === undefined) return [];
  const { failedFrom, requestId, functionError } = await invokeOnce(fresh, options);
  if (failedFrom === fresh.length) return [];
  const rest = fresh.slice(failedFrom);
  // What came before is checkpointed, so the record that failed starts a batch of its own with all its attempts.
  const attempts = failedFrom > 0 ? 0 : batch.attempts;
  if (failedFrom === 0 && options.bisects && rest.length > 1) {
    await pauseBefore(0, options);
    const half = Math.ceil(rest.length / 2);
    return [rest.slice(0, half), rest.slice(half)].map((part) => ({ items: part, attempts }));
  }
  if (failedFrom === 0 && options.maximumRetries >= 0 && attempts >= options.maximumRetries) {
    await options.giveUp({ items: rest, condition: 'RetryAttemptsExhausted', requestId, invokeCount: attempts + 1, functionError });
    return [];
  }
  await pauseBefore(attempts, options);
  return [{ items: rest, attempts: failedFrom > 0 ? 0 : attempts + 1 }];
}

async function withoutExpired({ items, attempts }: Batch, options: DeliveryOptions): Promise<readonly StreamItem[]> {
  if (options.maximumAgeSeconds < 0) return items;
  const oldest = Date.now() - options.maximumAgeSeconds * 1000;
  const expired = items.filter(({ createdAt }) => createdAt < oldest);
  if (expired.length === 0) return items;
  await options.giveUp({ items: expired, condition: 'RecordAgeExceeded', requestId: '', invokeCount: attempts, functionError: undefined });
  return items.filter(({ createdAt }) => createdAt >= oldest);
}

/** `failedFrom` is the index of the first record that was not taken; the batch's length when all were. */
async function invokeOnce(items: readonly StreamItem[], options: DeliveryOptions) {
  try {
    const invocation = await options.invoke({ Records: items.map(({ payload }) => payload) });
    const { requestId } = invocation;
    if (!invocation.ok) return { failedFrom: 0, requestId, functionError: 'Unhandled' };
    if (!options.reportsItemFailures) return { failedFrom: items.length, requestId, functionError: undefined };
    const failed = reportedFailures(invocation.payload, new Set(items.map(({ sequenceNumber }) => sequenceNumber)));
    const index = items.findIndex(({ sequenceNumber }) => failed?.has(sequenceNumber) ?? true);
    return { failedFrom: index < 0 ? items.length : index, requestId, functionError: undefined };
  } catch {
    // A throttled function counts as a failed attempt.
    return { failedFrom: 0, requestId: '', functionError: undefined };
  }
}

function pauseBefore(attempt: number, { pauseMs = doubling, signal }: DeliveryOptions): Promise<void> {
  return pause(pauseMs(attempt), signal);
}

function doubling(attempt: number): number {
  return Math.min(5000, 100 * 2 ** attempt);
}
