import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { plainOf } from '../shared/aws/attributes';
import { s3Client, snsClient } from '../shared/aws/clients';
import { s3AuditLog } from '../shared/aws/s3-audit-log';
import { snsAlertTopic } from '../shared/aws/sns-alert-topic';
import { batchResponse, orAll } from '../shared/runtime/batch';
import type { BatchResponse } from '../shared/runtime/batch';
import { readEnvironment, wholeNumber } from '../shared/runtime/environment';
import { createLog } from '../shared/runtime/log';
import { createMeter } from '../shared/runtime/meter';
import { variables } from './env';
import { writeAudit } from './write-audit';
import type { Change } from './change';

const env = readEnvironment(variables, process.env);
const settings = { maxAttempts: wholeNumber(env, 'MAX_ATTEMPTS'), requestTimeoutMs: wholeNumber(env, 'REQUEST_TIMEOUT_MS') };
const log = createLog();
const dependencies = {
  audit: s3AuditLog(s3Client(settings), env.AUDIT_BUCKET_NAME),
  topic: snsAlertTopic(snsClient(settings), env.ALERT_TOPIC_ARN),
  log,
  meter: createMeter(),
};

/** Every change of the payments table. */
export async function handler({ Records: records }: DynamoDBStreamEvent): Promise<BatchResponse> {
  const changes = records.map(changeOf);
  // The batch is one object, so that it fails as one: from its first record on.
  const all = changes.map(({ sequenceNumber }) => sequenceNumber);
  return batchResponse(await orAll(log, all, () => writeAudit(dependencies, changes).then(() => [])));
}

/** A record of the stream in the use case's words. */
export function changeOf({ eventName = 'MODIFY', dynamodb = {}, userIdentity }: DynamoDBRecord): Change {
  const principal = principalOf(userIdentity);
  return {
    eventName,
    sequenceNumber: dynamodb.SequenceNumber ?? '',
    at: (dynamodb.ApproximateCreationDateTime ?? 0) * 1000,
    keys: plainOf(dynamodb.Keys ?? {}),
    oldImage: plainOf(dynamodb.OldImage ?? {}),
    newImage: plainOf(dynamodb.NewImage ?? {}),
    ...(principal === undefined ? {} : { principal }),
  };
}

function principalOf(identity: unknown): string | undefined {
  if (typeof identity !== 'object' || identity === null || !('principalId' in identity)) return undefined;
  return typeof identity.principalId === 'string' ? identity.principalId : undefined;
}
