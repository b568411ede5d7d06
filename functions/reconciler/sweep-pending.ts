import { processingMessageOf } from '../shared/domain/processing';
import type { EventStore, PendingEvents, ProcessingQueue, StoredEvent, WebhookArchive } from '../shared/domain/ports';
import { Unavailable } from '../shared/domain/unavailable';
import { archiveObjectOf } from '../shared/domain/webhook-archive';
import { rawBodyOf } from '../shared/providers/raw-body';
import type { Log } from '../shared/runtime/log';
import { withLease } from './with-lease';
import type { LeaseDependencies } from './with-lease';

export interface SweepDependencies extends LeaseDependencies {
  readonly pending: PendingEvents;
  readonly store: Pick<EventStore, 'get'>;
  readonly archive: WebhookArchive;
  readonly queue: ProcessingQueue;
  readonly log: Log;
}

export type SweepOutcome =
  | { readonly outcome: 'swept'; readonly reenqueued: number; readonly overdue: number; readonly failed: number }
  /** Another run does it at this moment. */
  | { readonly outcome: 'busy' };

const minute = 60_000;
const sentAtOnce = 10;
/** Age from which an event that was never published is a person's business. */
const overdueAfterMs = 24 * 60 * minute;
const firstPauseMs = 15 * minute;
/** A message that waits among the dead letters gets at most 60 copies in the 14 days that it is kept, where a fixed pause would make 1,344. */
const longestPauseMs = 6 * 60 * minute;

/**
 * Enqueues again what was stored and not published in time: archived first, as the relay does, so that nothing is enqueued that is not.
 * Each further time waits twice as long. Publishing twice is harmless, and never publishing is not.
 */
export function sweepPending(deps: SweepDependencies): Promise<SweepOutcome> {
  return withLease(deps, 'sweep', () => sweep(deps));
}

async function sweep(deps: SweepDependencies): Promise<SweepOutcome> {
  const now = deps.clock();
  const due = await deps.pending.due(now);
  let reenqueued = 0;
  let overdue = 0;
  let failed = 0;
  for (let start = 0; start < due.length; start += sentAtOnce) {
    const rows = await Promise.all(due.slice(start, start + sentAtOnce).map((key) => ready(deps, key, now)));
    failed += rows.filter((row) => row === 'failed').length;
    const group = rows.filter((row) => row !== 'failed' && row !== 'published');
    const sent = await enqueue(deps, group);
    await Promise.all(
      sent.map(({ event, eventKey, sweeps = 0 }) => deps.pending.postpone(event.paymentId, eventKey, now + pauseAfter(sweeps))),
    );
    reenqueued += sent.length;
    failed += group.length - sent.length;
    overdue += sent.filter(({ event }) => now - Date.parse(event.receivedAt) >= overdueAfterMs).length;
  }
  return { outcome: 'swept', reenqueued, overdue, failed };
}

function pauseAfter(sweeps: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(sweeps, 10));
}

/** The row, archived; `published` where it is by now, for the index follows the table. One that cannot be read waits its longest. */
async function ready(
  deps: SweepDependencies,
  { paymentId, eventKey }: { readonly paymentId: string; readonly eventKey: string },
  now: number,
): Promise<StoredEvent | 'published' | 'failed'> {
  try {
    const stored = await deps.store.get(paymentId, eventKey);
    if (stored === undefined || stored.status === 'processed') return 'published';
    const body = rawBodyOf(stored);
    if (!body.ok) throw new Error(body.problem);
    if (body.value !== undefined) await deps.archive.put(archiveObjectOf(stored, body.value));
    return stored;
  } catch (error) {
    deps.log.error('event not swept', { paymentId, eventKey, error });
    // What may work in a moment is tried again by the next run.
    if (!(error instanceof Unavailable)) await deps.pending.postpone(paymentId, eventKey, now + longestPauseMs);
    return 'failed';
  }
}

/** The rows whose messages the queue took. */
async function enqueue({ queue, log }: SweepDependencies, rows: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
  if (rows.length === 0) return [];
  const outcomes = await queue.sendBatch(rows.map(processingMessageOf));
  return rows.filter(({ event, eventKey, correlationId }, index) => {
    const { provider, eventId, paymentId, receivedAt } = event;
    const fields = { correlationId, provider, eventId, paymentId, eventKey, receivedAt };
    const problem = outcomes[index];
    if (problem === undefined) log.warn('event enqueued again', fields);
    else log.error('event not enqueued', { ...fields, reason: problem });
    return problem === undefined;
  });
}
