import type { Activity } from './activity';
import { isJsonArray, isObject, textAt, type JsonObject } from './json';

/** What the functions counted in the last hour. */
export interface MetricsSummary {
  /** Sums by the metric's name. */
  readonly counts: Readonly<Record<string, number>>;
  /** 99th percentile of the time from received to published; null where nothing was published. */
  readonly lagP99Ms: number | null;
}

interface Sample {
  readonly at: number;
  readonly name: string;
  readonly value: number;
}

const windowMs = 3_600_000;
const lag = 'EndToEndLatency';
/** Samples kept; the oldest go first. */
const mostSamples = 50_000;

/** What CloudWatch is on AWS: takes the metrics out of the functions' lines, and keeps them for an hour. */
export class MetricsWindow {
  #samples: Sample[] = [];

  add(activity: Activity): void {
    if (activity.kind !== 'log') return;
    for (const name of metricNames(activity.fields)) {
      const value = Number(textAt(activity.fields, name));
      if (Number.isFinite(value)) this.#samples.push({ at: activity.at, name, value });
    }
    if (this.#samples.length > mostSamples * 1.2) this.#samples = this.#samples.slice(-mostSamples);
  }

  summary(now: number): MetricsSummary {
    const recent = this.#samples.filter(({ at }) => at > now - windowMs);
    const counts: Record<string, number> = {};
    for (const { name, value } of recent) if (name !== lag) counts[name] = (counts[name] ?? 0) + value;
    const lags = recent
      .filter(({ name }) => name === lag)
      .map(({ value }) => value)
      .sort((a, b) => a - b);
    return { counts, lagP99Ms: lags[Math.ceil(lags.length * 0.99) - 1] ?? null };
  }
}

/** The metrics in an embedded metric format line; the dimensions do not change its values. */
function metricNames(fields: JsonObject): readonly string[] {
  const aws = fields['_aws'];
  const directives = isObject(aws) ? aws['CloudWatchMetrics'] : undefined;
  const metrics = isJsonArray(directives) ? directives.map((directive) => (isObject(directive) ? directive['Metrics'] : undefined)) : [];
  return metrics.flatMap((list) => (isJsonArray(list) ? list.map((metric) => textAt(metric, 'Name')) : []));
}
