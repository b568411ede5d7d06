import type { Construct } from 'constructs';
import type { Env } from '../../functions/notification-handler/env';
import type { PaymentTable } from './payment-table';
import type { PeopleTopic } from './people-topic';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import { QueueTrigger } from './queue-trigger';
import type { WorkQueue } from './work-queue';

export const notificationHandlerTimeoutSeconds = 30;

export interface NotificationHandlerProps {
  readonly table: PaymentTable;
  readonly queue: WorkQueue;
  readonly topic: PeopleTopic;
  /** Days after which the table may forget that an alert was sent; as long as it remembers the event. */
  readonly retentionDays: number;
  readonly maximumConcurrency: number;
}

/** Sends one alert per payment and reason. */
export class NotificationHandler extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, props: NotificationHandlerProps) {
    const { table, queue, topic, retentionDays, maximumConcurrency } = props;
    super(scope, 'notification-handler', defaults, {
      description: 'Alerts people about payments',
      timeoutSeconds: notificationHandlerTimeoutSeconds,
      memoryMb: 256,
      // Read, claim, publish, mark, the messages of a batch side by side; and when the failed come again.
      budget: { totalMs: 24_000, sequentialCalls: 5 },
      environment: {
        PAYMENT_TABLE_NAME: table.name,
        ALERT_TOPIC_ARN: topic.arn,
        EVENT_RETENTION_DAYS: String(retentionDays),
        NOTIFICATION_QUEUE_URL: queue.url,
        RETRY_DELAYS_SECONDS: queue.retryDelaysSeconds,
      },
      statements: [
        {
          Sid: 'ReadEventsAndClaimAlerts',
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
          Resource: table.arn,
        },
        { Sid: 'PublishAlerts', Effect: 'Allow', Action: 'sns:Publish', Resource: topic.arn },
      ],
      keyUses: ['write-table', 'publish-alerts'],
    });
    new QueueTrigger(this, 'trigger', { queue, target: this, maximumConcurrency });
  }
}
