import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { DynamoDBRecord } from 'aws-lambda';
import { writeAudit } from '../../functions/audit-logger/write-audit';
import { processEvents } from '../../functions/event-processor/process-events';
import { relayEvents } from '../../functions/event-relay/relay-events';
import { sendAlert } from '../../functions/notification-handler/send-alert';
import { parseBusEvent } from '../../functions/shared/aws/bus-event';
import { dynamodbAlertLedger } from '../../functions/shared/aws/dynamodb-alert-ledger';
import { dynamodbEventStore } from '../../functions/shared/aws/dynamodb-event-store';
import { eventbridgeEventBus } from '../../functions/shared/aws/eventbridge-event-bus';
import { parseProcessingMessage } from '../../functions/shared/aws/processing-message';
import { s3AuditLog } from '../../functions/shared/aws/s3-audit-log';
import { s3WebhookArchive } from '../../functions/shared/aws/s3-webhook-archive';
import { secretsManagerReader } from '../../functions/shared/aws/secrets-manager-reader';
import { snsAlertTopic } from '../../functions/shared/aws/sns-alert-topic';
import { sqsDeadLetters } from '../../functions/shared/aws/sqs-dead-letters';
import { sqsProcessingQueue } from '../../functions/shared/aws/sqs-processing-queue';
import { ssmPipelineSettings } from '../../functions/shared/aws/ssm-pipeline-settings';
import type {
  AlertLedger,
  AlertTopic,
  AuditLog,
  CertificateFetcher,
  DeadLetters,
  EventBus,
  EventStore,
  PipelineSettings,
  ProcessingQueue,
  SecretReader,
  WebhookArchive,
} from '../../functions/shared/domain/ports';
import type { Provider } from '../../functions/shared/providers/provider';
import { batchResponse, eachMessage, orAll, queueBatch } from '../../functions/shared/runtime/batch';
import { bodyOf, headersOf, httpEdge, type HttpEvent } from '../../functions/shared/runtime/http';
import type { Log } from '../../functions/shared/runtime/log';
import type { Meter } from '../../functions/shared/runtime/meter';
import { answerOf, answerToFault } from '../../functions/webhook-receiver/answer';
import { certificateCache } from '../../functions/webhook-receiver/certificate-cache';
import { receiveWebhook } from '../../functions/webhook-receiver/receive-webhook';
import { verifierCache } from '../../functions/webhook-receiver/verifier-cache';
import { paypalChain } from '../support/signers';
import { providers } from '../support/schemes';
import { auditChangeOf, relayChangeOf } from './handlers';
import type { FunctionName } from './plan';
import type { FunctionModel, ProcessContext } from './platform';
import type { Topology } from './topology';

/** Everything that a function reaches, each port made by its real adapter over the model. */
export interface Ports {
  readonly store: EventStore;
  readonly archive: WebhookArchive;
  readonly queue: ProcessingQueue;
  readonly deadLetters: DeadLetters;
  readonly bus: EventBus;
  readonly settings: PipelineSettings;
  readonly ledger: AlertLedger;
  readonly topic: AlertTopic;
  readonly audit: AuditLog;
  readonly secrets: SecretReader;
  readonly certificates: CertificateFetcher;
}

/** The order of things in each function, and the ports: the real ones, or what a mutant puts in their place. */
export interface Code {
  readonly receive: typeof receiveWebhook;
  readonly relay: typeof relayEvents;
  readonly process: typeof processEvents;
  readonly alert: typeof sendAlert;
  readonly audit: typeof writeAudit;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly answer: typeof batchResponse;
  readonly queueBatch: typeof queueBatch;
  readonly ports: (real: Ports, context: ProcessContext) => Ports;
}

/** What ships. */
export const shipped: Code = {
  receive: receiveWebhook,
  relay: relayEvents,
  process: processEvents,
  alert: sendAlert,
  audit: writeAudit,
  providers,
  answer: batchResponse,
  queueBatch,
  ports: (real) => real,
};

const client = { region: 'ap-southeast-1', credentials: { accessKeyId: 'model', secretAccessKey: 'model' } };
const clients = {
  dynamodb: new DynamoDBClient(client),
  events: new EventBridgeClient(client),
  s3: new S3Client(client),
  secrets: new SecretsManagerClient(client),
  sns: new SNSClient(client),
  sqs: new SQSClient(client),
  ssm: new SSMClient(client),
};

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const meter: Meter = { count: () => undefined, milliseconds: () => undefined };

