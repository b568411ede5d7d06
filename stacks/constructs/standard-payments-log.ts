import { Construct } from 'constructs';
import { CloudwatchLogResourcePolicy } from '@cdktf/provider-aws/lib/cloudwatch-log-resource-policy';
import type { DeadLetterQueue } from './dead-letter-queue';
import { EncryptedLogGroup, type EncryptedLogGroupProps } from './encrypted-log-group';
import type { EventBus } from './event-bus';
import { EventRoute } from './event-route';
import { policyDocument, type Statement } from './policy-document';

export interface StandardPaymentsLogProps {
  readonly bus: EventBus;
  readonly logGroup: EncryptedLogGroupProps;
  readonly ruleName: string;
  readonly policyName: string;
  readonly deadLetters: DeadLetterQueue;
}

/** Payments of standard value, which nobody is told about, go to a log group. */
export class StandardPaymentsLog extends Construct {
  constructor(scope: Construct, id: string, { bus, logGroup, ruleName, policyName, deadLetters }: StandardPaymentsLogProps) {
    super(scope, id);
    const group = new EncryptedLogGroup(this, 'log-group', logGroup);
    const route = new EventRoute(this, 'route', {
      bus,
      name: ruleName,
      description: 'Payments of standard value',
      pattern: { valueBand: ['standard'] },
      targetArn: group.arn,
      deadLetters,
    });
    new CloudwatchLogResourcePolicy(this, 'policy', {
      policyName,
      policyDocument: policyDocument(writers(group.arn, route.ruleArn)),
    });
  }
}

function writers(groupArn: string, ruleArn: string): readonly Statement[] {
  const principal = { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] };
  return [
    { Sid: 'CreateStreams', Effect: 'Allow', Principal: principal, Action: 'logs:CreateLogStream', Resource: `${groupArn}:*` },
    {
      Sid: 'WriteEventsOfTheRule',
      Effect: 'Allow',
      Principal: principal,
      Action: 'logs:PutLogEvents',
      Resource: `${groupArn}:*:*`,
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    },
  ];
}
