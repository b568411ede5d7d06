import { createHash, randomBytes } from 'node:crypto';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { readArchivedWebhook, reverify } from '../archived-webhook';
import { isObject, textAt } from '../json';
import { sampleBody } from '../webhook';
import type { Row, Sent, Stage } from './stage';

/** One thing that the demo shows. `play` answers what was observed, and throws when it is not as it should be. */
export interface Step {
  readonly title: string;
  play(stage: Stage, story: Story): Promise<readonly string[]>;
}

/** What later steps need of earlier ones. */
export interface Story {
  readonly sent: Partial<Record<'stripe' | 'paypal' | 'square' | 'large', Sent>>;
}

export const steps: readonly Step[] = [
  { title: 'Stripe: USD 12,000 succeeded → people are told', play: stripeHighValue },
  { title: 'PayPal: JPY 12,000 → a standard payment, nobody is told', play: paypalStandard },
  { title: 'Square: a payment failed → people are told', play: squareFailed },
  { title: 'The Stripe event again → a duplicate: one row, one alert', play: stripeAgain },
  { title: 'A forged, a stale and a broken webhook → 401, 401, 400 and no row', play: refusals },
  { title: 'A 700 KB body → stored, and archived whole', play: largeBody },
  { title: 'A poison message → dead letter after its receive count; its neighbours go through', play: poison },
  { title: 'The timeline of the Stripe payment', play: timeline },
  { title: 'The archived bytes, held against their signatures again', play: verifyArchive },
  { title: 'The audit trail has every change of every row', play: audit },
];

async function stripeHighValue(stage: Stage, story: Story): Promise<readonly string[]> {
  const sent = await stage.event('stripe', 'payment_intent.succeeded', { amount: '12000', currency: 'USD' });
  story.sent.stripe = sent;
  expectStatus(sent, 200);
  const id = paymentIdOf(sent);
  const alert = await stage.until('the alert', () => stage.alertsOf(id)[0]);
  expect(alert.message.attributes['reason'] === 'high-value', `the alert's reason is ${String(alert.message.attributes['reason'])}`);
  return [`stored as ${id}`, `alert: ${alert.message.subject ?? ''}`];
}

async function paypalStandard(stage: Stage, story: Story): Promise<readonly string[]> {
  const sent = await stage.event('paypal', 'PAYMENT.CAPTURE.COMPLETED', { amount: '12000', currency: 'JPY' });
  story.sent.paypal = sent;
  expectStatus(sent, 200);
  const id = paymentIdOf(sent);
  const published = await stage.until('the publication', () => stage.publicationsOf(id)[0]);
  expect(published.detail['valueBand'] === 'standard', `the value band is ${textAt(published.detail, 'valueBand')}`);
  await stage.processed(sent);
  expect(stage.alertsOf(id).length === 0, 'somebody was told');
  const money = `${textAt(published.detail, 'currency')} ${textAt(published.detail, 'amount')}`;
  return [`${money} is standard: ${published.rules.map(lastPart).join(', ')}`, 'no alert'];
}

async function squareFailed(stage: Stage, story: Story): Promise<readonly string[]> {
  const sent = await stage.event('square', 'payment.failed');
  story.sent.square = sent;
  expectStatus(sent, 200);
  const alert = await stage.until('the alert', () => stage.alertsOf(paymentIdOf(sent))[0]);
  expect(alert.message.attributes['reason'] === 'payment-failed', `the alert's reason is ${String(alert.message.attributes['reason'])}`);
  return [`alert: ${alert.message.subject ?? ''}`];
}

async function stripeAgain(stage: Stage, story: Story): Promise<readonly string[]> {
  const first = required(story.sent.stripe);
  const again = await stage.post('stripe', first.body);
  expectStatus(again, 200);
  expect(again.answer['duplicate'] === true, 'it was not taken for a duplicate');
  await stage.quiet();
  const id = paymentIdOf(first);
  const rows = await stage.rowsOf(id);
  const events = rows.filter((row) => String(row['eventKey']).startsWith('event#')).length;
  const alerts = stage.alertsOf(id).length;
  expect(events === 1, `there are ${String(events)} event rows`);
  expect(alerts === 1, `there were ${String(alerts)} alerts`);
  return ['duplicate: true', '1 row, 1 alert'];
}

async function refusals(stage: Stage): Promise<readonly string[]> {
  const before = (await stage.eventRows()).length;
  const body = sampleBody('stripe', 'payment_intent.succeeded', {});
  const tenMinutesAgo = new Date(Date.now() - 600_000);
  const forged = await stage.post('stripe', body, { forge: true });
  const stale = await stage.post('stripe', body, { at: tenMinutesAgo });
  const broken = await stage.post('stripe', body.subarray(0, body.length / 2));
  expectStatus(forged, 401);
  expectStatus(stale, 401);
  expectStatus(broken, 400);
  await stage.quiet();
  const after = (await stage.eventRows()).length;
  expect(after === before, `there are ${String(after - before)} new rows`);
  const say = (what: string, { status, answer }: Sent): string => `${what}: ${String(status)} ${textAt(answer, 'error')}`;
  return [say('forged', forged), say('stale', stale), say('broken', broken), 'no new row'];
}

async function largeBody(stage: Stage, story: Story): Promise<readonly string[]> {
  const event: unknown = JSON.parse(sampleBody('stripe', 'payment_intent.succeeded', {}).toString());
  // Random bytes do not compress, so the body does not fit into the row.
  const body = Buffer.from(JSON.stringify({ ...(isObject(event) ? event : {}), padding: randomBytes(537_000).toString('base64') }));
  const sent = await stage.post('stripe', body);
  story.sent.large = sent;
  expectStatus(sent, 200);
  const row = await stage.processed(sent);
  const archived = await readArchivedWebhook(stage.run.clients.s3, stage.bucketOf('ARCHIVE_BUCKET_NAME'), String(row['archiveKey']));
  expect(archived.body.equals(body), 'the archived bytes differ');
  expect(row['bodySha256'] === createHash('sha256').update(body).digest('hex'), 'the hash in the row differs');
  return [
    `${String(Math.round(body.length / 1024))} KB sent, ${String(Math.round(archived.body.length / 1024))} KB archived, byte for byte the same`,
  ];
}

