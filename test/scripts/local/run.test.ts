import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readArchivedWebhook, reverify } from '../../../scripts/local/archived-webhook';
import { Stage } from '../../../scripts/local/demo/stage';
import { textAt } from '../../../scripts/local/json';
import { startLocal, type LocalRun } from '../../../scripts/local/run';
import { writeRunState } from '../../../scripts/local/run-state';
import { senders } from '../../../scripts/local/sample-events';
import { assertNothingLeaked, bodyCanaries, cardNumbers } from '../../hostile/canaries';
import { preparedRun } from '../../support/prepared-run';
import { ops } from '../ops/ops-stage';

let run: LocalRun;
let stage: Stage;
let workDir: string;

beforeAll(async () => {
  workDir = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
  run = await startLocal({ port: 0, findable: false, workDir, prepared: await preparedRun() });
  stage = new Stage(run);
}, 180_000);

afterAll(async () => {
  await run.stop();
  rmSync(workDir, { recursive: true, force: true });
  await expect(fetch(`${run.apiUrl}/health`)).rejects.toThrow();
});

describe('the local run', () => {
  it('is well in the eyes of its own doctor before the first webhook', async () => {
    writeRunState(workDir, run.state);
    symlinkSync((await preparedRun()).synthDirectory, path.join(workDir, '.local', 'synth'));
    const { exitCode, out, notes } = await ops(['doctor'], { root: workDir, now: Date.now() });
    expect([exitCode, notes]).toEqual([0, '']);
    expect(out).toMatch(/^0 wrong, 0 to look at, \d+ well, \d+ skipped$/m);
    expect(out).toMatch(/^skipped {2}\d+ checks apply only in AWS/m);
    expect(out).not.toMatch(/^skipped .*event-rules/m);
  });

  it('takes a webhook of every sender through to the bus, and archives it so that it verifies again', async () => {
    const events = { stripe: 'payment_intent.succeeded', paypal: 'PAYMENT.CAPTURE.COMPLETED', square: 'payment.completed' } as const;
    for (const sender of senders) {
      const event = sender === 'generic' || sender === 'standard-webhooks' ? 'payment.succeeded' : events[sender];
      const sent = await stage.event(sender, event);
      expect([sender, sent.status, sent.answer['duplicate']]).toEqual([sender, 200, false]);
      const row = await stage.processed(sent);
      expect(row['body']).toBeUndefined();
      expect(stage.publicationsOf(textAt(sent.answer, 'paymentId'))).toHaveLength(1);
      const provider = sender === 'standard-webhooks' ? 'generic' : sender;
      const archived = await readArchivedWebhook(run.clients.s3, stage.bucketOf('ARCHIVE_BUCKET_NAME'), String(row['archiveKey']));
      expect(archived.body.equals(sent.body)).toBe(true);
      const { certificatePem, rootPem } = run.certificates;
      const secretJson = JSON.stringify(run.secrets[provider]);
      const verdict = reverify(archived, {
        provider,
        secretJson,
        receivedAt: new Date(String(row['receivedAt'])),
        certificatePem,
        rootPem,
      });
      expect([sender, verdict]).toEqual([sender, { ok: true }]);
    }
  }, 20_000);

  it('answers what reaches no function in JSON with the id of the request, as the stack says', async () => {
    const unknown = await fetch(`${run.apiUrl}/nowhere`);
    const requestId = unknown.headers.get('x-amzn-requestid');
    expect([unknown.status, await unknown.json()]).toEqual([404, { error: 'Not found', requestId }]);
    const large = await fetch(`${run.apiUrl}/webhook/stripe`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([large.status, await large.json()]).toEqual([
      413,
      { error: 'Body too large', requestId: large.headers.get('x-amzn-requestid') },
    ]);
  });

  it('tells people of what they need to know, once', async () => {
    const high = await stage.event('stripe', 'payment_intent.succeeded', { amount: '10000.01' });
    const atThreshold = await stage.event('stripe', 'payment_intent.succeeded', { amount: '10000' });
    const failed = await stage.event('square', 'payment.failed');
    expect((await stage.post('stripe', high.body)).answer['duplicate']).toBe(true);
    await Promise.all([high, atThreshold, failed].map((sent) => stage.processed(sent)));
    await run.waitForIdle();
    const reasons = [high, atThreshold, failed].map(({ answer }) =>
      stage.alertsOf(textAt(answer, 'paymentId')).map(({ message }) => message.attributes['reason']),
    );
    expect(reasons).toEqual([['high-value'], [], ['payment-failed']]);
  }, 20_000);

  it.each<[string, number, (body: Buffer) => Promise<{ readonly status: number }>]>([
    ['a forged webhook', 401, (body) => stage.post('stripe', body, { forge: true })],
    ['a stale webhook', 401, (body) => stage.post('stripe', body, { at: new Date(Date.now() - 600_000) })],
    ['a body that is no JSON', 400, () => stage.post('stripe', Buffer.from('{"id":'))],
    ['an unknown provider', 404, (body) => fetch(`${run.apiUrl}/webhook/other`, { method: 'POST', body })],
    ['a route that is none', 404, (body) => fetch(`${run.apiUrl}/other`, { method: 'POST', body })],
  ])('answers %s with %i', async (_what, status, send) => {
    const { body } = await stage.event('generic', 'payment.pending');
    expect((await send(body)).status).toBe(status);
  });

  it('says that it is well, on the API and on the Function URL', async () => {
    const healthUrl = Object.values(run.state.outputs)
      .map((outputs) => outputs['HealthCheckUrl'])
      .find((url) => typeof url === 'string');
    for (const url of [`${run.apiUrl}/health`, `${run.apiUrl}/prod/health`, String(healthUrl)]) {
      expect([url, (await fetch(url)).status]).toEqual([url, 200]);
    }
  });

  it('stores, publishes and audits each of many webhooks once', async () => {
    const before = (await stage.eventRows()).length;
    const sent = await Promise.all(Array.from({ length: 60 }, () => stage.event('generic', 'payment.succeeded')));
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]));
    await run.waitForIdle();
    const rows = await stage.eventRows();
    expect(rows.length - before).toBe(60);
    expect(rows.every((row) => row['status'] === 'processed')).toBe(true);
    const publications = sent.map(({ answer }) => stage.publicationsOf(textAt(answer, 'paymentId')).length);
    expect(publications).toEqual(sent.map(() => 1));
    const audited = await stage.auditRecords();
    expect(audited.filter(({ record }) => textAt(record, 'keys', 'eventKey').startsWith('event#'))).toHaveLength(rows.length * 2);
  }, 30_000);

  it('is found, verified, explained and paused by the ops commands', async () => {
    writeRunState(workDir, run.state);
    const paypal = textAt((await stage.event('paypal', 'PAYMENT.CAPTURE.COMPLETED', { amount: '12000' })).answer, 'eventId');
    await run.waitForIdle();
    const command = (...args: readonly string[]) => ops(args, { root: workDir, now: Date.now() });
    expect(await command('verify', paypal)).toMatchObject({ exitCode: 0, out: expect.stringContaining('genuine, by the current secret') });
    const timeline = await command('timeline', paypal);
    for (const hop of ['received', 'archived', 'published', 'alerted', 'audited'])
      expect(timeline.out).toMatch(new RegExp(`^\\d\\S+ \\S+ +${hop} `, 'm'));

    expect(await command('pause', 'processing')).toMatchObject({ exitCode: 0 });
    const held = await stage.event('generic', 'payment.succeeded');
    await run.waitForIdle();
    const heldId = textAt(held.answer, 'eventId');
    expect((await command('events', 'show', heldId, '--json')).json()).toMatchObject({ status: 'received' });
    expect((await command('status')).out).toMatch(/^processing +paused$/m);
    expect(await command('resume', 'processing')).toMatchObject({ exitCode: 0 });
    expect(await stage.processed(held)).toMatchObject({ status: 'processed' });
    expect(stage.publicationsOf(textAt(held.answer, 'paymentId'))).toHaveLength(1);
  }, 30_000);

  it('shows nothing of a body in a log, a metric, an alert, the bus, the audit trail or an ops command', async () => {
    const planted = [...bodyCanaries, ...cardNumbers];
    const id = `pi_${randomUUID()}`;
    const about = {
      receipt_email: bodyCanaries[0],
      description: planted.join(' '),
      metadata: { note: bodyCanaries[1], card: cardNumbers[0] },
    };
    const failed = { code: 'card_declined', message: `declined: ${cardNumbers[1]}` };
    const intent = {
      id,
      object: 'payment_intent',
      amount: 1200,
      currency: 'usd',
      status: 'requires_payment_method',
      last_payment_error: failed,
    };
    const created = Math.floor(Date.now() / 1000);
    const type = 'payment_intent.payment_failed';
    const body = { id: `evt_${id}`, object: 'event', type, created, livemode: false, data: { object: { ...intent, ...about } } };
    const sent = await stage.post('stripe', Buffer.from(JSON.stringify(body)));
    await stage.processed(sent);
    await run.waitForIdle();
    expect(stage.alertsOf(`stripe:${id}`)).toHaveLength(1);
    const command = async (...args: readonly string[]) => (await ops(args, { root: workDir, now: Date.now() })).out;
    const shown = [
      // Lines with metrics are among them.
      ...run.activity.entries.map((entry) => JSON.stringify(entry)),
      ...(await stage.auditRecords()).map(({ record }) => JSON.stringify(record)),
      await command('events', 'show', `evt_${id}`),
      await command('events', 'show', `evt_${id}`, '--json'),
      await command('payments', 'show', `stripe:${id}`),
      await command('timeline', `evt_${id}`),
      await command('verify', `evt_${id}`),
    ];
    expect(shown.filter((text) => text.includes(id)).length).toBeGreaterThan(8);
    assertNothingLeaked('the local run', shown, planted);
  }, 30_000);

  it('leaves no dead letter and makes no call that the embedded AWS does not know', () => {
    expect(stage.deadLetters()).toEqual([]);
    expect(run.aws.unknownCalls).toEqual([]);
    expect(run.activity.entries.filter(({ kind }) => kind === 'problem')).toEqual([]);
  });

  it('never sets the trust in development certificates but for the receiver', () => {
    const texts = run.pipeline.functions.map(({ environment }) => JSON.stringify(environment));
    expect(texts.filter((text) => text.includes('PAYPAL_LOCAL_TRUST'))).toEqual([]);
  });
});

describe('startLocal', () => {
  it('says that its port is taken before it builds anything', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const steps: string[] = [];
    const started = startLocal({ port, findable: false, onStep: (step) => steps.push(step) });
    await expect(started).rejects.toThrow(/is taken: choose another with npm start -- --port <number>/);
    expect(steps).toEqual([]);
    other.close();
  });
});
