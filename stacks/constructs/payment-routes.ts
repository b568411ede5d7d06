import { Construct } from 'constructs';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { EventBus } from './event-bus';
import { EventRoute } from './event-route';
import type { EncryptedQueue } from './encrypted-queue';

/** What people are told about. No kind is in two rules, so that an event comes to the queue once. */
export const alertRoutes = {
  'high-value': {
    description: 'Money above its currency threshold was taken, reserved or given back',
    pattern: { valueBand: ['high'], kind: ['payment.succeeded', 'payment.authorized', 'refund.succeeded'] },
  },
  failed: {
    description: 'A payment or a refund failed',
    pattern: { kind: ['payment.failed', 'refund.failed'] },
  },
  dispute: {
    description: 'A dispute was opened or lost',
    pattern: { kind: ['dispute.opened', 'dispute.lost'] },
  },
} as const;

export interface AlertRoutesProps {
  readonly bus: EventBus;
  readonly queue: EncryptedQueue;
  readonly deadLetters: DeadLetterQueue;
  readonly nameOf: (rule: string) => string;
}

/** The rules whose events reach the notification queue. */
export class AlertRoutes extends Construct {
  constructor(scope: Construct, id: string, { bus, queue, deadLetters, nameOf }: AlertRoutesProps) {
    super(scope, id);
    for (const [rule, { description, pattern }] of Object.entries(alertRoutes)) {
      const route = new EventRoute(this, rule, { bus, name: nameOf(rule), description, pattern, targetArn: queue.arn, deadLetters });
      queue.acceptFrom('events.amazonaws.com', route.ruleArn);
    }
  }
}
