import type { Construct } from 'constructs';
import type { Env } from '../../functions/audit-logger/env';
import type { AuditBucket } from './audit-bucket';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PaymentTable } from './payment-table';
import type { PeopleTopic } from './people-topic';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import { StreamTrigger } from './stream-trigger';

export interface AuditLoggerProps {
  readonly table: PaymentTable;
  readonly bucket: AuditBucket;
  readonly topic: PeopleTopic;
  readonly deadLetters: DeadLetterQueue;
}

/** Writes every change of the table to the audit bucket and raises an alert about tampering. */
export class AuditLogger extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, { table, bucket, topic, deadLetters }: AuditLoggerProps) {
    super(scope, 'audit-logger', defaults, {
      description: 'Writes the audit trail of the payments table',
      timeoutSeconds: 60,
      memoryMb: 256,
      // One object, and alerts side by side.
      budget: { totalMs: 48_000, sequentialCalls: 2 },
      environment: { AUDIT_BUCKET_NAME: bucket.name, ALERT_TOPIC_ARN: topic.arn },
      statements: [
        { Sid: 'WriteAudit', Effect: 'Allow', Action: 's3:PutObject', Resource: bucket.objectsArn },
        { Sid: 'AlertTampering', Effect: 'Allow', Action: 'sns:Publish', Resource: topic.arn },
      ],
      keyUses: ['write-objects', 'publish-alerts'],
    });
    // One object per batch: a small wait makes fewer and larger objects.
    new StreamTrigger(this, 'trigger', {
      streamArn: table.streamArn,
      target: this,
      deadLetters,
      batchSize: 100,
      batchingWindowSeconds: 5,
      parallelization: 1,
    });
  }
}
