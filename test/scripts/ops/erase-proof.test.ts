import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage, type Row, type Sent } from '../../../scripts/local/demo/stage';
import { textAt } from '../../../scripts/local/json';
import { startLocal, type LocalRun } from '../../../scripts/local/run';
import { writeRunState } from '../../../scripts/local/run-state';
import { deadLetterQueues } from '../../../scripts/ops/dead-letters';
import { namesOf } from '../../../stacks/naming';
import { preparedRun } from '../../support/prepared-run';
import { ops } from './ops-stage';

let run: LocalRun;
let stage: Stage;
let workDir: string;

const customer = 'cus_Anna1815';
/** What is in the bodies of the customer, and nowhere else. */
const markers = [customer, 'anna@example.com', 'order-of-anna', 'card of Anna'];
const startMs = 120_000;

beforeAll(async () => {
  workDir = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
  run = await startLocal({ port: 0, findable: false, workDir, prepared: await preparedRun() });
  stage = new Stage(run);
  writeRunState(workDir, run.state);
}, startMs);

afterAll(async () => {
  await run.stop();
  rmSync(workDir, { recursive: true, force: true });
}, startMs);

const command = (...args: readonly string[]) => ops(args, { root: workDir, now: Date.now() });
const names = () => namesOf(run.state.suffix, run.state.accountId);

interface Paid {
  readonly who: string | null;
  readonly type?: string;
  readonly object?: object;
}

function stripe({ who, type = 'payment_intent.succeeded', object = {} }: Paid): Promise<Sent> {
  const id = randomUUID();
  const about = who === null ? {} : { customer: who, receipt_email: `${who === customer ? 'anna' : 'ben'}@example.com` };
  const intent = { id: `pi_${id}`, object: 'payment_intent', amount: 1200, amount_received: 1200, currency: 'usd', status: 'succeeded' };
  const created = Math.floor(Date.now() / 1000);
  const body = { id: `evt_${id}`, object: 'event', type, created, livemode: false, data: { object: { ...intent, ...about, ...object } } };
  return stage.post('stripe', Buffer.from(JSON.stringify(body)));
}

async function rows(): Promise<readonly Row[]> {
  const { Items = [], LastEvaluatedKey } = await run.clients.dynamodb.send(new ScanCommand({ TableName: names().table }));
  expect(LastEvaluatedKey).toBeUndefined();
  return Items.map((item) => unmarshall(item));
}

/** Every version of every object of a bucket, as text. */
async function versionsIn(Bucket: string): Promise<{ readonly key: string; readonly text: string }[]> {
  const { Versions = [], DeleteMarkers = [], IsTruncated } = await run.clients.s3.send(new ListObjectVersionsCommand({ Bucket }));
  expect(IsTruncated).toBe(false);
  const objects = await Promise.all(
    Versions.map(async ({ Key = '', VersionId }) => {
      const { Body, Metadata } = await run.clients.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      const text = Key.endsWith('.gz') ? gunzipSync(bytes).toString() : Buffer.from(bytes).toString();
      return { key: Key, text: text + JSON.stringify(Metadata) };
    }),
  );
  return [...objects, ...DeleteMarkers.map(({ Key = '' }) => ({ key: Key, text: 'marker' }))];
}

/** This run posts no alerts, and so has none waiting for that. */
const queueNames = () => [
  names().processingQueue,
  names().notificationQueue,
  ...deadLetterQueues(names()).flatMap(({ name, short }) => (short === 'forwarding' ? [] : [name])),
];

/** Every message of every queue, looked at for good. */
async function messages(): Promise<string[]> {
  const all: string[] = [];
  for (const name of queueNames()) {
    const receive = new ReceiveMessageCommand({
      QueueUrl: urlOf(name),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 300,
      WaitTimeSeconds: 0,
    });
    for (;;) {
      const { Messages = [] } = await run.clients.sqs.send(receive);
      if (Messages.length === 0) break;
      all.push(...Messages.map(({ Body = '' }) => Body));
    }
  }
  return all;
}

function urlOf(name: string): string {
  return `${run.awsEndpoint}/${run.state.accountId}/${name}`;
}

async function letter(name: string, body: unknown): Promise<void> {
  const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
  await run.clients.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody }));
}

