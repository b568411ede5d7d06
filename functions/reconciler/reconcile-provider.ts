import type { ReconcileProgress } from '../shared/domain/ports';
import { recoveredFromAgeMs } from '../shared/domain/recovered';
import type { EventList, EventsApi, ListWindow } from '../shared/providers/events-api';
import type { Provider } from '../shared/providers/provider';
import { pagesOf } from './ask-provider';
import type { AskDependencies, Failure, PageSource } from './ask-provider';
import { comparePage } from './compare-page';
import type { CompareDependencies, CompareSettings, Tally } from './compare-page';
import { paymentsOfWebhooks } from './empty-list';
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

/** What a window came to. */
export interface Compared {
  readonly tally: Tally;
  /** The cursor was of no use, and the window was begun from its start. */
  readonly anew?: true;
}

type WindowOutcome =
  /** Everything up to `untilMs` was compared. */
  | (Compared & { readonly outcome: 'done'; readonly window: ListWindow })
  /** Time ran out; the next run goes on at the cursor. */
  | (Compared & { readonly outcome: 'more'; readonly window: ListWindow; readonly cursor: string | undefined })
  /** `settled`: the window counts as compared all the same. */
  | (Compared & { readonly outcome: 'failed'; readonly failure: Failure; readonly settled?: true });

export type ReconcileOutcome =
  | WindowOutcome
  /** Another run does it at this moment. */
  | { readonly outcome: 'busy' };

const minute = 60_000;
const day = 24 * 60 * minute;

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
  const fromMs = Math.max(
    oldest,
    reconciledUntilMs === undefined ? now - recoveredFromAgeMs - firstWindowMs : reconciledUntilMs - overlapMs,
  );
  const window = { fromMs, untilMs: now - recoveredFromAgeMs };
  if (window.fromMs < window.untilMs) outcomes.push(await reconcileWindow(deps, asking, reconciledUntilMs, window, undefined));
  return outcomes;
}

function windowPassed({ open, reconciledUntilMs }: ReconcileProgress, oldest: number): ReconcileOutcome {
  const since = new Date(open?.fromMs ?? reconciledUntilMs ?? oldest).toISOString();
  const detail = `nothing was compared since ${since}, and what is older than ${new Date(oldest).toISOString()} cannot be any more`;
  return { outcome: 'failed', failure: { reason: 'window_passed', detail }, tally: noTally };
}

export const noTally: Tally = { listed: 0, expected: 0, missed: [], leftOut: new Map() };

/** One window, from its cursor on, with a checkpoint after each page. */
async function reconcileWindow(
  deps: ReconcileDependencies,
  asking: Asking,
  reconciledUntilMs: number | undefined,
  window: ListWindow,
  cursor: string | undefined,
): Promise<ReconcileOutcome> {
  const { ledger, correlationId: owner } = deps;
  const { name } = asking.provider;
  const known = reconciledUntilMs === undefined ? {} : { reconciledUntilMs };
  const keep = (next: string | undefined): Promise<void> =>
    ledger.save(name, owner, { ...known, open: { ...window, ...(next === undefined ? {} : { cursor: next }) } });
  const outcome = await reconcilePages(deps, asking, window, cursor, { keep, comparedUntilMs: reconciledUntilMs ?? window.fromMs });
  const settled = outcome.outcome === 'done' || (outcome.outcome === 'failed' && outcome.settled === true);
  if (settled) await ledger.save(name, owner, { reconciledUntilMs: Math.max(window.untilMs, reconciledUntilMs ?? 0) });
  return outcome;
}

/** How far a window is. */
interface Checkpoint {
  /** Remembers where the next run goes on; undefined: at the window's start. */
  readonly keep: (cursor: string | undefined) => Promise<void>;
  /** Up to when an earlier run compared; windows overlap. */
  readonly comparedUntilMs: number;
}

/**
 * Lists and compares a window, from the cursor on, until its end, a failure or the end of the run's time. A cursor that is none (another
 * version kept it, or somebody made it up), or that the provider does not take any more, begins it anew: comparing twice is harmless.
 */
