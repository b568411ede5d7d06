import { Construct } from 'constructs';
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { EventBus } from './event-bus';

/** Fields of a published event that decide where it goes; an event matches when each field has one of its words. */
interface EventPattern {
  readonly kind?: readonly string[];
  readonly valueBand?: readonly string[];
}

export interface EventRouteProps {
  readonly bus: EventBus;
  readonly name: string;
  readonly description: string;
  readonly pattern: EventPattern;
  /** ARN of a queue or log group whose own policy lets EventBridge in. */
  readonly targetArn: string;
  /** Takes events that could not be delivered for an hour, or never can be. */
  readonly deadLetters: DeadLetterQueue;
}

/** A rule on the bus and its target. */
export class EventRoute extends Construct {
  readonly ruleArn: string;

  constructor(scope: Construct, id: string, { bus, name, description, pattern, targetArn, deadLetters }: EventRouteProps) {
    super(scope, id);
    const rule = new CloudwatchEventRule(this, 'rule', {
      name,
      description,
      eventBusName: bus.name,
      eventPattern: JSON.stringify({ source: ['payment.processor'], 'detail-type': ['Payment Processed'], detail: pattern }),
    });
    this.ruleArn = rule.arn;
    deadLetters.acceptFrom('events.amazonaws.com', rule.arn);
    // No role: queues and log groups have resource policies, and with a role as well delivery to encrypted targets may fail.
    new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      eventBusName: bus.name,
      targetId: id,
      arn: targetArn,
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 185 },
      deadLetterConfig: { arn: deadLetters.arn },
    });
  }
}
