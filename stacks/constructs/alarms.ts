import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
  type CloudwatchMetricAlarmMetricQuery,
} from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import { Construct } from 'constructs';
import type { Metric } from './metrics';

/** One alarm: a row of a table. */
export interface AlarmDefinition {
  /** Construct id, and last part of the alarm's name. */
  readonly id: string;
  /** What it means for payments, in one or two sentences, for whoever is woken up by it. */
  readonly meaning: string;
  /** The page that says what to do: `docs/runbook/<runbook>.md`. */
  readonly runbook: string;
  /** One metric, or several as `m1`, `m2`… of a CloudWatch metric math expression. */
  readonly watch: Metric | { readonly expression: string; readonly metrics: readonly Metric[] };
  readonly when: { readonly above: number } | { readonly below: number };
  readonly periodSeconds: number;
  /** How many of the last periods must be over the line: `[2, 3]` is two of three. Default: `[1, 1]`. */
  readonly periods?: readonly [number, number];
  /** What a period without data says. Default: `notBreaching`, for most metrics here are sent only when something happens. */
  readonly missingData?: 'notBreaching' | 'breaching' | 'ignore';
}

export interface AlarmsProps {
  /** First part of every alarm's name. */
  readonly namePrefix: string;
  /** Topic that is told when an alarm begins and when it ends. */
  readonly topicArn: string;
  readonly definitions: readonly AlarmDefinition[];
}

/** Alarms that all reach the people on call. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { namePrefix, topicArn, definitions }: AlarmsProps) {
    super(scope, id);
    for (const definition of definitions) {
      new CloudwatchMetricAlarm(this, definition.id, {
        alarmName: `${namePrefix}-${definition.id}`,
        alarmDescription: `${definition.meaning} Runbook: docs/runbook/${definition.runbook}.md`,
        actionsEnabled: true,
        alarmActions: [topicArn],
        okActions: [topicArn],
        treatMissingData: definition.missingData ?? 'notBreaching',
        ...condition(definition),
        ...watched(definition),
      });
    }
  }
}

function condition({ when, periods: [datapointsToAlarm, evaluationPeriods] = [1, 1] }: AlarmDefinition) {
  return {
    ...('above' in when
      ? { comparisonOperator: 'GreaterThanThreshold', threshold: when.above }
      : { comparisonOperator: 'LessThanThreshold', threshold: when.below }),
    datapointsToAlarm,
    evaluationPeriods,
  };
}

function watched({ id, watch, periodSeconds: period }: AlarmDefinition): Partial<CloudwatchMetricAlarmConfig> {
  if ('expression' in watch) {
    const result = { id: 'result', expression: watch.expression, label: id, returnData: true };
    return { metricQuery: [result, ...watch.metrics.map((metric, index) => query(metric, index, period))] };
  }
  const { namespace, name, dimensions, statistic } = watch;
  const percentile = /^p\d/.test(statistic);
  return {
    namespace,
    metricName: name,
    dimensions: { ...dimensions },
    period,
    ...(percentile ? { extendedStatistic: statistic, evaluateLowSampleCountPercentiles: 'evaluate' } : { statistic }),
  };
}

function query({ namespace, name, dimensions, statistic }: Metric, index: number, period: number): CloudwatchMetricAlarmMetricQuery {
  return { id: `m${index + 1}`, metric: { namespace, metricName: name, dimensions: { ...dimensions }, stat: statistic, period } };
}
