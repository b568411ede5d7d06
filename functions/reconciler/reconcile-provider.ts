import type { ReconcileProgress } from '../shared/domain/ports';
import type { EventList, EventsApi, ListWindow } from '../shared/providers/events-api';
import type { Provider } from '../shared/providers/provider';
import { pagesOf } from './ask-provider';
import type { AskDependencies, Failure, PageSource } from './ask-provider';
import { comparePage } from './compare-page';
import type { CompareDependencies, CompareSettings, MissedEvent } from './compare-page';
import { withLease } from './with-lease';
import type { LeaseDependencies } from './with-lease';

export type ReconcileDependencies = AskDependencies & CompareDependencies & LeaseDependencies;

/** A provider that can be asked, as it is set up now. */
export interface Asking {
  readonly provider: Provider;
  readonly api: EventsApi;
  readonly list: EventList;
  readonly settings: CompareSettings;
}

export interface Tally {
  readonly listed: number;
  readonly expected: number;
  readonly missed: readonly MissedEvent[];
}

export type ReconcileOutcome =
  /** Everything up to `untilMs` was compared. */
  | { readonly outcome: 'done'; readonly window: ListWindow; readonly tally: Tally }
  /** Time ran out; the next run goes on at the cursor. */
  | { readonly outcome: 'more'; readonly window: ListWindow; readonly cursor: string | undefined; readonly tally: Tally }
  | { readonly outcome: 'failed'; readonly failure: Failure; readonly tally: Tally }
  /** Another run does it at this moment. */
  | { readonly outcome: 'busy' };

const minute = 60_000;
const day = 24 * 60 * minute;

/** Younger events are left alone: their webhooks may be on their way. */
export const graceMs = 5 * minute;
/** How far each run goes back behind the last one, for events that a provider lists late. */
const overlapMs = 30 * minute;
/** Where the first run begins. What is older was not meant for us, or is asked for by hand. */
const firstWindowMs = 60 * minute;
/** An end of a list for providers that never tell one. */
const maxPages = 20_000;

/** The oldest event that can be compared: the provider still lists it, and our row of it has not expired. */
export function oldestComparableMs({ keptDays }: Pick<EventsApi, 'keptDays'>, retentionDays: number, now: number): number {
  return now - Math.min(keptDays, retentionDays - 1) * day + 10 * minute;
}

/**
 * Goes on from where the last run ended, page by page, with a checkpoint after each. Throws Unavailable when the table or the archive
 * cannot be used.
 */
export async function reconcileProvider(deps: ReconcileDependencies, asking: Asking): Promise<readonly ReconcileOutcome[]> {
  const outcomes = await withLease(deps, asking.provider.name, (progress) => goOn(deps, asking, progress));
  return 'outcome' in outcomes ? [outcomes] : outcomes;
}

async function goOn(deps: ReconcileDependencies, asking: Asking, progress: ReconcileProgress): Promise<readonly ReconcileOutcome[]> {
  const oldest = oldestComparableMs(asking.api, deps.retentionDays, deps.clock());
  const begun = progress.open !== undefined && progress.open.fromMs >= oldest ? progress.open : undefined;
  const lost = (progress.open?.fromMs ?? progress.reconciledUntilMs ?? oldest) < oldest;
  const outcomes: ReconcileOutcome[] = lost ? [windowPassed(progress, oldest)] : [];
  if (begun !== undefined) {
    const finished = await reconcileWindow(deps, asking, progress.reconciledUntilMs, begun, begun.cursor);
    outcomes.push(finished);
    if (finished.outcome !== 'done') return outcomes;
  }
  const reconciledUntilMs = begun?.untilMs ?? progress.reconciledUntilMs;
  const now = deps.clock();
  const fromMs = Math.max(oldest, reconciledUntilMs === undefined ? now - graceMs - firstWindowMs : reconciledUntilMs - overlapMs);
  const window = { fromMs, untilMs: now - graceMs };
  if (window.fromMs < window.untilMs) outcomes.push(await reconcileWindow(deps, asking, reconciledUntilMs, window, undefined));
  return outcomes;
}

