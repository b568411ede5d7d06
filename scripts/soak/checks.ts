import type { Stage } from '../local/demo/stage';
import type { LocalRun } from '../local/run';
import { textAt } from '../local/json';
import type { SentEvent } from './load';
import { megabytes, type Memory } from './memory';

/** What came out of a run, counted as it came. */
export interface Observed {
  /** Publications on the bus by event id. */
  readonly published: ReadonlyMap<string, number>;
  /** Alerts by payment. */
  readonly alerts: ReadonlyMap<string, number>;
  readonly archived: ReadonlySet<string>;
}

/** Something that was to hold, and whether it did. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
}

/** Counts what comes out of a run from now on. */
export function observe(run: LocalRun): Observed {
  const observed = { published: new Map<string, number>(), alerts: new Map<string, number>(), archived: new Set<string>() };
  run.aws.on('put-events', ({ detail }) => {
    count(observed.published, /"eventId":"([^"]+)"/.exec(detail)?.[1] ?? '');
  });
  run.aws.on('sns-publish', ({ message }) => {
    count(observed.alerts, /^Payment: +(\S+)$/m.exec(message)?.[1] ?? '');
  });
  run.aws.on('put-object', ({ key }) => observed.archived.add(key));
  return observed;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** True once every event that was sent is on the bus and every alert that is due is out. */
export function isThrough(sent: readonly SentEvent[], { published, alerts }: Observed): boolean {
  return sent.every(({ eventId, paymentId, alertDue }) => published.has(eventId) && (!alertDue || alerts.has(paymentId)));
}

/** Nothing lost, nothing twice that must be once. */
export async function lossChecks(
  stage: Stage,
  sent: readonly SentEvent[],
  refused: readonly string[],
  observed: Observed,
): Promise<Check[]> {
  const rows = await stage.eventRows();
  const processed = rows.filter((row) => row['status'] === 'processed');
  const unarchived = rows.filter((row) => !observed.archived.has(String(row['archiveKey'])));
  const due = sent.filter(({ alertDue }) => alertDue);
  const repeated = [...observed.alerts].filter(([, times]) => times > 1).map(([payment, times]) => `; ${payment} ${times} times`);
  const once = due.filter(({ paymentId }) => observed.alerts.get(paymentId) === 1);
  const total = [...observed.alerts.values()].reduce((sum, times) => sum + times, 0);
  const missing = sent.filter(({ eventId }) => !observed.published.has(eventId));
  const dead = stage.run.aws.queueDepths().filter(({ name, visible, inFlight }) => name.includes('dead') && visible + inFlight > 0);
  return [
    { what: `${sent.length} events sent, ${refused.length} never answered 200`, ok: refused.length === 0 },
    {
      what: `${rows.length} rows, ${processed.length} of them processed`,
      ok: rows.length === sent.length && processed.length === sent.length,
    },
    { what: `${missing.length} events missing on the bus`, ok: missing.length === 0 },
    { what: `${unarchived.length} rows without an archived body`, ok: unarchived.length === 0 },
    {
      what: `${due.length} alerts due, ${once.length} sent exactly once, ${total} in all${repeated.join('')}`,
      ok: once.length === due.length && total === due.length,
    },
    { what: `dead letters: ${dead.map(({ name }) => name).join(', ') || 'none'}`, ok: dead.length === 0 },
    await auditCheck(
      stage,
      rows.map((row) => String(row['eventKey'])),
    ),
  ];
}

/** Each event's row was inserted and then changed: both are in the audit. */
async function auditCheck(stage: Stage, eventKeys: readonly string[]): Promise<Check> {
  const seen = new Set((await stage.auditRecords()).map(({ record }) => `${textAt(record, 'eventName')} ${keyOf(record)}`));
  const gaps = eventKeys.flatMap((key) => ['INSERT', 'MODIFY'].filter((name) => !seen.has(`${name} ${key}`)));
  return { what: `${gaps.length} changes of event rows missing in the audit`, ok: gaps.length === 0 };
}

function keyOf(record: unknown): string {
  const keys: unknown = typeof record === 'object' && record !== null && 'keys' in record ? record.keys : undefined;
  const key: unknown = typeof keys === 'object' && keys !== null && 'eventKey' in keys ? keys.eventKey : undefined;
  return typeof key === 'string' ? key : '';
}

/** What the embedded AWS keeps of one event for good: its rows, objects, audit records and log lines. */
const heapPerEvent = 64 * 1024;
/** The rest of the process: what threads take and give back. */
const residentSlack = 256 * 1024 * 1024;

/** The second half of a run must take no more memory than what the embedded AWS keeps of its events. */
export function memoryChecks(half: Memory, end: Memory, idle: Memory, eventsBetween: number): Check[] {
  const grown = end.heap - half.heap;
  const perEvent = grown / Math.max(1, eventsBetween);
  const resident = end.resident - half.resident;
  return [
    {
      what: `heap grew by ${megabytes(grown)} in the second half, ${(perEvent / 1024).toFixed(1)} KB per event (bound 64 KB)`,
      ok: perEvent < heapPerEvent,
    },
    {
      what: `the process grew by ${megabytes(resident)} in the second half (bound 256 MB and 64 KB per event)`,
      ok: resident < residentSlack + eventsBetween * heapPerEvent,
    },
    {
      what: `heap grew by ${megabytes(idle.heap - end.heap)} while nothing happened (bound 2 MB)`,
      ok: idle.heap - end.heap < 2 * 1024 * 1024,
    },
  ];
}
