import { describe, expect, it } from '@jest/globals';
import { Alarms, type AlarmDefinition } from '../../../stacks/constructs/alarms';
import { onlyResource, resources, synthesized } from '../../support/synthesized-construct';

const metric = { namespace: 'AWS/SQS', name: 'Age', dimensions: { QueueName: 'q' }, statistic: 'Maximum' };
const definition: AlarmDefinition = {
  id: 'queue-age',
  meaning: 'Payments wait.',
  runbook: 'queue-age',
  watch: metric,
  when: { above: 600 },
  periodSeconds: 60,
};

function alarm(changes: Partial<AlarmDefinition> = {}) {
  const definitions = [{ ...definition, ...changes }];
  const stack = synthesized((scope) => new Alarms(scope, 'alarms', { namePrefix: 'payments-test', topicArn: 'arn:topic', definitions }));
  return onlyResource(stack, 'aws_cloudwatch_metric_alarm');
}

describe('Alarms', () => {
  it('tells the topic when an alarm begins and when it ends', () => {
    expect(alarm()).toMatchObject({ actions_enabled: true, alarm_actions: ['arn:topic'], ok_actions: ['arn:topic'] });
  });

  it('says what it means for payments and names the runbook page', () => {
    expect(alarm()).toMatchObject({
      alarm_name: 'payments-test-queue-age',
      alarm_description: 'Payments wait. Runbook: docs/runbook/queue-age.md',
    });
  });

  it('watches one metric', () => {
    expect(alarm()).toMatchObject({
      namespace: 'AWS/SQS',
      metric_name: 'Age',
      dimensions: { QueueName: 'q' },
      statistic: 'Maximum',
      period: 60,
      comparison_operator: 'GreaterThanThreshold',
      threshold: 600,
      datapoints_to_alarm: 1,
      evaluation_periods: 1,
      treat_missing_data: 'notBreaching',
    });
  });

  it('watches a percentile also when there are few samples', () => {
    const watched = alarm({ watch: { ...metric, statistic: 'p99' } });
    expect(watched).toMatchObject({ extended_statistic: 'p99', evaluate_low_sample_count_percentiles: 'evaluate' });
    expect(watched).not.toHaveProperty('statistic');
  });

  it('watches an expression over several metrics', () => {
    const watched = alarm({ watch: { expression: '100 * m1 / m2', metrics: [metric, { ...metric, name: 'Count', statistic: 'Sum' }] } });
    expect(watched['metric_query']).toEqual([
      { id: 'result', expression: '100 * m1 / m2', label: 'queue-age', return_data: true },
      { id: 'm1', metric: { namespace: 'AWS/SQS', metric_name: 'Age', dimensions: { QueueName: 'q' }, stat: 'Maximum', period: 60 } },
      { id: 'm2', metric: { namespace: 'AWS/SQS', metric_name: 'Count', dimensions: { QueueName: 'q' }, stat: 'Sum', period: 60 } },
    ]);
    expect(watched).not.toHaveProperty('metric_name');
    expect(watched).not.toHaveProperty('period');
  });

  it('can ask for several periods, a value below, and for silence to count', () => {
    expect(alarm({ periods: [2, 3], when: { below: 1 }, missingData: 'breaching' })).toMatchObject({
      datapoints_to_alarm: 2,
      evaluation_periods: 3,
      comparison_operator: 'LessThanThreshold',
      threshold: 1,
      treat_missing_data: 'breaching',
    });
  });

  it('makes one alarm per definition', () => {
    const definitions = [definition, { ...definition, id: 'other' }];
    const stack = synthesized((scope) => new Alarms(scope, 'alarms', { namePrefix: 'payments-test', topicArn: 'arn:topic', definitions }));
    expect(Object.keys(resources(stack, 'aws_cloudwatch_metric_alarm'))).toHaveLength(2);
  });
});
