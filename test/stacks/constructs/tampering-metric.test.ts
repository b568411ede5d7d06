import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { describe, expect, it } from '@jest/globals';
import { pipelineAlarms } from '../../../stacks/constructs/pipeline-alarms';
import { tamperingMetric } from '../../../stacks/constructs/resource-alarms';
import { TamperingMetric } from '../../../stacks/constructs/tampering-metric';
import { onlyResource, synthesized } from '../../support/synthesized-construct';

const filter = onlyResource(
  synthesized((scope) => {
    const log = new CloudwatchLogGroup(scope, 'log', { name: '/aws/lambda/audit-logger-test' });
    new TamperingMetric(scope, 'tampering', {
      name: 'tampering-test',
      metric: tamperingMetric('test'),
      logGroupName: log.name,
      dependsOn: log,
    });
  }),
  'aws_cloudwatch_log_metric_filter',
);

describe('TamperingMetric', () => {
  it("counts audit-logger's findings by their exact words", () => {
    expect(filter['pattern']).toBe('{ $.message = "tampering detected" }');
  });

  it('counts into the metric that the alarm watches', () => {
    const environment = {
      suffix: 'test',
      region: 'eu-west-1',
      enabledProviders: [],
      silentAfterHours: {},
      subscribers: [],
      alertEndpoints: false,
      webAclName: undefined,
    };
    const alarm = pipelineAlarms(environment).find((definition) => definition.id === 'tampering');
    expect(alarm?.watch).toEqual({ namespace: 'PaymentWebhooks/test', name: 'TamperingDetected', dimensions: {}, statistic: 'Sum' });
    expect(filter['metric_transformation']).toMatchObject({ namespace: 'PaymentWebhooks/test', name: 'TamperingDetected', value: '1' });
  });
});
