import { strict as assert } from 'node:assert';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DynamoDBRecord } from 'aws-lambda';
import { itemOf } from '../../functions/shared/aws/event-row';
import type { BatchResponse } from '../../functions/shared/runtime/batch';
import { aBusEvent, anEventRecord, aPaymentEvent, aProcessingMessage } from '../support/builders';
import { assertNothingLeaked, bodyCanaries, secrets } from './canaries';
import type { Pipeline } from './pipeline';
import type { Random } from './random';
import { streamRecordOf } from './receiver';
import { deepJson, hostileText, hostileValue, jsonObject, jsonText, mutated, wideJson } from './values';
import type { Json } from './values';

/** What leads nobody to a person, and must not be in any log. */
const [email, note] = bodyCanaries;

/** A record of a batch: one that is as it should be, or one that anybody could have put there. */
interface Sent {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
  readonly pristine: boolean;
}

/** Some records as they should be among some that are not; at least one of each. */
function batchOf(random: Random, pristine: (index: number) => string, poison: (index: number) => string): Sent[] {
  return random.times(2 + random.below(9), (index) => {
    const good = index === 0 || (index > 1 && random.chance(0.4));
    return {
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body: good ? pristine(index) : poison(index),
      attributes: { ApproximateReceiveCount: '1' },
      pristine: good,
    };
  });
}

/** Text that is no message, or one of ours with something wrong in it. */
function poisonText(random: Random, like: Json): string {
  const kind = random.below(20);
  if (kind === 0) return deepJson(random);
  if (kind === 1) return wideJson(random);
  if (kind < 5) return hostileText(random);
  if (kind < 7) return jsonText(hostileValue(random));
  let body = like;
  for (let count = 1 + random.below(3); count > 0; count -= 1) body = mutated(random, body);
  return jsonText(body);
}

function failedIn({ batchItemFailures: failures }: BatchResponse, ids: readonly string[]): Set<string> {
  const failed = failures.map(({ itemIdentifier }) => itemIdentifier);
  assert.deepEqual(
    failed.filter((id) => !ids.includes(id)),
    [],
    'a failure that was no record',
  );
  assert.equal(new Set(failed).size, failed.length, 'a record failed twice');
  return new Set(failed);
}

function anEvent(index: number) {
  return aPaymentEvent({
    eventId: `evt_${index}`,
    paymentId: `stripe:pi_${index}`,
    objectId: `pi_${index}`,
    kind: 'payment.failed',
    failure: { code: 'card_declined', message: `${email} ${note}` },
    customerRef: note,
  });
}

function putRow({ aws }: Pipeline, index: number): void {
  const event = anEvent(index);
  aws.rows.set(`${event.paymentId} event#${event.eventId}`, itemOf(anEventRecord({ event })));
}

