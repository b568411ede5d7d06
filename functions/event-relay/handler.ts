import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { s3Client, sqsClient } from '../shared/aws/clients';
import { plainOf } from '../shared/aws/attributes';
import { storedEventOf } from '../shared/aws/event-row';
import { s3WebhookArchive } from '../shared/aws/s3-webhook-archive';
import { sqsDeadLetters } from '../shared/aws/sqs-dead-letters';
import { sqsProcessingQueue } from '../shared/aws/sqs-processing-queue';
import { batchResponse, orAll } from '../shared/runtime/batch';
import type { BatchResponse } from '../shared/runtime/batch';
import { readEnvironment, wholeNumber } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { variables } from './env';
import { relayEvents } from './relay-events';
import type { Change } from './relay-events';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const sqs = sqsClient(settings);
const log = createLog();
const dependencies = {
  archive: s3WebhookArchive(s3Client(settings), env.ARCHIVE_BUCKET_NAME),
  queue: sqsProcessingQueue(sqs, env.PROCESSING_QUEUE_URL),
  deadLetters: sqsDeadLetters(sqs, env.STREAM_DEAD_LETTER_QUEUE_URL),
  log,
};

/** New rows of the payments table, in the order of their stream. */
export async function handler({ Records: records }: DynamoDBStreamEvent): Promise<BatchResponse> {
  const changes = records.map(changeOf);
  const all = changes.map(({ sequenceNumber }) => sequenceNumber);
  return batchResponse(await orAll(log, all, () => relayEvents(dependencies, changes)));
}

/** A record of the stream in the use case's words. */
export function changeOf({ eventName, dynamodb = {} }: DynamoDBRecord): Change {
  const keys = Object.entries(plainOf(dynamodb.Keys ?? {})).map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const);
  return {
    sequenceNumber: dynamodb.SequenceNumber ?? '',
    inserted: eventName === 'INSERT',
    keys: Object.fromEntries(keys),
    row: () => storedEventOf(plainOf(dynamodb.NewImage ?? {})),
  };
}
