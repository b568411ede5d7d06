import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Metric } from './metrics';

export interface TamperingMetricProps {
  /** Name of the metric filter. */
  readonly name: string;
  readonly metric: Metric;
  /** Log group of audit-logger. */
  readonly logGroupName: string;
  /** What makes the log group. */
  readonly dependsOn: ITerraformDependable;
}

/** Counts audit-logger's findings from its log. Its alert goes to people who watch payments; tampering concerns the people on call as well. */
export class TamperingMetric extends Construct {
  constructor(scope: Construct, id: string, props: TamperingMetricProps) {
    super(scope, id);
    new CloudwatchLogMetricFilter(this, 'metric-filter', {
      name: props.name,
      logGroupName: props.logGroupName,
      pattern: '{ $.message = "tampering detected" }',
      metricTransformation: { namespace: props.metric.namespace, name: props.metric.name, value: '1', defaultValue: '0', unit: 'Count' },
      dependsOn: [props.dependsOn],
    });
  }
}
