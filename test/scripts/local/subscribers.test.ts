import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage } from '../../../scripts/local/demo/stage';
import { diagramOf } from '../../../scripts/local/page/diagram';
import { parseJson, textAt } from '../../../scripts/local/json';
import { startLocal, type LocalRun } from '../../../scripts/local/run';
import { startLoopbackServer, type LoopbackServer } from '../../support/loopback-server';
import { preparedRun } from '../../support/prepared-run';
import { oneOfEachKind } from '../../support/subscribers';

let run: LocalRun;
let stage: Stage;
let workDir: string;
let server: LoopbackServer;
const posted: { readonly key: string | string[] | undefined; readonly body: unknown }[] = [];

beforeAll(async () => {
  server = await startLoopbackServer((request, response, body) => {
    posted.push({ key: request.headers['x-api-key'], body: JSON.parse(body) });
    // The first one meets an endpoint that is down for a moment.
    response.writeHead(posted.length === 1 ? 503 : 200).end();
  });
  const url = `${server.origin}/hook`;
  const laptop = {
    name: 'laptop',
    pattern: { detail: { kind: ['payment.succeeded'], provider: ['stripe'] } },
    target: { https: { url, header: 'X-Api-Key' } },
  };
  const SUBSCRIBERS = JSON.stringify([laptop, ...oneOfEachKind.filter(({ name }) => name !== 'ledger')]);
  workDir = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
  run = await startLocal({ port: 0, findable: false, workDir, prepared: await preparedRun({ SUBSCRIBERS }) });
  stage = new Stage(run);
}, 60_000);

afterAll(async () => {
  await run.stop();
  server.close();
  rmSync(workDir, { recursive: true, force: true });
});

describe('subscribers of the local run', () => {
  it('get what they asked for over HTTP, again when they were down, and nothing else', async () => {
    const other = await stage.event('square', 'payment.completed');
    const wanted = await stage.event('stripe', 'payment_intent.succeeded');
    await stage.processed(other);
    await stage.until('it is delivered at the second try', () => (posted.length >= 2 ? true : undefined));
    expect(posted.map(({ body }) => textAt(body, 'detail', 'paymentId'))).toEqual([
      textAt(wanted.answer, 'paymentId'),
      textAt(wanted.answer, 'paymentId'),
    ]);
    expect(posted.map(({ key }) => key)).toEqual(['not-authorized-yet', 'not-authorized-yet']);
    expect(posted[0]?.body).toMatchObject({ source: 'payment.processor', 'detail-type': 'Payment Processed' });
  }, 20_000);

  it('find their events in a queue of the same name, where the real one is somebody else’s', async () => {
    const { QueueUrl } = await run.clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    const generic = await stage.event('generic', 'payment.succeeded');
    await stage.processed(generic);
    const { Messages = [] } = await run.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const bodies = Messages.map(({ Body = '' }) => parseJson(Body));
    const payments = bodies.map((body) => textAt(body, 'detail', 'paymentId'));
    expect(payments).toContain(textAt(generic.answer, 'paymentId'));
    // Stripe says of its test payments that they are some, with `livemode: false`, which was not asked for.
    expect(payments.filter((payment) => payment.startsWith('stripe:'))).toEqual([]);
  });

  it('are on the console’s picture under their names', () => {
    const names = diagramOf(run.resources, run.pipeline).nodes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['payment-laptop-dev', 'orders', 'event-bus/warehouse', 'fraud-check']));
  });

  it('that are functions or buses of others do no harm', () => {
    const problems = run.activity.entries.filter(({ kind }) => kind === 'problem' || kind === 'dead-letter');
    expect(problems).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/could not deliver to .*api-destination.*: SDK_CLIENT_ERROR$/) }),
    ]);
  });
});