export async function reconcilePages(
  deps: AskDependencies & CompareDependencies,
  asking: Asking,
  window: ListWindow,
  cursor: string | undefined,
  checkpoint: Checkpoint = { keep: () => Promise.resolve(), comparedUntilMs: window.fromMs },
): Promise<WindowOutcome> {
  const usable = cursor !== undefined && asking.list.isCursor(cursor) ? cursor : undefined;
  const outcome = await comparePages(deps, asking, window, usable, checkpoint);
  if (outcome.outcome !== 'failed' || outcome.failure.reason !== 'request_refused' || usable === undefined)
    return cursor === usable ? outcome : { ...outcome, anew: true };
  await checkpoint.keep(undefined);
  const again = await comparePages(deps, asking, window, undefined, checkpoint);
  // What is recovered already is not found a second time.
  const missed = asking.settings.dryRun ? again.tally.missed : [...outcome.tally.missed, ...again.tally.missed];
  return { ...again, tally: { ...again.tally, missed }, anew: true };
}

async function comparePages(
  deps: AskDependencies & CompareDependencies,
  { provider, api, list, settings }: Asking,
  window: ListWindow,
  from: string | undefined,
  { keep, comparedUntilMs }: Checkpoint,
): Promise<WindowOutcome> {
  const nextPage: PageSource = pagesOf(deps, list);
  const cursors = new Set<string>();
  const seen = new Set<string>();
  let tally = noTally;
  let cursor = from;
  // An event that cannot be read keeps the window open, and no later page from being compared.
  let problem: string | undefined;
  const notCompared = { ...window, fromMs: Math.max(window.fromMs, comparedUntilMs) };
  for (let page = 0; page < maxPages; page += 1) {
    const asked = await nextPage(window, cursor);
    if (!asked.ok && asked.why === 'out_of_time')
      return problem === undefined ? { outcome: 'more', window, cursor, tally } : unreadable(problem, tally);
    if (!asked.ok) return { outcome: 'failed', failure: asked.failure, tally };
    const { events, next } = asked.value;
    const compared = await comparePage(deps, provider, events, settings, seen);
    tally = added(tally, compared.tally);
    problem ??= compared.problem;
    // Only now: a page counts, wherever it says that the list goes on.
    if (!next.ok) return unreadable(problem ?? next.problem, tally);
    if (next.value === undefined) {
      if (problem !== undefined) return unreadable(problem, tally);
      const payments = from === undefined && tally.listed === 0 ? await paymentsOfWebhooks(deps, api, settings, notCompared) : 0;
      return payments === 0 ? { outcome: 'done', window, tally } : listEmpty(provider, payments);
    }
    if (cursors.has(next.value)) return unreadable('the list goes round in a circle', tally);
    cursors.add(next.value);
    cursor = next.value;
    if (problem === undefined) await keep(cursor);
  }
  return unreadable(`the list has no end after ${maxPages} pages`, tally);
}

/** Webhooks of so few payments may be test events, which are in no list: their window is not asked for again. */
const fewPayments = 2;

function listEmpty({ name }: Provider, payments: number): WindowOutcome {
  const detail = `the list of ${name} is empty, and webhooks of that time came: the key is of another account or mode, the list is switched off, or they were test events`;
  const failed = { outcome: 'failed', failure: { reason: 'list_empty', detail }, tally: noTally } as const;
  return payments > fewPayments ? failed : { ...failed, settled: true };
}

function added(one: Tally, other: Tally): Tally {
  const leftOut = new Map(one.leftOut);
  for (const [type, count] of other.leftOut) leftOut.set(type, (leftOut.get(type) ?? 0) + count);
  return {
    listed: one.listed + other.listed,
    expected: one.expected + other.expected,
    missed: [...one.missed, ...other.missed],
    leftOut,
  };
}

function unreadable(detail: string, tally: Tally): WindowOutcome {
  return { outcome: 'failed', failure: { reason: 'answer_unreadable', detail }, tally };
}