/** What a row looks like in each of the queues that may have it. */
async function lettersOf(sent: Sent): Promise<void> {
  const publications = stage.publicationsOf(textAt(sent.answer, 'paymentId'));
  const publication = publications.find((one) => one.detail['eventId'] === sent.answer['eventId']);
  const { valueBand, eventKey, archiveKey, correlationId, processedAt, ...event } = publication?.detail ?? {};
  await letter(`${names().processingQueue}-dead-letters`, { event, eventKey, archiveKey, correlationId });
  const detail = { ...event, valueBand, eventKey, archiveKey, correlationId, processedAt };
  const envelope = { version: '0', id: 'bus-1', source: 'payment.processor', 'detail-type': 'Payment Processed', detail };
  await letter(`${names().notificationQueue}-dead-letters`, envelope);
  await letter(names().routingDeadLetters, envelope);
  const facts = { Provider: event['provider'], Payment: event['paymentId'], Customer: event['customerRef'] };
  const lines = Object.entries(facts).map(([name, value]) => `${`${name}:`.padEnd(13)}${textAt({ value }, 'value')}`);
  await letter(names().deliveryDeadLetters, {
    Type: 'Notification',
    Subject: 'Payment failed',
    Message: ['Payment failed', '', ...lines].join('\n'),
  });
}

function texts(of: readonly Row[]): string {
  return JSON.stringify(of, (_key, value: unknown) => (value instanceof Uint8Array ? gunzipSync(value).toString() : value));
}

describe('an erasure', () => {
  it(
    'leaves the customer in no row, no version of an object and no message, and everybody else as they were',
    async () => {
      const paid = await stripe({ who: customer, object: { metadata: { order_id: 'order-of-anna' } } });
      const failed = await stripe({
        who: customer,
        type: 'payment_intent.payment_failed',
        object: {
          status: 'requires_payment_method',
          last_payment_error: { code: 'card_declined', message: 'The card of Anna was declined' },
        },
      });
      const paymentOf = (sent: Sent) => textAt(sent.answer, 'paymentId');
      // A charge of the same payment, which names the person and not the customer.
      const intent = paymentOf(paid).replace('stripe:', '');
      const charge = { id: 'ch_1', object: 'charge', payment_intent: intent, billing_details: { email: 'anna@example.com' } };
      const mate = await stripe({ who: null, type: 'charge.succeeded', object: charge });
      const other = await stripe({ who: 'cus_Ben' });
      await Promise.all([paid, failed, mate, other].map((sent) => stage.processed(sent)));
      await run.waitForIdle();

      const { clients } = run;
      const [paidRow] = (await stage.rowsOf(paymentOf(paid))).filter((row) => row['eventId'] === textAt(paid.answer, 'eventId'));
      const Key = String(paidRow?.['archiveKey']);
      const archive = names().archiveBucket;
      await clients.s3.send(new PutObjectCommand({ Bucket: archive, Key, Body: 'anna@example.com, again' }));
      await clients.s3.send(new DeleteObjectCommand({ Bucket: archive, Key }));
      // One that only begins the same.
      await clients.s3.send(new PutObjectCommand({ Bucket: archive, Key: `${Key}.of-ben`, Body: 'ben' }));
      for (const sent of [paid, other]) await lettersOf(sent);
      await letter(`${names().processingQueue}-dead-letters`, `not JSON, of ${customer}`);

      const before = { rows: await rows(), archive: await versionsIn(archive) };
      for (const marker of markers) expect(texts(before.rows) + JSON.stringify(before.archive)).toContain(marker);

      const planned = await command('erase', '--customer', customer);
      expect([planned.exitCode, planned.out]).toEqual([
        0,
        expect.stringMatching(/3 row\(s\) lose[\s\S]*5 version\(s\)[\s\S]*5 dead letter\(s\)[\s\S]*Nothing was changed yet/),
      ]);
      expect(planned.notes).toMatch(/No index has customers: all of the table is read/);
      expect(texts(await rows())).toBe(texts(before.rows));

      const erased = await command('erase', '--customer', customer, '--reason', 'request 7', '--yes', '--json');
      expect([erased.exitCode, erased.json()]).toEqual([
        0,
        expect.objectContaining({ events: 3, objectVersions: 5, messages: 5, finishedAt: expect.any(String), leftOnTheWay: 0 }),
      ]);
      await run.waitForIdle();

      const after = { rows: await rows(), archive: await versionsIn(archive), audit: await versionsIn(names().auditBucket) };
      const left = await messages();
      for (const marker of markers) {
        expect(texts(after.rows)).not.toContain(marker);
        expect(JSON.stringify([...after.archive, ...after.audit])).not.toContain(marker);
        expect(left.join('\n')).not.toContain(marker);
      }
      const keysOfBen = [paymentOf(other)];
      const ben = (of: readonly Row[]) => of.filter((row) => keysOfBen.includes(String(row['paymentId'])));
      expect(ben(after.rows)).toEqual(ben(before.rows));
      expect(after.archive.map(({ text }) => text).sort()).toEqual(
        before.archive
          .filter(({ key, text }) => text.includes('cus_Ben') || key.endsWith('of-ben'))
          .map(({ text }) => text)
          .sort(),
      );
      expect(left).toHaveLength(4);
      expect(left.every((body) => body.includes(paymentOf(other)))).toBe(true);

      // Money, ids and times are the books.
      const redacted = after.rows.find((row) => row['eventId'] === textAt(failed.answer, 'eventId'));
      expect(redacted).toMatchObject({
        amount: '12.00',
        currency: 'USD',
        customerRef: null,
        failure: { code: 'card_declined', message: null },
        signedHeaders: {},
      });

      const erasureId = textAt(erased.json(), 'erasureId');
      const audited = (await stage.auditRecords()).filter(({ record }) => textAt(record, 'keys', 'eventKey') === `erasure#${erasureId}`);
      const sha256 = createHash('sha256').update(customer).digest('hex');
      expect(audited.map(({ record }) => record)).toMatchObject([
        {
          eventName: 'INSERT',
          changes: {
            customerSha256: { new: sha256 },
            reason: { new: 'request 7' },
            startedBy: { new: expect.stringContaining('user/local') },
          },
        },
        {
          eventName: 'MODIFY',
          changes: { events: { new: 3 }, objectVersions: { new: 5 }, messages: { new: 5 }, finishedAt: { old: null } },
        },
      ]);
      expect(run.activity.entries.filter((one) => one.kind === 'alert' && one.message.attributes['reason'] === 'tampering')).toEqual([]);

      const id = textAt(paid.answer, 'eventId');
      for (const args of [
        ['events', 'show', id],
        ['verify', id],
        ['timeline', id],
      ])
        expect(await command(...args)).toMatchObject({
          exitCode: 0,
          out: expect.stringMatching(/erased +on 20|was erased on 20|erased +by erasure era_/),
        });
      expect(await command('replay', '--event', id, '--reason', 'again')).toMatchObject({
        exitCode: 3,
        notes: expect.stringContaining('erased on 20'),
      });
      expect((await command('payments', 'show', paymentOf(paid))).out).toContain('USD 12.00');

      const again = await command('erase', '--customer', customer, '--reason', 'request 7', '--yes');
      expect([again.exitCode, again.out]).toEqual([
        0,
        expect.stringMatching(/^The customer was erased on 20[^\n]+; nothing is left to erase\.$/),
      ]);
      expect((await rows()).filter((row) => String(row['eventKey']).startsWith('erasure#'))).toHaveLength(1);
    },
    startMs,
  );
});

