import pc from 'picocolors';
import type { Observed, RingingAlarm, Traffic } from './observed';
import type { StageState } from './pause';
import { printable } from './printable';
import { heading, table } from './table';
import { ageText } from './times';

export interface QueueLine {
  readonly queue: string;
  readonly deadLetters: boolean;
  readonly waiting: number;
  readonly inFlight: number;
  /** Null where nobody knows, and where nothing waits. */
  readonly oldestAgeSeconds: number | null;
}

export interface StageLine {
  readonly stage: string;
  readonly state: StageState;
}

export interface ProviderLine {
  readonly provider: string;
  /** ISO 8601; null: none in the days that were looked at. */
  readonly lastReceivedAt: string | null;
  readonly lastKind: string | null;
  readonly secretChangedAt: string | null;
}

/** What `status --json` prints. */
export interface Status {
  readonly target: string;
  /** Of the last hour. */
  readonly traffic: Traffic | null;
  readonly alarms: readonly RingingAlarm[] | null;
  readonly queues: readonly QueueLine[];
  readonly streams: Observed['streams'] | null;
  readonly stages: readonly StageLine[];
  readonly providers: readonly ProviderLine[];
  /** What could not be told, and why. */
  readonly unknown: readonly string[];
}

/** More than these would push the rest off the screen. */
const mostAlarms = 8;

/** All of it on one screen. */
export function statusScreen(status: Status, now: number): string {
  const { target, traffic, alarms, queues, streams, stages, providers, unknown } = status;
  return [
    heading(target),
    '',
    ...(traffic === null ? [] : [trafficLine(traffic)]),
    ...(alarms === null ? [] : alarmLines(alarms, now)),
    ...(streams === null ? [] : [streamLine(streams)]),
    ...unknown.map((text) => pc.dim(`not known: ${printable(text)}`)),
    '',
    queueTable(queues),
    '',
    table(stages, [
      { title: 'stage', cell: ({ stage }) => stage },
      { title: 'state', cell: ({ state }) => state, paint: ({ state }) => (state === 'running' ? plain : pc.yellow) },
    ]),
    '',
    providerTable(providers, now),
  ].join('\n');
}

function trafficLine({ received, duplicates, rejected, unavailable, published, alerts, lagP99Ms }: Traffic): string {
  const lag = lagP99Ms === null ? '' : `, 99 % of them within ${(lagP99Ms / 1000).toFixed(1)} s`;
  const refused = `${rejected} rejected${unavailable > 0 ? `, ${unavailable} answered 503` : ''}`;
  return `last hour  ${received} stored, ${duplicates} duplicates, ${refused}; ${published} published${lag}; ${alerts} alerts`;
}

function alarmLines(alarms: readonly RingingAlarm[], now: number): readonly string[] {
  if (alarms.length === 0) return ['alarms     none'];
  const rest = alarms.length > mostAlarms ? [pc.red(`           and ${alarms.length - mostAlarms} more: --json`)] : [];
  const lines = alarms
    .slice(0, mostAlarms)
    .map(({ alarm, since }) => pc.red(`alarm      ${printable(alarm)}${since === null ? '' : ` for ${ageText(now - Date.parse(since))}`}`));
  return [...lines, ...rest];
}

function streamLine(streams: Observed['streams']): string {
  const parts = streams.map(
    ({ functionName, behindSeconds: age }) => `${functionName} ${age === null ? 'has nothing to read' : `${ageText(age * 1000)} behind`}`,
  );
  return `streams    ${parts.join(', ')}`;
}

function queueTable(queues: readonly QueueLine[]): string {
  return table(queues, [
    { title: 'queue', cell: ({ queue }) => queue, paint: (line) => (line.deadLetters && line.waiting > 0 ? pc.red : plain) },
    { title: 'waiting', cell: ({ waiting }) => String(waiting), align: 'right' },
    { title: 'in flight', cell: ({ inFlight }) => String(inFlight), align: 'right' },
    { title: 'oldest', cell: ({ oldestAgeSeconds: age }) => (age === null ? '' : ageText(age * 1000)), align: 'right' },
  ]);
}

function providerTable(providers: readonly ProviderLine[], now: number): string {
  return table(providers, [
    { title: 'provider', cell: ({ provider }) => provider },
    { title: 'last webhook', cell: ({ lastReceivedAt: at }) => (at === null ? 'none in 7 d' : `${ageText(now - Date.parse(at))} ago`) },
    { title: 'kind', cell: ({ lastKind }) => lastKind ?? '' },
    {
      title: 'secret',
      cell: ({ secretChangedAt: at }) => (at === null ? 'NOT SET' : `set ${ageText(now - Date.parse(at))} ago`),
      paint: ({ secretChangedAt: at }) => (at === null ? pc.yellow : plain),
    },
  ]);
}

function plain(text: string): string {
  return text;
}
