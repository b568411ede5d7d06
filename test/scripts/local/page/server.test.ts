import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ActivityLog } from '../../../../scripts/local/activity';
import { awsClients, type AwsClients } from '../../../../scripts/local/aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';
import { developmentCertificates } from '../../../../scripts/local/development-certificates';
import { developmentSecrets } from '../../../../scripts/local/development-secrets';
import { parseJson, textAt, type Json } from '../../../../scripts/local/json';
import { maxReaders } from '../../../../scripts/local/page/feed';
import { startPage, type Page } from '../../../../scripts/local/page/server';
import { Settings } from '../../../../scripts/local/settings';
import { aRunState } from '../../../support/run-state';

let aws: EmbeddedAws;
let clients: AwsClients;
let page: Page;
const activity = new ActivityLog();
const queues = new Map<string, { readonly url: string; readonly arn: string }>();

beforeAll(async () => {
  aws = await startEmbeddedAws();
  clients = awsClients(aws.endpoint, aws.region);
  const dead = await createQueue('work-dead');
  await createQueue('lonely-dead');
  await createQueue('work', { RedrivePolicy: redriveTo(dead) });
  const resources = [...queues].map(([name, { url, arn }]) => ({
    stack: 's',
    type: 'aws_sqs_queue',
    settings: new Settings(name, { name, url, arn, ...(name === 'work' && { redrive_policy: redriveTo(dead) }) }),
  }));
  const lonely = new Settings('allow', { queue_url: queues.get('lonely-dead')?.url ?? '' });
  const secrets = developmentSecrets('http://127.0.0.1:1');
  const certificates = await developmentCertificates('localhost');
  page = await startPage(
    {
      activity,
      apiUrl: 'http://127.0.0.1:1',
      aws,
      certificates,
      clients,
      pipeline: { functions: [], queueTriggers: [], streamTriggers: [], scheduleTriggers: [], apis: [], functionUrls: [] },
      resources: [...resources, { stack: 's', type: 'aws_sqs_queue_redrive_allow_policy', settings: lonely }],
      secrets,
      state: aRunState({ awsEndpoint: aws.endpoint, region: aws.region, accountId: aws.accountId }),
    },
    { port: 0, keptEvents: 50 },
  );
}, 30_000);

afterAll(async () => {
  await page.close();
  clients.destroy();
  await aws.close();
});

async function createQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl: url = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const { Attributes: known } = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  const arn = known?.['QueueArn'] ?? '';
  queues.set(QueueName, { url, arn });
  return arn;
}

function redriveTo(deadLetterTargetArn: string): string {
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
}

function headers(): Record<string, string> {
  return { Authorization: `Bearer ${page.token}`, Origin: page.origin, 'Content-Type': 'application/json' };
}

async function get(path: string): Promise<{ readonly status: number; readonly value: Json }> {
  const response = await fetch(`${page.origin}${path}`, { headers: headers() });
  return { status: response.status, value: parseJson(await response.text()) };
}

async function post(path: string, body: string): Promise<{ readonly status: number; readonly value: Json }> {
  const response = await fetch(`${page.origin}${path}`, { method: 'POST', headers: headers(), body });
  return { status: response.status, value: parseJson(await response.text()) };
}

/** With any Host and any path, as no browser would. */
function rawGet(path: string, headersSent: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(page.origin);
    const sent = request({ host: '127.0.0.1', port, path, headers: headersSent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

async function receive(name: string, VisibilityTimeout = 30): Promise<readonly (string | undefined)[]> {
  const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: queues.get(name)?.url, VisibilityTimeout }));
  return Messages.map(({ Body }) => Body);
}

/** One receive more than the redrive policy allows. */
async function receiveUntilDead(): Promise<void> {
  for (let time = 0; time < 4; time += 1) await receive('work', 0);
}

function arnOf(name: string): string {
  return queues.get(name)?.arn ?? '';
}

function store(id: number): void {
  const fields = { message: 'webhook stored', provider: 'stripe', eventId: `evt_${String(id)}`, correlationId: `c-${String(id)}` };
  activity.add({ kind: 'log', at: id, functionName: 'webhook-receiver-dev', fields });
}

interface Message {
  readonly name: string;
  readonly value: Json;
}

/** Reads the stream message by message. */
async function follow(): Promise<{ readonly next: () => Promise<Message>; readonly close: () => Promise<void> }> {
  const response = await fetch(`${page.origin}/api/stream`, { headers: headers() });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next() {
      while (!text.includes('\n\n')) text += (await reader?.read())?.value ?? '';
      const end = text.indexOf('\n\n');
      const [, name = '', data = 'null'] = /^event: (\w+)\ndata: (.*)$/s.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      return { name, value: parseJson(data) };
    },
    close: async () => reader?.cancel(),
  };
}

