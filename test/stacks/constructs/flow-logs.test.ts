import { describe, expect, it } from '@jest/globals';
import { FlowLogs } from '../../../stacks/constructs/flow-logs';
import { onlyResource, synthesized } from '../../support/synthesized-construct';

const stack = synthesized(
  (scope) =>
    new FlowLogs(scope, 'flow-logs', {
      name: 'payments-test-flow-logs',
      vpcId: 'vpc-1',
      accountId: '123456789012',
      logGroup: { name: '/aws/vpc/payments-test', keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1', retentionDays: 30 },
    }),
);

describe('FlowLogs', () => {
  it('writes accepted and refused connections', () => {
    expect(onlyResource(stack, 'aws_flow_log')).toMatchObject({ vpc_id: 'vpc-1', traffic_type: 'ALL' });
  });

  it('writes to an encrypted log group that forgets', () => {
    expect(onlyResource(stack, 'aws_cloudwatch_log_group')).toMatchObject({
      retention_in_days: 30,
      kms_key_id: 'arn:aws:kms:eu-west-1:123456789012:key/1',
    });
  });

  it('lets the flow log service of this account alone use the role', () => {
    expect(JSON.parse(String(onlyResource(stack, 'aws_iam_role')['assume_role_policy']))).toMatchObject({
      Statement: [
        { Principal: { Service: 'vpc-flow-logs.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } },
      ],
    });
  });

  it('lets the role write to this log group only', () => {
    const policy: unknown = JSON.parse(String(onlyResource(stack, 'aws_iam_role_policy')['policy']));
    expect(policy).toMatchObject({
      Statement: [
        { Resource: [expect.stringContaining('aws_cloudwatch_log_group'), expect.stringMatching(/aws_cloudwatch_log_group.*:\*$/)] },
      ],
    });
  });
});