describe('a replay', () => {
  it(
    'goes through as the event did, alerts nobody again unless it says so, and is in the audit trail',
    async () => {
      const sent = await stage.event('stripe', 'payment_intent.succeeded', { amount: '12000' });
      const row = await stage.processed(sent);
      await run.waitForIdle();
      const paymentId = textAt(sent.answer, 'paymentId');
      const id = textAt(sent.answer, 'eventId');
      const replay = async (...args: readonly string[]): Promise<void> => {
        const ran = await command('replay', '--event', id, '--reason', 'proof', ...args);
        expect([ran.exitCode, ran.notes]).toEqual([0, '']);
        await run.waitForIdle();
      };
      await replay();
      await replay('--to', 'bus');
      const [first, ...replays] = stage.publicationsOf(paymentId);
      expect(replays.map(({ rules, detail }) => [rules, textAt(detail, 'replay', 'replayOf')])).toEqual([
        [first?.rules, row['correlationId']],
        [first?.rules, row['correlationId']],
      ]);
      expect(stage.alertsOf(paymentId)).toHaveLength(1);
      await replay('--realert');
      expect(stage.alertsOf(paymentId)).toHaveLength(2);
      expect(await stage.processed(sent)).toEqual(row);
      const audited = (await stage.auditRecords()).filter(
        ({ record }) => textAt(record, 'keys', 'paymentId') === paymentId && textAt(record, 'keys', 'eventKey').startsWith('replay#'),
      );
      expect(audited.filter(({ record }) => record['eventName'] === 'INSERT')).toHaveLength(3);
      expect(JSON.stringify(audited)).toContain('"reason":{"old":null,"new":"proof"}');
      const timeline = await command('timeline', id);
      expect(timeline.out.match(/ replayed /g)).toHaveLength(3);
      expect(stage.deadLetters()).toEqual([]);
      expect(run.aws.unknownCalls).toEqual([]);
    },
    startMs,
  );
});
