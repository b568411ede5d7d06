import { Construct } from 'constructs';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { busPattern } from '../bus-pattern';
import type { Subscriber } from '../subscribers';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { EventBus } from './event-bus';
import { HttpsDestination } from './https-destination';
import { policyDocument, trustPolicy } from './policy-document';

export interface SubscriberRouteProps {
  readonly bus: EventBus;
  /** Name of the rule, and of the role, connection and destination where there are any. */
  readonly name: string;
  readonly subscriber: Subscriber;
  /** Takes events that could not be delivered for a day, or never can be. */
  readonly deadLetters: DeadLetterQueue;
}

/** A rule for one of the environment's own consumers, with its target. */
export class SubscriberRoute extends Construct {
  readonly ruleArn: string;
  private readonly name: string;

  constructor(scope: Construct, id: string, { bus, name, subscriber, deadLetters }: SubscriberRouteProps) {
    super(scope, id);
    this.name = name;
    const rule = new CloudwatchEventRule(this, 'rule', {
      name,
      description: `Payment events for the subscriber ${subscriber.name}`,
      eventBusName: bus.name,
      eventPattern: busPattern(subscriber.pattern.detail),
    });
    this.ruleArn = rule.arn;
    deadLetters.acceptFrom('events.amazonaws.com', rule.arn);
    const { arn, roleArn } = this.reach(subscriber.target);
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      eventBusName: bus.name,
      targetId: 'subscriber',
      arn,
      ...(roleArn !== undefined && { roleArn }),
      // A consumer may be down for longer than a queue of ours: the most that EventBridge offers.
      retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: deadLetters.arn },
    });
  }

  /** What the rule sends to. A role for buses and HTTPS only: queues and functions let the rule in by their own policies. */
  private reach(target: Subscriber['target']): { readonly arn: string; readonly roleArn?: string } {
    if ('queueArn' in target) return { arn: target.queueArn };
    if ('functionArn' in target) {
      const { functionArn } = target;
      new LambdaPermission(this, 'invoke', {
        statementId: this.name,
        action: 'lambda:InvokeFunction',
        functionName: functionArn,
        principal: 'events.amazonaws.com',
        sourceArn: this.ruleArn,
      });
      return { arn: functionArn };
    }
    if ('busArn' in target) return { arn: target.busArn, roleArn: this.role('events:PutEvents', target.busArn) };
    const { arn } = new HttpsDestination(this, 'https', { name: this.name, target: target.https });
    return { arn, roleArn: this.role('events:InvokeApiDestination', arn) };
  }

  private role(action: string, resource: string): string {
    const role = new IamRole(this, 'role', { name: this.name, assumeRolePolicy: trustPolicy('events.amazonaws.com') });
    new IamRolePolicy(this, 'policy', {
      name: 'deliver',
      role: role.name,
      policy: policyDocument([{ Sid: 'Deliver', Effect: 'Allow', Action: action, Resource: resource }]),
    });
    return role.arn;
  }
}