/** The five functions as their handlers wire them. */
export function functionModels(topology: Topology, code: Code): Readonly<Record<FunctionName, FunctionModel>> {
  const model = (
    name: FunctionName,
    start: (ports: Ports, context: ProcessContext) => (event: never) => Promise<unknown>,
  ): FunctionModel => {
    const { timeoutSeconds, environment } = topology.functionOf(name);
    return {
      timeoutMs: timeoutSeconds * 1000,
      maxAttempts: Number(environment['MAX_ATTEMPTS']),
      requestTimeoutMs: Number(environment['REQUEST_TIMEOUT_MS']),
      start: (context) => asHandler(start(code.ports(portsOf(topology, context), context), context)),
    };
  };
  return {
    'webhook-receiver': model('webhook-receiver', (ports, context) => receiver(topology, code, ports, context)),
    'event-relay': model('event-relay', (ports) => async ({ Records: records }: { Records: DynamoDBRecord[] }) => {
      const changes = records.map(relayChangeOf);
      const all = changes.map(({ sequenceNumber }) => sequenceNumber);
      return code.answer(await orAll(log, all, () => code.relay({ ...ports, log }, changes)));
    }),
    'event-processor': model('event-processor', (ports, { clock }) =>
      code.queueBatch({ log, parse: parseProcessingMessage, work: (messages) => code.process({ ...ports, clock, log, meter }, messages) }),
    ),
    'notification-handler': model('notification-handler', (ports, { clock }) => {
      const retentionDays = Number(topology.functionOf('notification-handler').environment['EVENT_RETENTION_DAYS']);
      const deps = { ...ports, clock, retentionDays, log, meter };
      return code.queueBatch({
        log,
        parse: parseBusEvent,
        work: (messages) => eachMessage(log, messages, (notice) => code.alert(deps, notice)),
      });
    }),
    'audit-logger': model('audit-logger', (ports) => async ({ Records: records }: { Records: DynamoDBRecord[] }) => {
      const changes = records.map(auditChangeOf);
      const all = changes.map(({ sequenceNumber }) => sequenceNumber);
      return batchResponse(await orAll(log, all, () => code.audit({ ...ports, log, meter }, changes).then(() => [])));
    }),
  };
}

/** Lambda hands over what its source made; nobody checks that it is what the function expects. */
function asHandler(handle: (event: never) => Promise<unknown>): (event: unknown) => Promise<unknown> {
  return (event) => Promise.resolve(Reflect.apply(handle, undefined, [event]));
}

function receiver(topology: Topology, code: Code, ports: Ports, { clock }: ProcessContext) {
  const { environment } = topology.functionOf('webhook-receiver');
  const deps = {
    providers: code.providers,
    verifiers: verifierCache(ports.secrets, clock),
    certificates: certificateCache(ports.certificates, clock),
    store: ports.store,
    archive: ports.archive,
    clock,
    maxBodyBytes: Number(environment['MAX_BODY_BYTES']),
    retentionDays: Number(environment['EVENT_RETENTION_DAYS']),
  };
  return httpEdge(
    async (event: HttpEvent, correlationId) => {
      const providerName = event.pathParameters?.['provider'] ?? 'generic';
      const request = { headers: headersOf(event), body: bodyOf(event) };
      return answerOf(await code.receive(deps, { providerName, request, correlationId }));
    },
    (error) => answerToFault(error),
  );
}

function portsOf(topology: Topology, { clock, send, ask, pause }: ProcessContext): Ports {
  const { environment: relay } = topology.functionOf('event-relay');
  const dynamodb = over(clients.dynamodb, send);
  const s3 = over(clients.s3, send);
  const sqs = over(clients.sqs, send);
  const ssm = over(clients.ssm, send);
  return {
    store: dynamodbEventStore(dynamodb, 'payments'),
    archive: s3WebhookArchive(s3, 'archive'),
    queue: sqsProcessingQueue(sqs, relay['PROCESSING_QUEUE_URL'] ?? ''),
    deadLetters: sqsDeadLetters(sqs, relay['STREAM_DEAD_LETTER_QUEUE_URL'] ?? ''),
    bus: eventbridgeEventBus(over(clients.events, send), 'payments', undefined, pause),
    settings: ssmPipelineSettings(ssm, 'config', clock),
    ledger: dynamodbAlertLedger(dynamodb, 'payments'),
    topic: snsAlertTopic(over(clients.sns, send), 'alerts'),
    audit: s3AuditLog(s3, 'audit'),
    secrets: secretsManagerReader(over(clients.secrets, send), 'payment-webhooks/dev'),
    certificates: { fetchPem: async () => String(await ask('FetchCertificate', () => paypalChain().pem)) },
  };
}

/** The real client with the model behind `send`. */
function over<Client extends object>(real: Client, send: (command: object) => Promise<unknown>): Client {
  return new Proxy(real, {
    get: (target, name): unknown => (name === 'send' ? send : Reflect.get(target, name)),
  });
}
