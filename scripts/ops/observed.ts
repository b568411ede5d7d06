import { DescribeAlarmsCommand, GetMetricDataCommand, type MetricDataQuery, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import type { FunctionName } from '../../stacks/naming';
import type { ControlStatus } from '../local/control';
import type { Target } from './target';

/** What went through in the last hour; null where nobody counted. */
export interface Traffic {
  readonly received: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Answered 503, so the provider sends them again. */
  readonly unavailable: number;
  readonly published: number;
  readonly alerts: number;
  /** 99th percentile from received to published, of the worst five minutes; of a local run over the hour. */
  readonly lagP99Ms: number | null;
}

interface StreamAge {
  readonly functionName: string;
  /** How far behind the table it reads; null: it had nothing to read. */
  readonly behindSeconds: number | null;
}

export interface Observed {
  readonly traffic: Traffic;
  readonly streams: readonly StreamAge[];
  /** Age of the oldest message in seconds, by queue. */
  readonly queueAges: ReadonlyMap<string, number>;
}

export interface RingingAlarm {
  readonly alarm: string;
  /** ISO 8601. */
  readonly since: string | null;
  readonly meaning: string;
}

const hour = 3_600_000;
const fresh = 10 * 60_000;

const counters = {
  received: ['webhook-receiver', 'WebhookReceived'],
  duplicates: ['webhook-receiver', 'WebhookDuplicate'],
  rejected: ['webhook-receiver', 'WebhookRejected'],
  unavailable: ['webhook-receiver', 'WebhookUnavailable'],
  published: ['event-processor', 'EventPublished'],
  alerts: ['notification-handler', 'AlertSent'],
} as const satisfies Readonly<Record<string, readonly [FunctionName, string]>>;

const streamReaders = ['event-relay', 'audit-logger'] as const;

/** What a local run counted itself; undefined where it did not. */
export function observedLocally(control: ControlStatus): Traffic | undefined {
  if (control.metrics === undefined) return undefined;
  const { counts, lagP99Ms } = control.metrics;
  return { ...countsFrom((name) => counts[name] ?? 0), lagP99Ms };
}

function countsFrom(valueOf: (metric: string) => number): Omit<Traffic, 'lagP99Ms'> {
  const of = (key: keyof typeof counters): number => valueOf(counters[key][1]);
  return {
    received: of('received'),
    duplicates: of('duplicates'),
    rejected: of('rejected'),
    unavailable: of('unavailable'),
    published: of('published'),
    alerts: of('alerts'),
  };
}

/** Asks CloudWatch for the last hour, in one call. */
export async function observe(target: Target, queues: readonly string[], now: number): Promise<Observed> {
  const { names } = target;
  const own = (name: FunctionName): Readonly<Record<string, string>> => ({ service: names.ofFunction(name) });
  const queries = [
    ...Object.values(counters).map(([name, metric]) => query(metric, 'PaymentWebhooks', metric, own(name), 'Sum', 300)),
    query('lag', 'PaymentWebhooks', 'EndToEndLatency', own('event-processor'), 'p99', 300),
    ...streamReaders.map((name, index) =>
      query(`stream${index}`, 'AWS/Lambda', 'IteratorAge', { FunctionName: names.ofFunction(name) }, 'Maximum', 60),
    ),
    ...queues.map((name, index) => query(`queue${index}`, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: name }, 'Maximum', 60)),
  ];
  const results = await metricData(target, queries, now);
  const newest = (id: string): number | null => newestValue(results.get(id), now);
  const lags = results.get('lag')?.Values ?? [];
  return {
    traffic: {
      ...countsFrom((metric) => sum(results.get(idOf(metric))?.Values ?? [])),
      lagP99Ms: lags.length === 0 ? null : Math.max(...lags),
    },
    streams: streamReaders.map((name, index) => {
      const age = newest(`stream${index}`);
      return { functionName: names.ofFunction(name), behindSeconds: age === null ? null : Math.round(age / 1000) };
    }),
    queueAges: new Map(queues.flatMap((name, index) => agePair(name, newest(`queue${index}`)))),
  };
}

function agePair(name: string, age: number | null): readonly (readonly [string, number])[] {
  return age === null ? [] : [[name, age]];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** An id of a query begins with a small letter. */
function idOf(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}

function query(
  name: string,
  Namespace: string,
  MetricName: string,
  dimensions: Readonly<Record<string, string>>,
  Stat: string,
  Period: number,
): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id: idOf(name), MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat } };
}

async function metricData(
  { operator }: Target,
  MetricDataQueries: MetricDataQuery[],
  now: number,
): Promise<ReadonlyMap<string, MetricDataResult>> {
  const results = new Map<string, MetricDataResult>();
  let NextToken: string | undefined;
  do {
    const page = await operator.cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(now - hour),
        EndTime: new Date(now),
        ScanBy: 'TimestampDescending',
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const { Id = '', Values = [], Timestamps = [] } of page.MetricDataResults ?? []) {
      const before = results.get(Id);
      results.set(Id, { Id, Values: [...(before?.Values ?? []), ...Values], Timestamps: [...(before?.Timestamps ?? []), ...Timestamps] });
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return results;
}

/** The last value, unless it is so old that it says nothing of now. */
function newestValue(result: MetricDataResult | undefined, now: number): number | null {
  const at = result?.Timestamps?.[0]?.getTime() ?? 0;
  return now - at > fresh ? null : (result?.Values?.[0] ?? null);
}

/** The alarms of the environment that ring. */
export async function ringingAlarms({ operator, names }: Target): Promise<readonly RingingAlarm[]> {
  const found: RingingAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await operator.cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNamePrefix: `${names.alarmPrefix}-`,
        StateValue: 'ALARM',
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const {
      AlarmName = '',
      AlarmDescription = '',
      StateValue,
      StateTransitionedTimestamp,
      StateUpdatedTimestamp,
    } of page.MetricAlarms ?? []) {
      const since = StateTransitionedTimestamp ?? StateUpdatedTimestamp;
      // Not every endpoint looks at what was asked for.
      if (StateValue !== 'ALARM') continue;
      found.push({ alarm: AlarmName, since: since?.toISOString() ?? null, meaning: AlarmDescription });
    }
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return found;
}
