import { secretsManagerClient, sqsClient } from '../shared/aws/clients';
import { secretsManagerReader } from '../shared/aws/secrets-manager-reader';
import { sqsRetrySchedule } from '../shared/aws/sqs-retry-schedule';
import { isLoopback } from '../shared/domain/loopback';
import { eachMessage, queueBatch } from '../shared/runtime/batch';
import { readEnvironment, wholeNumber, wholeNumbers } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { endpointCache } from './endpoint-cache';
import { variables } from './env';
import { forwardAlert } from './forward-alert';
import { httpsChat } from './https-chat';
import { postMemory } from './post-memory';
import { notificationParser } from './schema';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const log = createLog();
const secrets = secretsManagerReader(secretsManagerClient(settings), env.SECRET_NAME_PREFIX);
const dependencies = {
  // No stack can set AWS_ENDPOINT_URL: a loopback address there is the mark of a local run.
  endpoints: endpointCache(secrets, Date.now, { local: isLoopback(process.env['AWS_ENDPOINT_URL']) }),
  chat: httpsChat(),
  memory: postMemory(),
  log,
  meter: createMeter(),
};

const retries = sqsRetrySchedule(sqsClient(settings), env.FORWARDING_QUEUE_URL, wholeNumbers(env, 'RETRY_DELAYS_SECONDS'));

/** Messages of the topics for people, which SNS put on the forwarding queue. */
export const handler = queueBatch({
  log,
  parse: notificationParser({ alerts: env.ALERT_TOPIC_ARN, operations: env.OPERATIONS_TOPIC_ARN }),
  work: (messages) => eachMessage(log, messages, (notification) => forwardAlert(dependencies, notification)),
  postpone: (failed) => retries.postpone(failed),
});
