import type { Construct } from 'constructs';
import type { Env } from '../../functions/event-relay/env';
import type { ArchiveBucket } from './archive-bucket';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PaymentTable } from './payment-table';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import { StreamTrigger } from './stream-trigger';
import type { WorkQueue } from './work-queue';

export interface EventRelayProps {
  readonly table: PaymentTable;
  readonly archive: ArchiveBucket;
  readonly processingQueue: WorkQueue;
  readonly deadLetters: DeadLetterQueue;
  /** Concurrent runs per shard of the stream. */
  readonly parallelization: number;
}

/** Archives the raw body of each new event and hands the event to the processing queue. */
export class EventRelay extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, props: EventRelayProps) {
    const { table, archive, processingQueue, deadLetters, parallelization } = props;
    super(scope, 'event-relay', defaults, {
      description: 'Archives new webhooks and enqueues them',
      timeoutSeconds: 60,
      memoryMb: 512,
      // The bodies of a batch are archived side by side, then comes one send, or a dead letter.
      budget: { totalMs: 48_000, sequentialCalls: 3 },
      environment: {
        ARCHIVE_BUCKET_NAME: archive.name,
        PROCESSING_QUEUE_URL: processingQueue.url,
        STREAM_DEAD_LETTER_QUEUE_URL: deadLetters.url,
      },
      statements: [
        { Sid: 'ArchiveBodies', Effect: 'Allow', Action: 's3:PutObject', Resource: archive.objectsArn },
        { Sid: 'EnqueueEvents', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: processingQueue.arn },
      ],
      keyUses: ['write-objects', 'send-messages'],
    });
    new StreamTrigger(this, 'trigger', {
      streamArn: table.streamArn,
      target: this,
      deadLetters,
      // As many as one SendMessageBatch takes.
      batchSize: 10,
      batchingWindowSeconds: 0,
      parallelization,
      filter: { eventName: ['INSERT'], dynamodb: { Keys: { eventKey: { S: [{ prefix: 'event#' }] } } } },
    });
  }
}
