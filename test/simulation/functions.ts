import type { DynamoDBRecord } from 'aws-lambda';
import { writeAudit } from '../../functions/audit-logger/write-audit';
import { processEvents } from '../../functions/event-processor/process-events';
import { relayEvents } from '../../functions/event-relay/relay-events';
import { sendAlert } from '../../functions/notification-handler/send-alert';
import { parseBusEvent } from '../../functions/shared/aws/bus-event';
import { parseProcessingMessage } from '../../functions/shared/aws/processing-message';
import type { Provider } from '../../functions/shared/providers/provider';
import { batchResponse, eachMessage, orAll, queueBatch } from '../../functions/shared/runtime/batch';
import { bodyOf, headersOf, httpEdge, type HttpEvent } from '../../functions/shared/runtime/http';
import type { Log } from '../../functions/shared/runtime/log';
import type { Meter } from '../../functions/shared/runtime/meter';
import { answerOf, answerToFault } from '../../functions/webhook-receiver/answer';
import { certificateCache } from '../../functions/webhook-receiver/certificate-cache';
import { receiveWebhook } from '../../functions/webhook-receiver/receive-webhook';
import { verifierCache } from '../../functions/webhook-receiver/verifier-cache';
import { providers } from '../support/schemes';
import { adaptersOver, type Ports } from './adapters';
import { auditChangeOf, relayChangeOf } from './handlers';
import { modelClients } from './model/clients';
import type { FunctionName } from './plan';
import type { FunctionModel, ProcessContext } from './platform';
import type { Topology } from './topology';

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
      start: (context) =>
        asHandler(start(code.ports(adaptersOver(modelClients(context), namesOf(topology, name), context), context), context)),
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
      code.queueBatch({
        log,
        parse: parseProcessingMessage,
        work: (messages) => code.process({ ...ports, clock, log, meter }, messages),
        postpone: (failed) => ports.retries.postpone(failed),
      }),
    ),
    'notification-handler': model('notification-handler', (ports, { clock }) => {
      const retentionDays = Number(topology.functionOf('notification-handler').environment['EVENT_RETENTION_DAYS']);
      const deps = { ...ports, clock, retentionDays, log, meter };
      return code.queueBatch({
        log,
        parse: parseBusEvent,
        work: (messages) => eachMessage(log, messages, (notice) => code.alert(deps, notice)),
        postpone: (failed) => ports.retries.postpone(failed),
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
    issuers: certificateCache(ports.certificates, clock),
    store: ports.store,
    index: ports.index,
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

function namesOf(topology: Topology, name: FunctionName) {
  const { environment: relay } = topology.functionOf('event-relay');
  const [queueUrl, deadLetterUrl] = [relay['PROCESSING_QUEUE_URL'], relay['STREAM_DEAD_LETTER_QUEUE_URL']];
  if (queueUrl === undefined || deadLetterUrl === undefined) throw new Error('event-relay has no queues');
  return { queueUrl, deadLetterUrl, bus: 'payments', topicArn: 'alerts', retries: retriesOf(topology, name) };
}

function retriesOf(topology: Topology, name: FunctionName) {
  const { environment } = topology.functionOf(name);
  const { RETRY_DELAYS_SECONDS: delays, PROCESSING_QUEUE_URL: processing, NOTIFICATION_QUEUE_URL: notification } = environment;
  const queueUrl = name === 'notification-handler' ? notification : processing;
  if (delays === undefined || queueUrl === undefined) return undefined;
  return { queueUrl, delaysSeconds: delays.split(',').map(Number) };
}