async function poison(stage: Stage): Promise<readonly string[]> {
  const { sqs } = stage.run.clients;
  const QueueUrl = stage.queueUrlInto('EVENT_BUS_NAME');
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }));
  const receives = textAt(parse(Attributes['RedrivePolicy']), 'maxReceiveCount');
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"poison": true' }));
  const started = Date.now();
  const neighbours = await Promise.all([1, 2, 3].map((amount) => stage.event('generic', 'payment.succeeded', { amount: String(amount) })));
  await Promise.all(neighbours.map((sent) => stage.processed(sent)));
  const neighboursMs = Date.now() - started;
  const isOurs = ({ letter }: { readonly letter: { readonly messageId: string } }): boolean => letter.messageId === MessageId;
  const { letter } = await stage.until('the dead letter', () => stage.deadLetters().find(isOurs));
  return [
    `3 neighbours were through after ${String(neighboursMs)} ms`,
    `dead letter in ${lastPart(letter.queueArn)} after ${receives} receives`,
  ];
}

async function timeline(stage: Stage, story: Story): Promise<readonly string[]> {
  const sent = required(story.sent.stripe);
  const id = paymentIdOf(sent);
  const rows = await stage.rowsOf(id);
  const event = rows.find((row) => String(row['eventKey']).startsWith('event#'));
  const alert = rows.find((row) => String(row['eventKey']).startsWith('alert#'));
  const [published] = stage.publicationsOf(id);
  const audited = await stage.until('the audit record', async () =>
    (await stage.auditRecords()).find(({ record }) => textAt(record, 'keys', 'paymentId') === id),
  );
  const hops: readonly (readonly [string, number])[] = [
    ['received', timeIn(event, 'receivedAt')],
    ['archived', stage.archivedAt(String(event?.['archiveKey']))],
    ['published', published?.at ?? Number.NaN],
    ['processed', timeIn(event, 'processedAt')],
    ['alerted', timeIn(alert, 'sentAt')],
  ];
  const start = timeIn(event, 'receivedAt');
  for (const [hop, at] of hops) expect(Number.isFinite(at), `there is no time for "${hop}"`);
  return [
    ...hops
      .toSorted(([, one], [, other]) => one - other)
      .map(([hop, at]) => `${hop.padEnd(10)} ${new Date(at).toISOString()}  +${String(at - start)} ms`),
    `audited    in ${audited.key}`,
  ];
}

async function verifyArchive(stage: Stage, story: Story): Promise<readonly string[]> {
  const { secrets, certificates, clients } = stage.run;
  return Promise.all(
    (['stripe', 'paypal', 'square', 'large'] as const).map(async (name) => {
      const provider = name === 'large' ? 'stripe' : name;
      const row = await stage.processed(required(story.sent[name]));
      const archived = await readArchivedWebhook(clients.s3, stage.bucketOf('ARCHIVE_BUCKET_NAME'), String(row['archiveKey']));
      const verdict = reverify(archived, {
        provider,
        secretJson: JSON.stringify(secrets[provider]),
        receivedAt: new Date(String(row['receivedAt'])),
        ...(provider === 'paypal' ? { certificatePem: certificates.certificatePem, rootPem: certificates.rootPem } : {}),
      });
      expect(verdict.ok, `${provider}: ${verdict.ok ? '' : verdict.reason}`);
      return `${provider.padEnd(6)} ${String(archived.body.length)} bytes: signature valid`;
    }),
  );
}

async function audit(stage: Stage): Promise<readonly string[]> {
  await stage.run.waitForIdle();
  const records = await stage.auditRecords();
  const objects = new Set(records.map(({ key }) => key));
  const rows = await stage.eventRows();
  for (const row of rows) {
    const own = records.filter(
      ({ record }) => textAt(record, 'keys', 'eventKey') === row['eventKey'] && textAt(record, 'keys', 'paymentId') === row['paymentId'],
    );
    const names = own.map(({ record }) => textAt(record, 'eventName')).join(', ');
    expect(names === 'INSERT, MODIFY', `${String(row['eventKey'])} has the records "${names}"`);
  }
  expect(stage.deadLetters().length === 1, `there are ${String(stage.deadLetters().length)} dead letters, not the one`);
  expect(stage.run.aws.unknownCalls.length === 0, 'a call was not known to the embedded AWS');
  return [
    `${String(records.length)} records in ${String(objects.size)} object(s)`,
    `each of the ${String(rows.length)} events was inserted once and marked once`,
  ];
}

function expectStatus({ status, answer }: Sent, wanted: number): void {
  expect(status === wanted, `answered ${String(status)} ${textAt(answer, 'error')}, not ${String(wanted)}`);
}

function expect(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}

function required(sent: Sent | undefined): Sent {
  if (sent === undefined) throw new Error('the step that sends it failed');
  return sent;
}

function paymentIdOf({ answer }: Sent): string {
  return textAt(answer, 'paymentId');
}

function timeIn(row: Row | undefined, name: string): number {
  return Date.parse(String(row?.[name]));
}

function parse(text: string | undefined) {
  const value: unknown = JSON.parse(text ?? '{}');
  return isObject(value) ? value : {};
}

function lastPart(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf(':'), arn.lastIndexOf('/')) + 1);
}
