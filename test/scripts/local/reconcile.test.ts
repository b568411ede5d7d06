import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Stage } from '../../../scripts/local/demo/stage';
import { scheduledEvent } from '../../../scripts/local/event-sources/schedule-trigger';
import { startLocal, type LocalRun } from '../../../scripts/local/run';
import { writeRunState } from '../../../scripts/local/run-state';
import { preparedRun } from '../../support/prepared-run';
import { apiEvent, keys, ProviderApis, type ApiEvent } from '../../support/provider-apis';
import { signStripe } from '../../support/signers';
import { ops } from '../ops/ops-stage';

let apis: ProviderApis;
let run: LocalRun;
let stage: Stage;
let workDir: string;

beforeAll(async () => {
  workDir = mkdtempSync(path.join(tmpdir(), 'reconcile-'));
  apis = await ProviderApis.start();
  run = await startLocal({ port: 0, findable: false, workDir, prepared: await preparedRun(), providerApiOrigin: apis.origin });
  stage = new Stage(run);
  writeRunState(workDir, run.state);
}, 90_000);

afterAll(async () => {
  await Promise.all([run.stop(), apis.close()]);
  rmSync(workDir, { recursive: true, force: true });
});

const minute = 60_000;
const command = (args: readonly string[], input?: string) =>
  ops(args, { root: workDir, now: Date.now(), ...(input === undefined ? {} : { input }) });

/** The receiver's answer to a genuine webhook. */
async function webhook(event: ApiEvent): Promise<unknown> {
  const { headers, body } = signStripe(JSON.stringify(event, null, 2), Date.now(), ...run.secrets.stripe.signingSecrets);
  const entries = Object.entries(headers).map(([name, [value]]) => [name, value ?? ''] as const);
  const answer = await fetch(`${run.apiUrl}/webhook/stripe`, {
    method: 'POST',
    headers: Object.fromEntries(entries),
    body: Buffer.from(body),
  });
  return answer.json();
}

const publications = () => run.activity.entries.flatMap((entry) => (entry.kind === 'published' ? [entry.event.detail] : []));
const published = (number: number) => publications().filter((detail) => detail.includes(`"evt_${number}"`));

/** Events 1 to 30, one a minute, the youngest ten minutes old; the last twenty of them in the dark. */
const events = Array.from({ length: 30 }, (_, index) => apiEvent('stripe', index + 1, Date.now() - (40 - index) * minute));

describe('30 minutes of darkness, on the real bundle', () => {
  it('are off until a key is set, from a pipe, which is never shown', async () => {
    apis.events.stripe.push(...events.map(({ listed }) => listed));
    for (const { webhook: body } of events.slice(0, 10)) expect(await webhook(body)).toMatchObject({ duplicate: false });
    expect(await command(['reconcile', '--provider', 'stripe'])).toMatchObject({
      exitCode: 3,
      notes: expect.stringContaining('no API key of stripe is set: npm run ops -- secrets api-key stripe'),
    });
    const set = await command(['secrets', 'api-key', 'stripe'], keys.stripe.apiKey);
    expect(set).toMatchObject({ exitCode: 0, out: expect.stringContaining('The API key of stripe is set') });
    expect(`${set.out}${set.notes}`).not.toContain('rk_test');
  }, 30_000);

  it('are shown, and not touched, by a dry run', async () => {
    const { exitCode, out } = await command(['reconcile', '--provider', 'stripe', '--dry-run']);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/30 of them expected as webhooks, 20 missed, and would be recovered/)]);
    expect(out.match(/payment\.succeeded +payment_intent\.succeeded +stripe:pi_\d+ +evt_\d+/g)).toHaveLength(20);
    await run.waitForIdle();
    expect(await stage.rowsOf('stripe:pi_30')).toEqual([]);
  }, 30_000);

  it('are recovered whole and once by the schedule, published, and said to be so', async () => {
    const [schedule] = run.pipeline.scheduleTriggers;
    expect(schedule).toMatchObject({ functionName: 'reconciler-dev', everyMs: 15 * minute });
    const runOnce = () => run.invoke('reconciler-dev', scheduledEvent(schedule?.ruleArn ?? '', run.place.region));
    expect(await runOnce()).toMatchObject({ ok: true });
    await run.waitForIdle();
    for (let number = 1; number <= 30; number += 1) expect([number, published(number).length]).toEqual([number, 1]);
    expect(publications().filter((detail) => detail.includes('"source":"reconciled"'))).toHaveLength(20);

    const before = publications().length;
    expect(await runOnce()).toMatchObject({ ok: true });
    await run.waitForIdle();
    expect(publications()).toHaveLength(before);
    expect(await command(['reconcile', '--provider', 'stripe'])).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('Nothing is missed: 30 events in the list of stripe'),
    });
  }, 60_000);

  it('leave webhooks that come after all to be duplicates, without a conflict', async () => {
    expect(await webhook(events[29]?.webhook ?? {})).toMatchObject({ eventId: 'evt_30', duplicate: true });
    await run.waitForIdle();
    expect(published(30)).toHaveLength(1);
    const conflicts = run.activity.entries.filter((entry) => entry.kind === 'log' && entry.fields['message'] === 'webhook conflict');
    expect(conflicts).toEqual([]);
  }, 30_000);

  it('are told by timeline and verify, and no alert of tampering rang for the checkpoints', async () => {
    expect((await command(['timeline', 'evt_30'])).out).toContain("no webhook came: fetched from stripe's list");
    const verified = await command(['verify', 'evt_30']);
    expect([verified.exitCode, verified.out]).toEqual([0, expect.stringContaining('no webhook came')]);
    expect(run.activity.entries.filter((entry) => entry.kind === 'alert' && entry.message.subject?.includes('tampering'))).toEqual([]);
    expect(run.activity.entries.filter((entry) => entry.kind === 'problem')).toEqual([]);
  }, 60_000);
});

