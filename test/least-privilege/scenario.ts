import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { AwsEvents } from '../../scripts/local/aws/observers';
import { Stage, type Sent } from '../../scripts/local/demo/stage';
import { scheduledEvent } from '../../scripts/local/event-sources/schedule-trigger';
import { isObject, parseJsonObject, textAt } from '../../scripts/local/json';
import type { LocalRun } from '../../scripts/local/run';
import { senders, type Sender } from '../../scripts/local/sample-events';
import { sampleBody } from '../../scripts/local/webhook';
import { apiEvent, keys, type ProviderApis } from '../support/provider-apis';

/** Calls by the name of the function that made them. */
export type Recording = ReadonlyMap<string, readonly AwsEvents['call'][]>;

/** Puts a local run through every way that its functions can go, and writes down every call that they make. */
export async function record(run: LocalRun, apis: ProviderApis): Promise<Recording> {
  const recording = new Map<string, AwsEvents['call'][]>(run.pipeline.functions.map(({ name }) => [name, []]));
  const end = run.aws.on('call', (call) => recording.get(call.accessKeyId ?? '')?.push(call));
  const stage = new Stage(run);
  await chat(run, apis);
  const [first] = await Promise.all([payments(stage), refusals(stage), health(run)]);
  await reconciliation(run, stage, first, apis);
  await Promise.all([tampering(run, stage, first), poison(run, stage)]);
  await run.waitForIdle();
  if (!apis.calls.some(({ url }) => url.pathname === '/chat')) throw new Error('no alert was posted');
  await run.waitForIdle();
  end();
  return recording;
}

/** Alerts and alarms are posted, and taken. */
async function chat({ clients, state }: LocalRun, apis: ProviderApis): Promise<void> {
  const SecretId = state.resources.find(
    ({ type, name }) => type === 'aws_secretsmanager_secret' && name.endsWith('/alert-endpoints'),
  )?.name;
  const SecretString = JSON.stringify({ alerts: [`${apis.origin}/chat`] });
  await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  apis.answer({ text: 'ok' }, Infinity, ({ url }) => url.pathname === '/chat');
}

const successes: Readonly<Record<Sender, string>> = {
  stripe: 'payment_intent.succeeded',
  paypal: 'PAYMENT.CAPTURE.COMPLETED',
  square: 'payment.completed',
  generic: 'payment.succeeded',
  'standard-webhooks': 'payment.succeeded',
};

async function payments(stage: Stage): Promise<Sent> {
  const sent = await Promise.all([
    ...senders.map((sender) => stage.event(sender, successes[sender])),
    stage.event('stripe', 'payment_intent.succeeded', { amount: '10000.01' }),
    stage.event('square', 'payment.failed'),
    stage.event('paypal', 'CUSTOMER.DISPUTE.CREATED'),
    stage.event('stripe', 'charge.dispute.closed'),
    stage.event('stripe', 'customer.created'),
    stage.post('stripe', largeBody()),
  ]);
  for (const { status, answer } of sent) if (status !== 200) throw new Error(`answered ${String(status)} ${JSON.stringify(answer)}`);
  const [first] = sent;
  const again = await stage.post('stripe', first.body);
  if (again.answer['duplicate'] !== true) throw new Error('was not taken for a duplicate');
  // The same event id with other content.
  await stage.post('stripe', Buffer.from(first.body.toString().replace(/"amount": \d+/g, '"amount": 1')));
  await Promise.all(sent.map((one) => stage.processed(one)));
  return first;
}

/** Random bytes do not compress, so the body does not fit into the row and goes to the archive first. */
function largeBody(): Buffer {
  const event: unknown = JSON.parse(sampleBody('stripe', 'payment_intent.succeeded', {}).toString());
  return Buffer.from(JSON.stringify({ ...(isObject(event) ? event : {}), padding: randomBytes(400_000).toString('base64') }));
}

async function refusals(stage: Stage): Promise<void> {
  const forged = senders.map((sender) => stage.post(sender, sampleBody(sender, successes[sender], {}), { forge: true }));
  const stale = stage.post('stripe', sampleBody('stripe', successes.stripe, {}), { at: new Date(Date.now() - 600_000) });
  const statuses = (await Promise.all([...forged, stale])).map(({ status }) => status);
  if (statuses.some((status) => status !== 401)) throw new Error(`a forged or stale webhook was answered ${statuses.join(', ')}`);
  await stage.post('stripe', Buffer.from('{"id":'));
}

