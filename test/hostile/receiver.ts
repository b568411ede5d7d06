import { strict as assert } from 'node:assert';
import { gunzipSync } from 'node:zlib';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { HttpResponse } from '../../functions/shared/runtime/http';
import { aBusEvent, aQueueEvent } from '../support/builders';
import { hostileBody, maxBodyBytes } from './bodies';
import { assertNothingLeaked, bodyCanaries } from './canaries';
import type { Item } from './aws-in-process';
import type { Pipeline } from './pipeline';
import type { Random } from './random';
import { aScheme, forgedHeaders, httpEventOf, oddHeaders } from './signed-deliveries';
import { hostileText, jsonObject } from './values';

const refusals = new Set([400, 401, 404, 413]);
const maxOutputBytes = 8 * 1024;
const maxMessageBytes = 64 * 1024;

/** Nobody signed it: refused, never stored, never shown. */
export async function unsigned(pipeline: Pipeline, random: Random): Promise<string> {
  const path = random.chance(0.7) ? { provider: random.pick(['stripe', 'paypal', 'square', 'generic']) } : oddPath(random);
  const body = random.chance(0.05) ? Buffer.alloc(0) : unsignedBody(random);
  const headers = { ...oddHeaders(random), ...(random.chance(0.8) ? forgedHeaders(random) : {}) };
  const event = httpEventOf(random, headers, body, path);
  const claimed = random.chance(0.05) ? { ...event, body: hostileText(random) || 'x', isBase64Encoded: true } : event;
  const response = await pipeline.handlers.receiver(claimed, { awsRequestId: 'request-1' });
  assert.ok(refusals.has(response.statusCode), `answered ${response.statusCode}: ${response.body}`);
  assertRefused(pipeline, response);
  return String(response.statusCode);
}

function unsignedBody(random: Random): Buffer {
  const [email, note] = bodyCanaries;
  return random.chance(0.7) ? hostileBody(random, random.pick(['stripe', 'paypal', 'square', 'generic'])) : Buffer.from(`${email} ${note}`);
}

function oddPath(random: Random): Record<string, string | undefined> | null {
  return random.pick([
    null,
    {},
    { provider: random.pick(['', 'STRIPE', '__proto__', 'constructor', 'stripe/', 'stripe\u0000', hostileText(random)]) },
  ]);
}

/** Signed with another key, or changed after it was signed. */
export async function forged(pipeline: Pipeline, random: Random): Promise<string> {
  const scheme = aScheme(random);
  const body = hostileBody(random, scheme.provider);
  const fault = random.pick(['key', 'body', 'header missing', 'header changed', 'header twice', 'time', 'path'] as const);
  const late = fault === 'time' && scheme.timed ? random.pick([-1, 1]) * 5 * 24 * 3_600_000 : 0;
  const { headers } = scheme.sign(body, pipeline.now + late, fault !== 'key' && (fault !== 'time' || scheme.timed), random);
  const name = random.pick(scheme.signatureHeaders);
  const [value = ''] = headers[name] ?? [];
  const at = random.below(value.length);
  const changes: Readonly<Record<string, (string | null)[]>> = {
    'header missing': [],
    'header changed': [value.slice(0, at) + random.pick(['', 'x', '0', ' ', ',']) + value.slice(at + 1)],
    'header twice': [value, `${value}x`],
  };
  const sent = { ...oddHeaders(random), ...headers, ...(changes[fault] === undefined ? {} : { [name]: changes[fault] }) };
  const other = scheme.provider === 'square' ? 'stripe' : 'square';
  const sentBody = fault === 'body' ? withOneByteChanged(random, body) : body;
  const event = httpEventOf(random, sent, sentBody, { provider: fault === 'path' ? other : scheme.provider });
  const response = await pipeline.handlers.receiver(event, { awsRequestId: 'request-1' });
  // A header may be changed where that means nothing, as in the case of hexadecimal digits; the bytes are still those that were signed.
  if (fault === 'header changed' && response.statusCode === 200) return 'changed, and genuine';
  const readable = fault === 'header changed' ? refusals : new Set([401, ...(sentBody.byteLength === 0 ? [400] : []), 413]);
  assert.ok(readable.has(response.statusCode), `${fault} was answered ${response.statusCode}: ${response.body}`);
  assertRefused(pipeline, response);
  return String(response.statusCode);
}

function withOneByteChanged(random: Random, body: Buffer): Buffer {
  if (body.byteLength === 0) return Buffer.from('x');
  const changed = Buffer.from(body);
  const at = random.below(body.byteLength);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  return changed;
}

function assertRefused(pipeline: Pipeline, response: HttpResponse): void {
  const { aws } = pipeline;
  const written = aws.calls.filter((call) => call !== 'GetSecretValueCommand');
  assert.deepEqual(written, [], 'a refused webhook reached AWS');
  assertAnswer(response);
  assertQuiet(pipeline, [response.body]);
}

function assertAnswer({ headers, body, statusCode }: HttpResponse): void {
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(jsonObject(body)['requestId'], 'request-1');
  if (statusCode === 401) assert.equal(body, '{"error":"Invalid signature","requestId":"request-1"}');
}

function assertQuiet(pipeline: Pipeline, texts: readonly string[]): void {
  const output = pipeline.drain();
  assertNothingLeaked('the log', output);
  assertNothingLeaked('the answer', texts);
  const bytes = output.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
  assert.ok(bytes <= maxOutputBytes, `one webhook wrote ${bytes} bytes of log`);
}

