import type { Construct } from 'constructs';
import type { Env } from '../../functions/reconciler/env';
import { namesOf } from '../naming';
import { reconcilableProviders, type Environment } from '../settings';
import type { ArchiveBucket } from './archive-bucket';
import type { DeadLetterQueue } from './dead-letter-queue';
import type { PaymentTable } from './payment-table';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import type { ProviderSecrets } from './provider-secrets';
import { ScheduleTrigger } from './schedule-trigger';
import type { WorkQueue } from './work-queue';

export interface ReconcilerProps {
  readonly environment: Environment;
  readonly table: PaymentTable;
  readonly archive: ArchiveBucket;
  readonly processingQueue: WorkQueue;
  readonly secrets: ProviderSecrets;
  readonly deadLetters: DeadLetterQueue;
}

/** Finds, on a schedule, the events that never came and those that were never published. */
export class Reconciler extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, props: ReconcilerProps) {
    const { environment, table, archive, processingQueue, secrets, deadLetters } = props;
    const { suffix, accountId } = defaults.place;
    const names = namesOf(suffix, accountId);
    const { enabledProviders, reconciliation } = environment;
    const secretArns = secrets.arnsFor(reconcilableProviders.filter((name) => enabledProviders.includes(name)));
    super(scope, 'reconciler', defaults, {
      description: 'Recovers events that never came, and enqueues again what is stuck',
      timeoutSeconds: 300,
      memoryMb: 512,
      // A run ends itself 90 s before its time, which are for one last page: ten events side by side, with a read, a look at the index, an
      // archive and a write each, ten times over at worst.
      budget: { totalMs: 60_000, sequentialCalls: 20 },
      environment: {
        PAYMENT_TABLE_NAME: table.name,
        ARCHIVE_BUCKET_NAME: archive.name,
        PROCESSING_QUEUE_URL: processingQueue.url,
        SECRET_NAME_PREFIX: names.secretPrefix,
        ENABLED_PROVIDERS: enabledProviders.join(','),
        EVENT_RETENTION_DAYS: String(environment.eventRetentionDays),
        RECONCILED_TYPES: JSON.stringify(reconciliation.eventTypes),
      },
      statements: [
        {
          Sid: 'StoreEventsAndCheckpoints',
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          Resource: table.arn,
        },
        { Sid: 'LookUpEvents', Effect: 'Allow', Action: 'dynamodb:Query', Resource: table.indexArns },
        { Sid: 'ArchiveBodies', Effect: 'Allow', Action: 's3:PutObject', Resource: archive.objectsArn },
        { Sid: 'EnqueueEvents', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: processingQueue.arn },
        ...(secretArns.length === 0
          ? []
          : [{ Sid: 'ReadSecrets', Effect: 'Allow' as const, Action: 'secretsmanager:GetSecretValue', Resource: secretArns }]),
      ],
      keyUses: ['write-table', 'write-objects', 'send-messages', ...(secretArns.length === 0 ? [] : ['read-secrets' as const])],
    });
    new ScheduleTrigger(this, 'schedule', {
      ruleName: names.ofRule('reconcile'),
      description: 'Looks for events that never came or were never published',
      everyMinutes: reconciliation.everyMinutes,
      target: this,
      deadLetters,
    });
  }
}