/** The processing queue. */
export async function processingQueue(pipeline: Pipeline, random: Random): Promise<string> {
  const pristine = (index: number): string => {
    putRow(pipeline, index);
    return JSON.stringify(aProcessingMessage({ event: anEvent(index) }));
  };
  const like = jsonObject(
    JSON.stringify({ ...aProcessingMessage({ event: anEvent(99) }), traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' }),
  );
  const records = batchOf(random, pristine, () => poisonText(random, like));
  const response = await pipeline.handlers.processor({ Records: records });
  const ids = records.map(({ messageId }) => messageId);
  const failed = failedIn(response, ids);
  const published = pipeline.aws.entries.map(({ Detail: detail = '' }) => jsonObject(detail)['eventId']);
  for (const { messageId, pristine: good } of records) {
    if (!good) continue;
    assert.ok(!failed.has(messageId), 'a good message failed with its neighbour');
    assert.equal(published.filter((id) => id === messageId.replace('message-', 'evt_')).length, 1, 'a good message was not published once');
  }
  return afterBatch(pipeline, records, failed);
}

/** The notification queue, with EventBridge's envelope. */
export async function notificationQueue(pipeline: Pipeline, random: Random): Promise<string> {
  const detail = (index: number) => ({ ...anEvent(index), valueBand: 'none', eventKey: `event#evt_${index}`, correlationId: 'request-1' });
  const pristine = (index: number): string => {
    putRow(pipeline, index);
    return JSON.stringify(aBusEvent(detail(index)));
  };
  const like = jsonObject(JSON.stringify(aBusEvent(detail(99))));
  const records = batchOf(random, pristine, () => poisonText(random, like));
  const response = await pipeline.handlers.notifier({ Records: records });
  const ids = records.map(({ messageId }) => messageId);
  const failed = failedIn(response, ids);
  for (const { messageId, pristine: good } of records) {
    if (!good) continue;
    assert.ok(!failed.has(messageId), 'a good message failed with its neighbour');
    const alerted = pipeline.aws.alerts.filter(({ Message: text = '' }) =>
      text.includes(`${messageId.replace('message-', 'event#evt_')}\n`),
    );
    assert.equal(alerted.length, 1, 'a good message did not alert once');
  }
  return afterBatch(pipeline, records, failed);
}

function afterBatch(pipeline: Pipeline, records: readonly Sent[], failed: ReadonlySet<string>): string {
  assertNothingLeaked('the log', pipeline.drain(), secrets);
  const { calls } = pipeline.aws;
  assert.ok(calls.length <= 4 * records.length + 2, `${calls.length} calls for ${records.length} records`);
  return failed.size === 0 ? 'none failed' : 'some failed';
}

/** A record of the table's stream as it should be. */
function streamRecord(index: number): DynamoDBRecord {
  const body = Buffer.from(`{"id":"evt_${index}","receipt_email":"${email}"}`);
  return streamRecordOf(itemOf(anEventRecord({ event: anEvent(index) }, body)), String(1000 + index));
}

/** A record whose envelope is Lambda's and whose images, keys and names are anything: what was in the table is not ours to choose. */
function poisonRecord(random: Random, index: number): DynamoDBRecord {
  const like = jsonObject(JSON.stringify(streamRecord(index)));
  if (random.chance(0.1)) return asRecord(withDeepImage(like));
  if (random.chance(0.1)) return asRecord(withBomb(like));
  const { dynamodb = null, ...rest } = like;
  const { Keys: keys = null, NewImage: image = null, ...envelope } = jsonObject(JSON.stringify(dynamodb));
  const changed = (value: Json): Json => (random.chance(0.7) ? mutated(random, value) : value);
  const record = {
    ...rest,
    eventName: random.chance(0.8) ? random.pick(['INSERT', 'MODIFY', 'REMOVE']) : hostileText(random),
    userIdentity: random.chance(0.5) ? hostileValue(random) : { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    dynamodb: {
      ...envelope,
      Keys: changed(keys),
      NewImage: changed(mutated(random, image)),
      OldImage: random.chance(0.5) ? changed(image) : {},
    },
  };
  return asRecord(JSON.parse(jsonText(record)));
}

function withDeepImage(record: { readonly [name: string]: Json }): unknown {
  const depth = 20_000;
  const text = JSON.stringify({ ...record, dynamodb: '@dynamodb@' });
  const image = `{"SequenceNumber":"1","Keys":{},"NewImage":{"deep":${'{"M":{"a":'.repeat(depth)}{"S":"x"}${'}}'.repeat(depth)}}}`;
  return JSON.parse(text.replace('"@dynamodb@"', image));
}

/** Gzip that unpacks to more than any body may have. */
function withBomb(record: { readonly [name: string]: Json }): unknown {
  return JSON.parse(JSON.stringify(record).replace(/"body":\{"B":"[^"]*"\}/, `"body":{"B":"${bomb()}"}`));
}

let bombText: string | undefined;
function bomb(): string {
  bombText ??= gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64');
  return bombText;
}

/** Lambda's types say what a record is; nobody checks that before the handler. */
function asRecord(value: unknown): DynamoDBRecord {
  if (isTakenForRecord(value)) return value;
  throw new TypeError('unreachable');
}

function isTakenForRecord(value: unknown): value is DynamoDBRecord {
  return value !== undefined;
}

/** The table's stream, as the relay reads it. */
export async function relayStream(pipeline: Pipeline, random: Random): Promise<string> {
  const good = random.times(1 + random.below(4), (index) => streamRecord(index));
  const bad = random.times(1 + random.below(3), (index) => poisonRecord(random, 100 + index));
  const { batchItemFailures: failures } = await pipeline.handlers.relay({ Records: [...bad, ...good] });
  const { aws } = pipeline;
  const failed = failures.map(({ itemIdentifier }) => itemIdentifier);
  for (const { dynamodb } of good) {
    const eventKey = dynamodb?.Keys?.['eventKey']?.S ?? '';
    assert.ok(!failed.includes(dynamodb?.SequenceNumber ?? ''), 'a good record failed with its neighbour');
    const sent = aws.messages.filter((message) => jsonObject(message)['eventKey'] === eventKey);
    assert.equal(sent.length, 1, 'a good record was not relayed once');
  }
  assertNothingLeaked('the log', pipeline.drain(), secrets);
  assertNothingLeaked('a dead letter', aws.letters, secrets);
  if (aws.letters.length > 0) return 'set aside';
  return failed.length > 0 ? 'some failed' : 'none failed';
}

/** The table's stream, as the audit logger reads it. */
export async function auditStream(pipeline: Pipeline, random: Random): Promise<string> {
  const good = random.times(1 + random.below(4), (index) => streamRecord(index));
  const bad = random.times(random.below(3), (index) => poisonRecord(random, 100 + index));
  const { batchItemFailures: failures } = await pipeline.handlers.audit({ Records: [...good, ...bad] });
  assertNothingLeaked('the log', pipeline.drain(), secrets);
  assert.deepEqual(failures, [], 'a record kept the batch from being written');
  const lines = pipeline.aws.objects.flatMap(({ body }) => gunzipSync(body).toString('utf8').trimEnd().split('\n'));
  assert.equal(lines.length, good.length + bad.length);
  for (const line of lines.slice(0, good.length)) assert.ok(!line.includes('receipt_email'), 'a raw body is in the audit');
  return 'written';
}
