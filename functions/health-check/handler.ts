import { dynamodbClient, secretsManagerClient, sqsClient } from '../shared/aws/clients';
import { queueProbe, secretProbe, tableProbe } from '../shared/aws/health-probes';
import { listOf, readEnvironment, wholeNumber } from '../shared/runtime/environment';
import { httpEdge } from '../shared/runtime/http';
import { createLog } from '../shared/runtime/log';
import { healthCheck } from './check-health';
import { variables } from './env';

/** Well below the function's own 5 seconds. */
const timeoutMs = 3000;

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const log = createLog();
const secrets = secretsManagerClient(settings);
const check = healthCheck({
  probes: [
    tableProbe(dynamodbClient(settings), env.PAYMENT_TABLE_NAME),
    queueProbe(sqsClient(settings), env.PROCESSING_QUEUE_URL),
    ...listOf(env, 'ENABLED_PROVIDERS').map((provider) => secretProbe(secrets, env.SECRET_NAME_PREFIX, provider)),
  ],
  clock: Date.now,
  timeoutMs,
  log,
});

/** `GET /health` and the Function URL. */
export const handler = httpEdge(
  async () => {
    const { status } = await check();
    return { statusCode: status === 'ok' ? 200 : 503, body: { status } };
  },
  (error, requestId) => {
    log.error('health check failed', { error, requestId });
    return { statusCode: 503, body: { status: 'unavailable' } };
  },
);