async function health({ apiUrl }: LocalRun): Promise<void> {
  const { status } = await fetch(`${apiUrl}/health`);
  if (status !== 200) throw new Error(`the health check answered ${String(status)}`);
}

/** An event that never came at each provider, one of them too large for a row, and an event that seems never to have been published. */
async function reconciliation(run: LocalRun, stage: Stage, stuck: Sent, apis: ProviderApis): Promise<void> {
  const { clients, state } = run;
  const at = Date.now() - 20 * 60_000;
  for (const provider of ['stripe', 'paypal', 'square'] as const) {
    const { listed } = apiEvent(provider, 1, at);
    apis.events[provider].push(provider === 'stripe' ? { ...listed, padding: randomBytes(400_000).toString('base64') } : listed);
    const SecretId = state.resources.find(({ type, name }) => type === 'aws_secretsmanager_secret' && name.endsWith(`/${provider}`))?.name;
    const SecretString = JSON.stringify({ ...run.secrets[provider], ...keys[provider] });
    await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  }
  const [row] = await stage.rowsOf(textAt(stuck.answer, 'paymentId'));
  await clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: state.resources.find(({ type }) => type === 'aws_dynamodb_table')?.name,
      Key: { paymentId: { S: String(row?.['paymentId']) }, eventKey: { S: String(row?.['eventKey']) } },
      UpdateExpression: 'SET #status = :received, body = :body, pendingBucket = :bucket, dueAtMs = :long',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':received': { S: 'received' },
        ':body': { B: gzipSync(stuck.body) },
        ':bucket': { S: 'pending#7' },
        ':long': { N: '1' },
      },
    }),
  );
  const [schedule] = run.pipeline.scheduleTriggers;
  if (schedule === undefined) throw new Error('nothing runs by the clock');
  const outcome = await run.invoke(schedule.functionName, scheduledEvent(schedule.ruleArn, run.place.region));
  if (!outcome.ok) throw new Error(`the reconciler failed: ${outcome.error.errorMessage}`);
  const recovered = ['stripe:pi_1', 'paypal:CAPTURE1', 'square:PAY1'];
  const rows = (await Promise.all(recovered.map((paymentId) => stage.rowsOf(paymentId)))).flat();
  // It comes after all, and late enough to be looked for.
  const late = await stage.post('stripe', Buffer.from(JSON.stringify(apiEvent('stripe', 1, at).webhook)));
  if (late.answer['duplicate'] !== true) throw new Error('a webhook of a recovered event was not taken for a duplicate');
  if (rows.length !== recovered.length) throw new Error(`${rows.length} of ${recovered.length} events were recovered`);
}

/** A message that no function can read, in every queue that feeds one, until it is a dead letter; at its second time, to be quick. */
async function poison({ clients: { sqs }, pipeline }: LocalRun, stage: Stage): Promise<void> {
  await Promise.all(
    pipeline.queueTriggers.map(async ({ queueUrl: QueueUrl }) => {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }));
      const deadLetterTargetArn = textAt(parseJsonObject(Attributes['RedrivePolicy'] ?? ''), 'deadLetterTargetArn');
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
      const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"poison": true' }));
      await stage.until('the dead letter', () => stage.deadLetters().find(({ letter }) => letter.messageId === MessageId));
    }),
  );
}

/** What nobody may do to the table, and a row that is no event. */
async function tampering({ clients: { dynamodb }, state }: LocalRun, stage: Stage, victim: Sent): Promise<void> {
  const TableName = state.resources.find(({ type }) => type === 'aws_dynamodb_table')?.name;
  const [row] = await stage.rowsOf(textAt(victim.answer, 'paymentId'));
  const Key = { paymentId: { S: String(row?.['paymentId']) }, eventKey: { S: String(row?.['eventKey']) } };
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET amountMinor = :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );
  await dynamodb.send(new DeleteItemCommand({ TableName, Key }));
  await dynamodb.send(new PutItemCommand({ TableName, Item: { paymentId: { S: 'nobody:1' }, eventKey: { S: 'event#broken' } } }));
}
