import { dynamodbClient, eventbridgeClient, sqsClient, ssmClient } from '../shared/aws/clients';
import { dynamodbEventStore } from '../shared/aws/dynamodb-event-store';
import { eventbridgeEventBus } from '../shared/aws/eventbridge-event-bus';
import { parseProcessingMessage } from '../shared/aws/processing-message';
import { sqsRetrySchedule } from '../shared/aws/sqs-retry-schedule';
import { ssmPipelineSettings } from '../shared/aws/ssm-pipeline-settings';
import { queueBatch } from '../shared/runtime/batch';
import { readEnvironment, wholeNumber, wholeNumbers } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { variables } from './env';
import { processEvents } from './process-events';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const log = createLog();
const dependencies = {
  settings: ssmPipelineSettings(ssmClient(settings), env.CONFIG_PARAMETER_NAME, Date.now),
  bus: eventbridgeEventBus(eventbridgeClient(settings), env.EVENT_BUS_NAME),
  store: dynamodbEventStore(dynamodbClient(settings), env.PAYMENT_TABLE_NAME),
  clock: Date.now,
  log,
  meter: createMeter(),
};

const retries = sqsRetrySchedule(sqsClient(settings), env.PROCESSING_QUEUE_URL, wholeNumbers(env, 'RETRY_DELAYS_SECONDS'));

/** Messages of the processing queue. */
export const handler = queueBatch({
  log,
  parse: parseProcessingMessage,
  work: (messages) => processEvents(dependencies, messages),
  postpone: (failed) => retries.postpone(failed),
});