describe('startPage', () => {
  it('listens on loopback, and has a new token in its URL behind the #', () => {
    expect(page.url).toBe(`http://127.0.0.1:${new URL(page.origin).port}/#token=${page.token}`);
    expect(page.token).toMatch(/^[\w-]{32}$/);
  });

  it('serves its own files under a policy that allows nothing else', async () => {
    const response = await fetch(`${page.origin}/`);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'/,
    );
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).not.toMatch(/<script(?![^>]* src="main\.js")|<style|\son\w+=|style=/);
    expect(text).not.toContain(page.token);
  });

  it.each(['/../server.ts', '/%2e%2e/server.ts', '//server.ts', '/assets', '/api/other', '/main.js/..', '*', '//'])(
    'has nothing at %s',
    async (path) => {
      const { host } = new URL(page.origin);
      expect(await rawGet(path, { Host: host, ...headers() })).toBe(404);
    },
  );

  it('answers nobody without the token, from elsewhere, or by another name', async () => {
    const { host } = new URL(page.origin);
    expect(await rawGet('/api/setup', { Host: host })).toBe(401);
    expect(await rawGet('/api/stream', { Host: host, Authorization: 'Bearer wrong' })).toBe(401);
    expect(await rawGet('/api/setup', { ...headers(), Host: host, Origin: 'http://evil.example' })).toBe(403);
    expect(await rawGet('/api/setup', { ...headers(), Host: 'evil.example' })).toBe(403);
    expect(await rawGet('/', { Host: 'evil.example' })).toBe(403);
  });

  it('refuses what the page does not send', async () => {
    expect((await post('/api/send', '{"sender":"stripe"')).status).toBe(400);
    expect((await post('/api/send', '{"sender":"nobody","event":"e","variant":"valid"}')).status).toBe(400);
    expect((await post('/api/redrive', '[]')).status).toBe(400);
    expect((await post('/api/send', 'x'.repeat(20_000))).status).toBe(413);
    expect((await post('/api/replay', '{"id":1,"reason":" ","realert":false}')).status).toBe(400);
    expect((await post('/api/replay', '{"id":1,"reason":"two\\nlines","realert":false}')).status).toBe(400);
    expect((await post('/api/replay', '{"id":999999,"reason":"why","realert":false}')).status).toBe(404);
    expect((await get('/api/event?id=x')).status).toBe(404);
    expect((await get('/api/event?id=999999')).status).toBe(404);
  });

  it('says what went wrong instead of a stack trace', async () => {
    const { status, value } = await post('/api/send', '{"sender":"stripe","event":"nothing.like.it","variant":"valid"}');
    expect([status, textAt(value, 'error')]).toEqual([500, expect.stringMatching(/^stripe has no event "nothing\.like\.it"; there are: /)]);
  });
});

describe('the stream', () => {
  it('begins with what is kept, and goes on with what happens', async () => {
    for (let id = 1; id <= 200; id += 1) store(id);
    const stream = await follow();
    const first = await stream.next();
    expect(first.name).toBe('snapshot');
    // No more than was asked to be kept, and the newest of it.
    expect(first.value).toMatchObject({ totals: { stored: 200 }, alerts: [], problems: [] });
    expect(JSON.stringify(first.value).match(/"eventId":"evt_\d+"/g)).toHaveLength(50);
    expect(JSON.stringify(first.value)).toContain('evt_200');
    store(201);
    const second = await stream.next();
    expect(second.name).toBe('batch');
    expect(second.value).toMatchObject({ events: [{ eventId: 'evt_201', state: 'received' }], totals: { stored: 201 } });
    await stream.close();
  }, 20_000);

  it('has room for some pages, and again when one of them is closed', async () => {
    const open = () => fetch(`${page.origin}/api/stream`, { headers: headers() });
    const readers = await Promise.all(Array.from({ length: maxReaders }, open));
    expect(readers.map(({ status }) => status)).toEqual(readers.map(() => 200));
    const refused = await open();
    expect([refused.status, await refused.json()]).toEqual([503, { error: 'too many pages are open' }]);
    await readers[0]?.body?.cancel();
    let again = await open();
    for (let tries = 0; tries < 100 && again.status !== 200; tries += 1) {
      await again.body?.cancel();
      await sleep(50);
      again = await open();
    }
    expect(again.status).toBe(200);
    for (const reader of [again, ...readers.slice(1)]) await reader.body?.cancel();
  }, 20_000);
});

describe('dead letters', () => {
  it('are looked at without being taken away, and moved back', async () => {
    const { sqs } = clients;
    const MessageBody = '{"text":"<img src=x onerror=alert(1)>"}';
    await sqs.send(new SendMessageCommand({ QueueUrl: queues.get('work')?.url, MessageBody }));
    const path = `/api/letters?queue=${encodeURIComponent(arnOf('work-dead'))}`;
    await receiveUntilDead();
    expect((await get(path)).value).toMatchObject([{ body: MessageBody }]);
    expect((await get(path)).value).toMatchObject([{ body: MessageBody }]);
    const redriven = await post('/api/redrive', JSON.stringify({ queue: arnOf('work-dead') }));
    expect(redriven).toEqual({ status: 200, value: { ok: true, message: '1 moved back to work.' } });
    expect((await get(path)).value).toEqual([]);
    expect(await receive('work')).toEqual([MessageBody]);
  }, 20_000);

  it('that nobody can say the origin of stay, and the page says so', async () => {
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: queues.get('work-dead')?.url, MessageBody: 'sent by hand' }));
    const { status, value } = await post('/api/redrive', JSON.stringify({ queue: arnOf('work-dead') }));
    expect([status, value]).toEqual([409, { ok: false, message: 'SQS moved 0 of 1: CouldNotDetermineMessageSource' }]);
    expect(await receive('work-dead')).toEqual(['sent by hand']);
  });

  it('stay where SQS cannot move them', async () => {
    const { status, value } = await post('/api/redrive', JSON.stringify({ queue: arnOf('lonely-dead') }));
    expect([status, textAt(value, 'message')]).toEqual([409, expect.stringContaining('SQS cannot move them back')]);
  });

  it('are of dead-letter queues only', async () => {
    for (const arn of [arnOf('work'), 'arn:aws:sqs:r:1:unknown', '']) {
      expect((await get(`/api/letters?queue=${encodeURIComponent(arn)}`)).status).toBe(404);
      expect((await post('/api/redrive', JSON.stringify({ queue: arn }))).status).toBe(404);
    }
  });
});