function windowPassed({ open, reconciledUntilMs }: ReconcileProgress, oldest: number): ReconcileOutcome {
  const since = new Date(open?.fromMs ?? reconciledUntilMs ?? oldest).toISOString();
  const detail = `nothing was compared since ${since}, and what is older than ${new Date(oldest).toISOString()} cannot be any more`;
  return { outcome: 'failed', failure: { reason: 'window_passed', detail }, tally: noTally };
}

export const noTally: Tally = { listed: 0, expected: 0, missed: [] };

/** One window, from its cursor on; a cursor that is none, or that the provider does not take any more, begins it anew. */
async function reconcileWindow(
  deps: ReconcileDependencies,
  asking: Asking,
  reconciledUntilMs: number | undefined,
  window: ListWindow,
  kept: string | undefined,
): Promise<ReconcileOutcome> {
  const { ledger, correlationId: owner } = deps;
  const cursor = usableCursor(asking, kept);
  const { name } = asking.provider;
  const known = reconciledUntilMs === undefined ? {} : { reconciledUntilMs };
  const keep = (next: string | undefined): Promise<void> =>
    ledger.save(name, owner, { ...known, open: { ...window, ...(next === undefined ? {} : { cursor: next }) } });
  const outcome = await reconcilePages(deps, asking, window, cursor, keep);
  if (outcome.outcome === 'done') await ledger.save(name, owner, { reconciledUntilMs: Math.max(window.untilMs, reconciledUntilMs ?? 0) });
  if (outcome.outcome !== 'failed' || outcome.failure.reason !== 'request_refused' || cursor === undefined) return outcome;
  await keep(undefined);
  return reconcileWindow(deps, asking, reconciledUntilMs, window, undefined);
}

/** The cursor, unless it is none of this list: it was kept by another version, or somebody made it up. */
export function usableCursor({ list }: Pick<Asking, 'list'>, cursor: string | undefined): string | undefined {
  return cursor !== undefined && list.isCursor(cursor) ? cursor : undefined;
}

/** Lists and compares a window, from the cursor on, until its end, a failure or the end of the run's time. */
export async function reconcilePages(
  deps: AskDependencies & CompareDependencies,
  { provider, list, settings }: Asking,
  window: ListWindow,
  from: string | undefined,
  keep: (cursor: string) => Promise<void> = () => Promise.resolve(),
): Promise<Exclude<ReconcileOutcome, { outcome: 'busy' }>> {
  const nextPage: PageSource = pagesOf(deps, list);
  const seen = new Set<string>();
  let tally = noTally;
  let cursor = from;
  for (let page = 0; page < maxPages; page += 1) {
    const asked = await nextPage(window, cursor);
    if (!asked.ok && asked.why === 'out_of_time') return { outcome: 'more', window, cursor, tally };
    if (!asked.ok) return { outcome: 'failed', failure: asked.failure, tally };
    const { events, next } = asked.value;
    const compared = await comparePage(deps, provider, events, settings);
    if (!compared.ok) return unreadable(compared.problem, tally);
    tally = added(tally, events.length, compared.comparison);
    // Only now: a page counts, wherever it says that the list goes on.
    if (!next.ok) return unreadable(next.problem, tally);
    if (next.value === undefined) return { outcome: 'done', window, tally };
    if (seen.has(next.value)) return unreadable('the list goes round in a circle', tally);
    seen.add(next.value);
    cursor = next.value;
    await keep(cursor);
  }
  return unreadable(`the list has no end after ${maxPages} pages`, tally);
}

function added({ listed, expected, missed }: Tally, events: number, more: Omit<Tally, 'listed'>): Tally {
  return { listed: listed + events, expected: expected + more.expected, missed: [...missed, ...more.missed] };
}

function unreadable(detail: string, tally: Tally): Exclude<ReconcileOutcome, { outcome: 'busy' }> {
  return { outcome: 'failed', failure: { reason: 'answer_unreadable', detail }, tally };
}
