import type { Construct } from 'constructs';
import type { Env } from '../../functions/webhook-receiver/env';
import type { Environment } from '../settings';
import { namesOf } from '../naming';
import type { ArchiveBucket } from './archive-bucket';
import type { PaymentTable } from './payment-table';
import { PipelineFunction, type FunctionDefaults } from './pipeline-function';
import type { ProviderSecrets } from './provider-secrets';

export interface WebhookReceiverProps {
  readonly environment: Environment;
  readonly table: PaymentTable;
  readonly archive: ArchiveBucket;
  readonly secrets: ProviderSecrets;
}

/** Verifies a webhook, stores it with one conditional write, and answers. */
export class WebhookReceiver extends PipelineFunction<Env> {
  constructor(scope: Construct, defaults: FunctionDefaults, { environment, table, archive, secrets }: WebhookReceiverProps) {
    const { suffix, accountId } = defaults.place;
    super(scope, 'webhook-receiver', defaults, {
      description: 'Verifies and stores payment webhooks',
      timeoutSeconds: 30,
      memoryMb: 512,
      // Square gives up after 10 s. One after the other: secret, archive of a large body, put, and a read of the duplicate. A late webhook
      // makes one or two reads more, and a large one too; where all of them are slow, the sender tries again.
      budget: { totalMs: 8000, sequentialCalls: 4 },
      reservedConcurrency: environment.reservedConcurrency.webhookReceiver,
      environment: {
        PAYMENT_TABLE_NAME: table.name,
        ARCHIVE_BUCKET_NAME: archive.name,
        SECRET_NAME_PREFIX: namesOf(suffix, accountId).secretPrefix,
        ENABLED_PROVIDERS: environment.enabledProviders.join(','),
        MAX_BODY_BYTES: String(environment.maxBodyBytes),
        EVENT_RETENTION_DAYS: String(environment.eventRetentionDays),
      },
      statements: [
        { Sid: 'StoreEvents', Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:GetItem'], Resource: table.arn },
        // A webhook that comes late may have been recovered under another payment.
        { Sid: 'LookUpLateEvents', Effect: 'Allow', Action: 'dynamodb:Query', Resource: table.timeIndexArn },
        { Sid: 'ArchiveLargeBodies', Effect: 'Allow', Action: 's3:PutObject', Resource: archive.objectsArn },
        {
          Sid: 'ReadSecrets',
          Effect: 'Allow',
          Action: 'secretsmanager:GetSecretValue',
          Resource: secrets.arnsFor(environment.enabledProviders),
        },
      ],
      keyUses: ['write-table', 'write-objects', 'read-secrets'],
    });
  }
}
