import { dynamodbAlertLedger } from '../../functions/shared/aws/dynamodb-alert-ledger';
import { dynamodbEventIndex } from '../../functions/shared/aws/dynamodb-event-index';
import { dynamodbEventStore } from '../../functions/shared/aws/dynamodb-event-store';
import { eventbridgeEventBus } from '../../functions/shared/aws/eventbridge-event-bus';
import { s3AuditLog } from '../../functions/shared/aws/s3-audit-log';
import { s3WebhookArchive } from '../../functions/shared/aws/s3-webhook-archive';
import { secretsManagerReader } from '../../functions/shared/aws/secrets-manager-reader';
import { snsAlertTopic } from '../../functions/shared/aws/sns-alert-topic';
import { sqsDeadLetters } from '../../functions/shared/aws/sqs-dead-letters';
import { sqsProcessingQueue } from '../../functions/shared/aws/sqs-processing-queue';
import { sqsRetrySchedule } from '../../functions/shared/aws/sqs-retry-schedule';
import { ssmPipelineSettings } from '../../functions/shared/aws/ssm-pipeline-settings';
import type {
  AlertLedger,
  AlertTopic,
  AuditLog,
  CertificateFetcher,
  DeadLetters,
  EventBus,
  EventIndex,
  EventStore,
  PipelineSettings,
  ProcessingQueue,
  RetrySchedule,
  SecretReader,
  WebhookArchive,
} from '../../functions/shared/domain/ports';
import { paypalChain } from '../support/signers';
import type { Clients } from './model/clients';

/** Everything that a function reaches, each port made by its real adapter over the model. */
export interface Ports {
  readonly store: EventStore;
  readonly index: EventIndex;
  readonly archive: WebhookArchive;
  readonly queue: ProcessingQueue;
  /** For the messages of the queue that the function reads. */
  readonly retries: RetrySchedule;
  readonly deadLetters: DeadLetters;
  readonly bus: EventBus;
  readonly settings: PipelineSettings;
  readonly ledger: AlertLedger;
  readonly topic: AlertTopic;
  readonly audit: AuditLog;
  readonly secrets: SecretReader;
  readonly certificates: CertificateFetcher;
}

/** What the adapters need to know of the resources; the others have one name in the model and in the test of it. */
interface Names {
  readonly queueUrl: string;
  /** The queue that the function reads, and when its failed messages are seen again; undefined for a function that reads none. */
  readonly retries: { readonly queueUrl: string; readonly delaysSeconds: readonly number[] } | undefined;
  readonly deadLetterUrl: string;
  readonly bus: string;
  readonly topicArn: string;
}

interface Surroundings {
  readonly clock: () => number;
  readonly ask: (operation: string, answer: () => unknown) => Promise<unknown>;
  readonly pause: (ms: number) => Promise<void>;
}

/** The real adapters over these clients. */
export function adaptersOver(
  { dynamodb, events, s3, secrets, sns, sqs, ssm }: Clients,
  names: Names,
  { clock, ask, pause }: Surroundings,
): Ports {
  return {
    store: dynamodbEventStore(dynamodb, 'payments'),
    index: dynamodbEventIndex(dynamodb, 'payments'),
    archive: s3WebhookArchive(s3, 'archive'),
    queue: sqsProcessingQueue(sqs, names.queueUrl),
    retries: sqsRetrySchedule(sqs, names.retries?.queueUrl ?? '', names.retries?.delaysSeconds ?? []),
    deadLetters: sqsDeadLetters(sqs, names.deadLetterUrl),
    bus: eventbridgeEventBus(events, names.bus, undefined, pause),
    settings: ssmPipelineSettings(ssm, 'config', clock),
    ledger: dynamodbAlertLedger(dynamodb, 'payments'),
    topic: snsAlertTopic(sns, names.topicArn),
    audit: s3AuditLog(s3, 'audit'),
    secrets: secretsManagerReader(secrets, 'payment-webhooks/dev'),
    certificates: { fetchPem: async () => String(await ask('FetchCertificate', () => paypalChain().pem)) },
  };
}
