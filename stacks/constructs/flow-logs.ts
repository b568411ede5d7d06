import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { Construct } from 'constructs';
import { EncryptedLogGroup, type EncryptedLogGroupProps } from './encrypted-log-group';
import { policyDocument, type Statement } from './policy-document';

export interface FlowLogsProps {
  /** Name of the role that writes the log, and of the flow log. */
  readonly name: string;
  readonly vpcId: string;
  readonly accountId: string;
  readonly logGroup: EncryptedLogGroupProps;
}

/** A line for every connection in the VPC, accepted or refused. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, props: FlowLogsProps) {
    super(scope, id);
    const logGroup = new EncryptedLogGroup(this, 'log-group', props.logGroup);
    const role = new IamRole(this, 'role', {
      name: props.name,
      description: 'Writes the flow logs of the VPC',
      assumeRolePolicy: trust(props.accountId),
    });
    const policy = new IamRolePolicy(this, 'policy', {
      name: 'write-flow-logs',
      role: role.id,
      policy: policyDocument([permissions(logGroup.arn)]),
    });
    new FlowLog(this, 'flow-log', {
      vpcId: props.vpcId,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logDestination: logGroup.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
      tags: { Name: props.name },
      dependsOn: [policy],
    });
  }
}

function trust(accountId: string): string {
  const statement = {
    Sid: 'AssumedByFlowLogs',
    Effect: 'Allow',
    Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

function permissions(logGroupArn: string): Statement {
  return {
    Sid: 'WriteFlowLogs',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    Resource: [logGroupArn, `${logGroupArn}:*`],
  };
}