/** Signed with the right key, whatever is in it: stored exactly as it is, or 400; and what is stored goes through the whole pipeline. */
export async function genuine(pipeline: Pipeline, random: Random): Promise<string> {
  const scheme = aScheme(random);
  const body = hostileBody(random, scheme.provider);
  const { headers } = scheme.sign(body, pipeline.now, true, random);
  const sent = { ...oddHeaders(random), ...headers };
  const deliver = () =>
    pipeline.handlers.receiver(httpEventOf(random, sent, body, { provider: scheme.provider }), { awsRequestId: 'request-1' });
  const response = await deliver();
  assertAnswer(response);
  assertQuiet(pipeline, [response.body]);
  const { aws } = pipeline;
  assert.deepEqual(aws.refused, []);
  assert.ok(aws.calls.length <= 4, `one webhook made ${aws.calls.length} calls`);
  if (response.statusCode !== 200) {
    assert.equal(response.statusCode, expectedRefusal(body), response.body);
    assert.equal(aws.rows.size + aws.objects.length, 0);
    return String(response.statusCode);
  }
  const row = assertStored(pipeline, body);
  if (random.chance(0.1)) await assertDuplicate(pipeline, deliver, row);
  if (random.chance(0.25)) await goesThrough(pipeline, row);
  return '200';
}

function expectedRefusal(body: Buffer): number {
  return body.byteLength > maxBodyBytes ? 413 : 400;
}

function assertStored({ aws }: Pipeline, body: Buffer): Item {
  assert.equal(aws.rows.size, 1);
  const [row = {}] = aws.rows.values();
  const [object] = aws.objects;
  const bytes = row['body']?.B;
  const stored = bytes === undefined ? object?.body : gunzipSync(bytes);
  assert.ok(stored !== undefined && body.equals(stored), 'what is stored is not what was sent');
  const shown = Object.entries(row).filter(([name]) => name !== 'body' && name !== 'signedHeaders');
  assertNothingLeaked('the row', [JSON.stringify(shown)]);
  return row;
}

async function assertDuplicate(pipeline: Pipeline, deliver: () => Promise<HttpResponse>, row: Item): Promise<void> {
  const before = JSON.stringify(row);
  const response = await deliver();
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(jsonObject(response.body)['duplicate'], row['correlationId']?.S !== 'request-1');
  assert.equal(JSON.stringify([...pipeline.aws.rows.values()][0]), before);
  assertQuiet(pipeline, [response.body]);
}

/** Relay, processor, notifier and audit take what the receiver stored, and show no more of it than they should. */
async function goesThrough(pipeline: Pipeline, row: Item): Promise<void> {
  const { aws, handlers } = pipeline;
  const record = streamRecordOf(row, '1000');
  const none = { batchItemFailures: [] };
  assert.deepEqual(await handlers.relay({ Records: [record] }), none, aws.refused.join());
  assert.deepEqual(aws.letters, []);
  const [message = ''] = aws.messages;
  assert.ok(Buffer.byteLength(message) > 0 && Buffer.byteLength(message) < maxMessageBytes, 'a message is missing or too large');
  assert.deepEqual(await handlers.processor(aQueueEvent(message)), none, aws.refused.join());
  assert.equal(aws.entries.length, 1);
  const detail = aws.entries[0]?.Detail ?? '';
  assert.deepEqual(await handlers.notifier(aQueueEvent(aBusEvent(jsonObject(detail)))), none, aws.refused.join());
  aws.objects.length = 0;
  assert.deepEqual(await handlers.audit({ Records: [record] }), none, aws.refused.join());
  const audited = aws.objects.map(({ body }) => gunzipSync(body).toString('utf8'));
  assert.equal(audited.length, 1);
  assert.deepEqual(aws.refused, []);
  assertNothingLeaked('the queue', [message, ...aws.letters]);
  assertNothingLeaked('the bus', [detail]);
  assertNothingLeaked(
    'an alert',
    aws.alerts.flatMap(({ Subject: subject = '', Message: text = '' }) => [subject, text]),
  );
  assertNothingLeaked('the audit', audited);
  assertNothingLeaked('the log', pipeline.drain());
}

/** A row as the table's stream hands it to Lambda. */
export function streamRecordOf(row: Item, sequenceNumber: string): DynamoDBRecord {
  const { paymentId, eventKey } = row;
  return {
    eventName: 'INSERT',
    dynamodb: {
      SequenceNumber: sequenceNumber,
      ApproximateCreationDateTime: 1_795_000_000,
      Keys: { paymentId: { S: paymentId?.S ?? '' }, eventKey: { S: eventKey?.S ?? '' } },
      NewImage: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, streamed(value)])),
    },
  };
}

function streamed({ S: text, N: number, B: bytes, BOOL: bool, M: map }: Item[string]): AttributeValue {
  if (map !== undefined) return { M: Object.fromEntries(Object.entries(map).map(([name, value]) => [name, streamed(value)])) };
  if (bytes !== undefined) return { B: Buffer.from(bytes).toString('base64') };
  if (text !== undefined) return { S: text };
  if (number !== undefined) return { N: number };
  return bool === undefined ? { NULL: true } : { BOOL: bool };
}
