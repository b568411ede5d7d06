import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PublishCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage } from '../../../scripts/local/demo/stage';
import { diagramOf } from '../../../scripts/local/page/diagram';
import { textAt } from '../../../scripts/local/json';
import { startLocal, type LocalRun } from '../../../scripts/local/run';
import { writeRunState } from '../../../scripts/local/run-state';
import { startLoopbackServer, type LoopbackServer } from '../../support/loopback-server';
import { preparedRun } from '../../support/prepared-run';
import { ops } from '../ops/ops-stage';

let run: LocalRun;
let stage: Stage;
let workDir: string;
let server: LoopbackServer;
const posted: { readonly path: string | undefined; readonly text: string }[] = [];

beforeAll(async () => {
  server = await startLoopbackServer((request, response, body) => {
    posted.push({ path: request.url, text: textAt(JSON.parse(body), 'text') });
    response.writeHead(200).end('ok');
  });
  workDir = mkdtempSync(path.join(tmpdir(), 'alert-endpoints-'));
  run = await startLocal({ port: 0, findable: false, workDir, prepared: await preparedRun({ ALERT_ENDPOINTS: 'true' }) });
  stage = new Stage(run);
  writeRunState(workDir, run.state);
}, 90_000);

afterAll(async () => {
  await run.stop();
  server.close();
  rmSync(workDir, { recursive: true, force: true });
});

const command = (args: readonly string[], input: string) => ops(args, { root: workDir, now: Date.now(), input });

describe('alerts of the local run', () => {
  it('are set up with the commands of docs/deploy.md, which take an address of this machine', async () => {
    for (const topic of ['alerts', 'operations'])
      expect(await command(['secrets', 'endpoints', 'set', topic], `${server.origin}/${topic}`)).toMatchObject({ exitCode: 0, notes: '' });
    expect((await command(['doctor', '--only', 'alert-endpoints'], '')).exitCode).toBe(0);
  });

  it('are posted by the real bundle, once for a payment', async () => {
    const { answer } = await stage.event('square', 'payment.failed');
    await stage.until('the alert is posted', () => posted.find(({ path: to }) => to === '/alerts'), 20_000);
    await run.waitForIdle();
    expect(posted).toHaveLength(1);
    expect(posted[0]?.text).toMatch(/^\[test\] Payment failed: |^Payment failed: /);
    expect(posted[0]?.text).toContain(textAt(answer, 'paymentId'));
    expect(posted[0]?.text).toContain('Next: ');
  }, 30_000);

  it('are alarms at the other topic, with their runbook page', async () => {
    const TopicArn = `arn:aws:sns:${run.place.region}:${run.place.accountId}:operations-alarms-dev`;
    const alarm = {
      AlarmName: 'payment-webhooks-dev-tampering',
      AlarmDescription: 'A payment row was deleted. Runbook: docs/runbook/tampering.md',
      NewStateValue: 'ALARM',
      NewStateReason: 'Threshold Crossed',
    };
    await run.clients.sns.send(
      new PublishCommand({ TopicArn, Subject: 'ALARM: "payment-webhooks-dev-tampering"', Message: JSON.stringify(alarm) }),
    );
    const found = await stage.until('the alarm is posted', () => posted.find(({ path: to }) => to === '/operations'), 20_000);
    expect(found.text).toBe(
      'ALARM: payment-webhooks-dev-tampering\n\nA payment row was deleted. Runbook: docs/runbook/tampering.md\n\nThreshold Crossed',
    );
  }, 30_000);

  it('are on the console’s picture with their queue and function', () => {
    const names = diagramOf(run.resources, run.pipeline).nodes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['alert-forwarding-dev', 'alert-forwarder-dev']));
  });
});
