import { parseBusEvent } from '../shared/aws/bus-event';
import { dynamodbClient, snsClient, sqsClient } from '../shared/aws/clients';
import { dynamodbAlertLedger } from '../shared/aws/dynamodb-alert-ledger';
import { dynamodbEventStore } from '../shared/aws/dynamodb-event-store';
import { snsAlertTopic } from '../shared/aws/sns-alert-topic';
import { sqsRetrySchedule } from '../shared/aws/sqs-retry-schedule';
import { eachMessage, queueBatch } from '../shared/runtime/batch';
import { readEnvironment, wholeNumber, wholeNumbers } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { variables } from './env';
import { sendAlert } from './send-alert';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const dynamodb = dynamodbClient(settings);
const log = createLog();
const dependencies = {
  store: dynamodbEventStore(dynamodb, env.PAYMENT_TABLE_NAME),
  ledger: dynamodbAlertLedger(dynamodb, env.PAYMENT_TABLE_NAME),
  topic: snsAlertTopic(snsClient(settings), env.ALERT_TOPIC_ARN),
  clock: Date.now,
  retentionDays: wholeNumber(env, 'EVENT_RETENTION_DAYS'),
  log,
  meter: createMeter(),
};

const retries = sqsRetrySchedule(sqsClient(settings), env.NOTIFICATION_QUEUE_URL, wholeNumbers(env, 'RETRY_DELAYS_SECONDS'));

/** Events that a rule of the bus put on the notification queue. */
export const handler = queueBatch({
  log,
  parse: parseBusEvent,
  work: (messages) => eachMessage(log, messages, (notice) => sendAlert(dependencies, notice)),
  postpone: (failed) => retries.postpone(failed),
});