/** The message of the event is lost, and 15 minutes have gone by. */
async function loseMessageOf(number: number): Promise<void> {
  const QueueUrl = run.pipeline.queueTriggers.find(({ functionName }) => functionName === 'event-processor-dev')?.queueUrl;
  await run.clients.sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await run.clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: 'payment-events-dev',
      Key: { paymentId: { S: `stripe:pi_${number}` }, eventKey: { S: `event#evt_${number}` } },
      ConditionExpression: 'attribute_exists(pendingBucket)',
      UpdateExpression: 'SET dueAtMs = :long',
      ExpressionAttributeValues: { ':long': { N: '1' } },
    }),
  );
}

describe('an event that was stored and never published', () => {
  it('is enqueued again by the sweep, and leaves the index when it is published', async () => {
    const [functionName] = run.pipeline.scheduleTriggers.map((schedule) => schedule.functionName);
    await command(['pause', 'processing']);
    await webhook(apiEvent('stripe', 77, Date.now()).webhook);
    await run.waitForIdle();
    await loseMessageOf(77);
    expect(await run.invoke(functionName ?? '', scheduledEvent('arn', run.place.region))).toMatchObject({ ok: true });
    expect((await stage.rowsOf('stripe:pi_77'))[0]).toMatchObject({ status: 'received', sweeps: 1 });
    await command(['resume', 'processing']);
    await run.waitForIdle();
    const [row] = await stage.rowsOf('stripe:pi_77');
    expect(row).toMatchObject({ status: 'processed', sweeps: 1 });
    expect([row?.['pendingBucket'], row?.['dueAtMs']]).toEqual([undefined, undefined]);
    expect(published(77)).toHaveLength(1);
  }, 60_000);
});

describe('ops reconcile', () => {
  it.each([
    ['no provider', ['reconcile'], 2, 'required option'],
    ['one without a list', ['reconcile', '--provider', 'generic'], 2, 'Allowed choices are stripe, paypal, square'],
    ['no time', ['reconcile', '--provider', 'stripe', '--since', 'then'], 2, 'A time is 30m'],
    [
      'a window that is turned round',
      ['reconcile', '--provider', 'stripe', '--since', '1h', '--until', '2h'],
      2,
      '--since is after --until',
    ],
    ['what is too long ago', ['reconcile', '--provider', 'stripe', '--since', '31d'], 2, 'cannot be compared any more'],
    ['what is too young', ['reconcile', '--provider', 'stripe', '--since', '1m'], 2, 'older than five minutes'],
  ])('refuses %s', async (_, args, exitCode, line) => {
    expect(await command(args)).toMatchObject({ exitCode, notes: expect.stringContaining(line) });
  });

  it('says in one line what is wrong with the API', async () => {
    apis.answer({ text: '<html>' });
    expect(await command(['reconcile', '--provider', 'stripe'])).toMatchObject({
      exitCode: 1,
      notes: expect.stringMatching(/^ops: the events of stripe cannot be compared \(answer_unreadable\): the answer is no JSON object$/m),
    });
  });
});
