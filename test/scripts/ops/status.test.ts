import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateQueueCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startControl, type Control } from '../../../scripts/local/control';
import { writeRunState } from '../../../scripts/local/run-state';
import { aRunState } from '../../support/run-state';
import { ops, OpsStage } from './ops-stage';

let stage: OpsStage;
let control: Control;
let root: string;
const paused = new Set<string>();

beforeAll(async () => {
  stage = await OpsStage.start();
  const { names, aws } = stage;
  const functions = [names.ofFunction('event-processor'), names.ofFunction('notification-handler')];
  control = await startControl({
    host: {
      get queueTriggers() {
        return functions.map((functionName) => ({ functionName, queueArn: 'arn', paused: paused.has(functionName) }));
      },
      setPaused: (name, pause) => {
        if (pause) paused.add(name);
        else paused.delete(name);
        return Promise.resolve();
      },
      invoke: (name) => Promise.reject(new Error(`there is no function ${name} in the stacks`)),
    },
    aws,
    metrics: {
      summary: () => ({
        counts: { WebhookReceived: 7, WebhookDuplicate: 2, WebhookRejected: 1, EventPublished: 7, AlertSent: 1 },
        lagP99Ms: 340,
      }),
    },
  });
  root = mkdtempSync(path.join(tmpdir(), 'ops-'));
  const { endpoint: awsEndpoint, region, accountId } = aws;
  writeRunState(root, aRunState({ awsEndpoint, region, accountId, suffix: 'test', control: { url: control.url, token: control.token } }));
  await stage.setSecret('stripe', { signingSecrets: ['whsec_x'] });
  const receivedAt = new Date(Date.now() - 3 * 3_600_000).toISOString();
  await stage.putEvent({ eventId: 'evt_1', occurredAt: receivedAt, receivedAt });
  await stage.putEvent({ eventId: 'evt_0', paymentId: 'stripe:pi_0', kind: 'other', occurredAt: '2026-01-01T00:00:00.000Z' });
  await stage.send(stage.names.auditDeadLetters, '{}');
  await stage.send(stage.names.processingQueue, '{}');
});

afterAll(async () => {
  await control.close();
  await stage.stop();
  rmSync(root, { recursive: true });
});

describe('status', () => {
  it('shows queues, stages, providers and secrets of a local run on one screen', async () => {
    const { exitCode, out, notes } = await ops(['status'], { root, now: Date.now() });
    expect([exitCode, notes]).toEqual([0, '']);
    expect(out).toMatch(/^payment-processing-test +1 +0 +\d+ s$/m);
    expect(out).toMatch(/^audit-logger-dead-letters-test +1 +0 +\d+ s$/m);
    expect(out).toMatch(/^processing +running$/m);
    expect(out).toMatch(/^stripe +3 h ago +payment\.succeeded +set \d+ s ago$/m);
    expect(out).toMatch(/^paypal +none in 7 d +NOT SET$/m);
    expect(out).toMatch(/^last hour  7 stored, 2 duplicates, 1 rejected; 7 published, 99 % of them within 0\.3 s; 1 alerts$/m);
    expect(out).toMatch(/^not known: alarms and how far the streams are behind: a local run has no CloudWatch$/m);
    expect(out.split('\n').length).toBeLessThan(28);
  });

  it('has the queue of the posted alerts where there is one', async () => {
    const shown = async () => (await ops(['status'], { root, now: Date.now() })).out;
    expect(await shown()).not.toContain(stage.names.forwardingQueue);
    const { QueueUrl } = await stage.clients.sqs.send(new CreateQueueCommand({ QueueName: stage.names.forwardingQueue }));
    expect(await shown()).toContain(stage.names.forwardingQueue);
    await stage.clients.sqs.send(new DeleteQueueCommand({ QueueUrl }));
  });

  it('says of an environment what it can, and why it cannot the rest', async () => {
    const { exitCode, out } = await stage.run(['status'], { now: Date.now() });
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(/^test in ap-southeast-1 at http[\s\S]*not known: throughput, ages and lag: [\s\S]*processing +unknown/),
    ]);
    expect((await stage.run(['status', '--json'], { now: Date.now() })).json()).toMatchObject({
      traffic: null,
      alarms: null,
      stages: [{ stage: 'processing', state: 'unknown' }, {}],
      unknown: expect.arrayContaining([expect.stringMatching(/^alarms: /), expect.stringMatching(/^processing: /)]),
    });
  }, 20_000);
});

describe('pause and resume', () => {
  it('hold a stage of a local run and let it go on', async () => {
    expect(await ops(['pause', 'processing'], { root })).toMatchObject({
      exitCode: 0,
      out: 'processing is paused (the local run at http://127.0.0.1:1): npm run ops -- resume processing',
    });
    expect([...paused]).toEqual(['event-processor-test']);
    expect((await ops(['status'], { root })).out).toMatch(/^processing +paused$/m);
    expect(await ops(['resume', 'processing', '--json'], { root })).toMatchObject({ exitCode: 0 });
    expect([...paused]).toEqual([]);
  });

  it('know two stages', async () => {
    expect(await ops(['pause', 'ingestion'], { root })).toMatchObject({
      exitCode: 2,
      notes: expect.stringMatching(/processing, notifications/),
    });
  });
});

describe('doctor of a local run', () => {
  it('looks at what there is, and counts what only AWS has', async () => {
    await ops(['pause', 'processing'], { root });
    const { exitCode, out, notes } = await ops(['doctor'], { root, now: Date.now() });
    await ops(['resume', 'processing'], { root });
    expect([exitCode, notes]).toEqual([1, expect.stringMatching(/^ops: \d+ things are wrong$/)]);
    expect(out).toMatch(/^error {4}mapping-enabled: processing is paused: its work piles up\n +mend: npm run ops -- resume processing$/m);
    expect(out).toMatch(/^error {4}dead-letters: 1 in audit: changed, not in the audit trail$/m);
    expect(out).toMatch(/^error {4}secret-set: the secret of paypal has no value/m);
    expect(out).toMatch(/^skipped {2}\d+ checks apply only in AWS \(npm run ops -- doctor --list\)$/m);
    expect(out).not.toContain('a local run:');
    expect(out).not.toMatch(/the check itself failed/);
  }, 30_000);

  it('says why a check that was asked for by name does not apply', async () => {
    const { exitCode, out } = await ops(['doctor', '--only', 'alarm-missing', 'alarm-state'], { root, now: Date.now() });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^skipped {2}alarm-missing, alarm-state: a local run: there is no monitoring on a laptop$/m);
  });
});

describe('the control of a local run', () => {
  it('answers nobody without its token', async () => {
    for (const authorization of ['', 'Bearer ', `Bearer ${control.token.slice(1)}`, `Bearer ${'x'.repeat(control.token.length)}`]) {
      const answer = await fetch(`${control.url}/functions/event-processor-test/pause`, { method: 'POST', headers: { authorization } });
      expect([authorization, answer.status, [...paused]]).toEqual([authorization, 401, []]);
    }
  });

  it('knows its calls only', async () => {
    const headers = { authorization: `Bearer ${control.token}` };
    const asked = [
      ['GET', '/functions/a/pause'],
      ['POST', '/status'],
      ['GET', '/'],
      ['DELETE', '/status'],
    ] as const;
    for (const [method, url] of asked)
      expect([method, url, (await fetch(`${control.url}${url}`, { method, headers })).status]).toEqual([method, url, 404]);
  });
});
