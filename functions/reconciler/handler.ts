import { setTimeout as pause } from 'node:timers/promises';
import { dynamodbClient, s3Client, secretsManagerClient, sqsClient } from '../shared/aws/clients';
import { dynamodbEventIndex } from '../shared/aws/dynamodb-event-index';
import { dynamodbEventStore } from '../shared/aws/dynamodb-event-store';
import { dynamodbPendingEvents } from '../shared/aws/dynamodb-pending-events';
import { dynamodbReconcileLedger } from '../shared/aws/dynamodb-reconcile-ledger';
import { s3WebhookArchive } from '../shared/aws/s3-webhook-archive';
import { secretsManagerReader } from '../shared/aws/secrets-manager-reader';
import { sqsProcessingQueue } from '../shared/aws/sqs-processing-queue';
import { createProviders } from '../shared/providers';
import { eventsApis } from '../shared/providers/events-apis';
import { listOf, readEnvironment, wholeNumber } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { variables } from './env';
import { httpsProviderApi } from './https-provider-api';
import { localApiOrigin } from './local-api-origin';
import { answerOf, reportsOf } from './report';
import { runByHand, runScheduled } from './run-reconciler';
import { byHandFrom, reconciledTypesFrom } from './schema';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const dynamodb = dynamodbClient(settings);
const originOverride = localApiOrigin(process.env);
const enabled = listOf(env, 'ENABLED_PROVIDERS');
const dependencies = {
  log: createLog(),
  meter: createMeter(),
  secrets: secretsManagerReader(secretsManagerClient(settings), env.SECRET_NAME_PREFIX),
  store: dynamodbEventStore(dynamodb, env.PAYMENT_TABLE_NAME),
  index: dynamodbEventIndex(dynamodb, env.PAYMENT_TABLE_NAME),
  pending: dynamodbPendingEvents(dynamodb, env.PAYMENT_TABLE_NAME),
  ledger: dynamodbReconcileLedger(dynamodb, env.PAYMENT_TABLE_NAME),
  archive: s3WebhookArchive(s3Client(settings), env.ARCHIVE_BUCKET_NAME),
  queue: sqsProcessingQueue(sqsClient(settings), env.PROCESSING_QUEUE_URL),
  api: httpsProviderApi(originOverride === undefined ? {} : { originOverride }),
  providers: new Map([...createProviders()].filter(([name]) => enabled.includes(name))),
  apis: eventsApis,
  types: reconciledTypesFrom(env.RECONCILED_TYPES),
  retentionDays: wholeNumber(env, 'EVENT_RETENTION_DAYS'),
  clock: Date.now,
  pause: (milliseconds: number) => pause(milliseconds),
};

/** Kept free at the end of a run: for the page at hand, whose request may just have begun, and for giving back the lease. */
const reserveMs = 90_000;

/** What a run has to know of its own invocation. */
interface Invocation {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The schedule, or a window that somebody asks for by hand. */
export async function handler(event: unknown, invocation: Invocation): Promise<Readonly<Record<string, unknown>>> {
  const byHand = byHandFrom(event);
  const correlationId = invocation.awsRequestId;
  const endsAtMs = Date.now() + invocation.getRemainingTimeInMillis();
  const run = { ...dependencies, correlationId, deadlineMs: endsAtMs - reserveMs, leaseUntilMs: endsAtMs + 1000 };
  const reports = reportsOf(run);
  if (byHand === undefined) {
    await runScheduled(run, reports);
    return {};
  }
  const outcome = await runByHand(run, byHand);
  reports.reconciled(byHand.provider, outcome, byHand.dryRun);
  return answerOf(outcome);
}
