import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';
import type { Tally } from './compare-page';
import type { Compared } from './reconcile-provider';
import type { ProviderOutcome, RunReports } from './run-reconciler';
import type { SweepOutcome } from './sweep-pending';

export interface ReportDependencies {
  readonly log: Log;
  readonly meter: Meter;
  readonly correlationId: string;
}

/** Lines and metrics of one run. */
export function reportsOf(deps: ReportDependencies): RunReports {
  return {
    swept: (outcome) => {
      reportSweep(deps, outcome);
    },
    reconciled: (provider, outcome, dryRun = false) => {
      reportProvider(deps, provider, outcome, dryRun);
    },
  };
}

/** A line, and metrics where something was stuck. */
function reportSweep({ log, meter, correlationId }: ReportDependencies, outcome: SweepOutcome): void {
  if (outcome.outcome === 'busy') {
    log.info('sweep left to another run', { correlationId });
    return;
  }
  const { reenqueued, overdue, failed } = outcome;
  log.info('pending events swept', { correlationId, reenqueued, overdue, failed });
  if (reenqueued + failed > 0) meter.count('EventsReenqueued', {}, reenqueued + failed);
  if (overdue > 0) meter.count('EventsOverdue', {}, overdue);
}

/** A line for what became of a provider, one more for each event that was missed, and the metrics that people on call have alarms on. */
function reportProvider(deps: ReportDependencies, provider: string, outcome: ProviderOutcome, dryRun: boolean): void {
  const { log, meter, correlationId } = deps;
  const fields = { correlationId, provider, ...(dryRun && { dryRun }) };
  switch (outcome.outcome) {
    case 'off':
    case 'busy':
      log.info('provider not reconciled', { ...fields, because: outcome.outcome });
      return;
    case 'refused':
      log.info('provider not reconciled', { ...fields, because: outcome.detail });
      return;
    case 'failed':
      reportMissed(deps, provider, outcome.tally, dryRun);
      log.error('provider not reconciled', { ...fields, ...outcome.failure, ...countsOf(outcome.tally) });
      meter.count('ReconcileFailed', { provider, reason: outcome.failure.reason });
      return;
    case 'done':
    case 'more':
      reportMissed(deps, provider, outcome.tally, dryRun);
      log.info('provider reconciled', { ...fields, finished: outcome.outcome === 'done', ...outcome.window, ...countsOf(outcome.tally) });
  }
}

function reportMissed({ log, meter, correlationId }: ReportDependencies, provider: string, { missed }: Tally, dryRun: boolean): void {
  if (dryRun) return;
  for (const event of missed) log.warn('missed event recovered', { correlationId, provider, ...event });
  if (missed.length > 0) meter.count('MissedEvents', { provider }, missed.length);
}

function countsOf({ listed, expected, missed }: Tally) {
  return { listed, expected, leftOut: listed - expected, missed: missed.length };
}

/** The answer to whoever asked by hand. */
export function answerOf(outcome: ProviderOutcome): Readonly<Record<string, unknown>> {
  switch (outcome.outcome) {
    case 'off':
    case 'busy':
    case 'refused':
      return outcome;
    case 'failed':
      return { outcome: 'failed', ...outcome.failure, ...tallyOf(outcome) };
    case 'done':
      return { outcome: 'done', ...tallyOf(outcome) };
    case 'more':
      return { outcome: 'more', ...(outcome.cursor === undefined ? {} : { cursor: outcome.cursor }), ...tallyOf(outcome) };
  }
}

/** Lambda's answer takes 6 MB; the log has every event. */
const eventsNamed = 1000;
const typesNamed = 100;

function tallyOf({ tally, anew }: Compared) {
  const types = [...tally.leftOut].sort(([, one], [, other]) => other - one);
  return {
    ...countsOf(tally),
    leftOutTypes: types.slice(0, typesNamed).map(([type]) => type),
    events: tally.missed.slice(0, eventsNamed),
    ...(anew === undefined ? {} : { anew }),
  };
}
