import type { Construct } from 'constructs';
import type { Env } from '../../functions/event-processor/env';
import type { ConfigParameter } from './config-parameter';
import type { EventBus } from './event-bus';
import type { PaymentTable } from './payment-table';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import { QueueTrigger } from './queue-trigger';
import type { WorkQueue } from './work-queue';

export const eventProcessorTimeoutSeconds = 300;

export interface EventProcessorProps {
  readonly table: PaymentTable;
  readonly queue: WorkQueue;
  readonly bus: EventBus;
  readonly config: ConfigParameter;
  readonly maximumConcurrency: number;
}

/** Publishes events on the bus and marks their rows processed. */
export class EventProcessor extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, { table, queue, bus, config, maximumConcurrency }: EventProcessorProps) {
    super(scope, 'event-processor', defaults, {
      description: 'Publishes payment events on the bus',
      timeoutSeconds: eventProcessorTimeoutSeconds,
      memoryMb: 512,
      // Settings, one PutEvents, the rows side by side, and when the failed come again.
      budget: { totalMs: 240_000, sequentialCalls: 4 },
      environment: {
        PAYMENT_TABLE_NAME: table.name,
        EVENT_BUS_NAME: bus.name,
        CONFIG_PARAMETER_NAME: config.name,
        PROCESSING_QUEUE_URL: queue.url,
        RETRY_DELAYS_SECONDS: queue.retryDelaysSeconds,
      },
      statements: [
        { Sid: 'PublishEvents', Effect: 'Allow', Action: 'events:PutEvents', Resource: bus.arn },
        { Sid: 'MarkProcessed', Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: table.arn },
        { Sid: 'ReadSettings', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: config.arn },
      ],
      keyUses: ['write-table'],
    });
    new QueueTrigger(this, 'trigger', { queue, target: this, maximumConcurrency });
  }
}
