import { dynamodbClient, s3Client, secretsManagerClient } from '../shared/aws/clients';
import { dynamodbEventIndex } from '../shared/aws/dynamodb-event-index';
import { dynamodbEventStore } from '../shared/aws/dynamodb-event-store';
import { s3WebhookArchive } from '../shared/aws/s3-webhook-archive';
import { secretsManagerReader } from '../shared/aws/secrets-manager-reader';
import { createProviders } from '../shared/providers';
import { listOf, readEnvironment, wholeNumber } from '../shared/runtime/environment';
import { bodyOf, headersOf, httpEdge, traceHeaderOf } from '../shared/runtime/http';
import type { HttpEvent } from '../shared/runtime/http';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { answerOf, answerToFault } from './answer';
import { certificateCache } from './certificate-cache';
import { enabledProviders } from './enabled-providers';
import { variables } from './env';
import { httpsCertificateFetcher, httpsIssuerFetcher } from './https-certificate-fetcher';
import { paypalLocalTrust } from './paypal-local-trust';
import { receiveWebhook } from './receive-webhook';
import { report, reportFault } from './report';
import { verifierCache } from './verifier-cache';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const dynamodb = dynamodbClient(settings);
const trust = paypalLocalTrust(process.env);
const providers = enabledProviders(createProviders(trust && { paypalLocalTrust: trust }), listOf(env, 'ENABLED_PROVIDERS'));
const fetching = trust && { originOverride: trust.certificateOrigin };
const reports = { log: createLog(), meter: createMeter() };
const dependencies = {
  providers,
  verifiers: verifierCache(secretsManagerReader(secretsManagerClient(settings), env.SECRET_NAME_PREFIX), Date.now),
  certificates: certificateCache(httpsCertificateFetcher(fetching), Date.now),
  issuers: certificateCache(httpsIssuerFetcher(fetching), Date.now),
  store: dynamodbEventStore(dynamodb, env.PAYMENT_TABLE_NAME),
  index: dynamodbEventIndex(dynamodb, env.PAYMENT_TABLE_NAME),
  archive: s3WebhookArchive(s3Client(settings), env.ARCHIVE_BUCKET_NAME),
  clock: Date.now,
  maxBodyBytes: wholeNumber(env, 'MAX_BODY_BYTES'),
  retentionDays: wholeNumber(env, 'EVENT_RETENTION_DAYS'),
};

/** `POST /webhook` and `POST /webhook/{provider}`. */
export const handler = httpEdge(
  async (event, correlationId) => {
    const traceHeader = traceHeaderOf(process.env);
    const delivery = { providerName: providerNameOf(event), request: { headers: headersOf(event), body: bodyOf(event) }, correlationId };
    const receipt = await receiveWebhook(dependencies, traceHeader === undefined ? delivery : { ...delivery, traceHeader });
    report(reports, receipt, correlationId);
    return answerOf(receipt);
  },
  (error, correlationId, event) => {
    reportFault(reports, error, providers.get(providerNameOf(event))?.name ?? 'unknown', correlationId);
    return answerToFault(error);
  },
);

function providerNameOf(event: HttpEvent): string {
  return event.pathParameters?.['provider'] ?? 'generic';
}
