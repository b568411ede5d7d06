import { Construct } from 'constructs';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PipelineFunction } from './pipeline-function';

export interface ScheduleTriggerProps<Env extends Readonly<Record<string, string>>> {
  readonly ruleName: string;
  readonly description: string;
  /** Minutes between two runs, at least 2; a run that takes longer does not keep the next one away. */
  readonly everyMinutes: number;
  readonly target: PipelineFunction<Env>;
  /** Takes runs that could not be started, and runs that failed with their retry. */
  readonly deadLetters: DeadLetterQueue;
}

/** Runs a function at a fixed rate. Schedules work on the account's default bus alone. */
export class ScheduleTrigger<Env extends Readonly<Record<string, string>>> extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleTriggerProps<Env>) {
    super(scope, id);
    const { ruleName, description, everyMinutes, target, deadLetters } = props;
    const rule = new CloudwatchEventRule(this, 'rule', {
      name: ruleName,
      description,
      eventBusName: 'default',
      scheduleExpression: `rate(${everyMinutes} minutes)`,
    });
    deadLetters.acceptFrom('events.amazonaws.com', rule.arn);
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      eventBusName: 'default',
      targetId: id,
      arn: target.arn,
      // The next run does what a late one would.
      retryPolicy: { maximumEventAgeInSeconds: everyMinutes * 60, maximumRetryAttempts: 10 },
      deadLetterConfig: { arn: deadLetters.arn },
    });
    new LambdaPermission(this, 'permission', {
      functionName: target.name,
      action: 'lambda:InvokeFunction',
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
    target.allow([{ Sid: 'SendDeadLetters', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: deadLetters.arn }], ['send-messages']);
    // EventBridge hands the event over and is done: what becomes of the run is between Lambda and its own queue.
    new LambdaFunctionEventInvokeConfig(this, 'invocation', {
      functionName: target.name,
      maximumRetryAttempts: 1,
      maximumEventAgeInSeconds: everyMinutes * 60,
      destinationConfig: { onFailure: { destination: deadLetters.arn } },
      dependsOn: [target.policy],
    });
  }
}
