import { readFileSync } from 'node:fs';
import path from 'node:path';
import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect } from '@jest/globals';
import * as v from 'valibot';
import { awsClients, type AwsClients } from '../../scripts/local/aws-clients';
import type { KnownResource } from '../../scripts/local/pipeline';
import { driveApplied, type AppliedPipeline } from '../../scripts/terraform/applied-pipeline';
import { emulatedVariables, environmentWith } from '../../scripts/terraform/emulated-environment';
import { startEmulator, type Emulator } from '../../scripts/terraform/emulator';
import { findProviderMirror } from '../../scripts/terraform/provider-mirror';
import { awsProviderVersion } from '../../scripts/terraform/provider-version';
import { runTerraform, type TerraformResult } from '../../scripts/terraform/run-terraform';
import { readAppliedStack } from '../../scripts/terraform/terraform-state';
import { toolsProblem } from '../../scripts/terraform/tools';
import { functionsOf } from '../../stacks/naming';
import { breakages, handOn } from './breakages';
import { consumerQueues, makeConsumers } from './consumers';
import { withInvocations } from './invocations';
import { diagnosed, expectOps, opsCases, opsOn, type KnownEvent, type OpsPlace } from './ops-commands';
import { describeWhere, steps } from './requirement';
import { Scenario } from './scenario';
import { scratchProject, type ScratchProject } from './scratch-project';

const suffix = 'dev';
const region = 'ap-southeast-1';
const stateStack = `payment-webhooks-state-${suffix}`;
const dataStack = `payment-webhooks-data-${suffix}`;
const pipelineStack = `payment-webhooks-${suffix}`;

/** How each sender says that 49.90 dollars were paid. */
const sales = [
  ['stripe', 'payment_intent.succeeded'],
  ['paypal', 'PAYMENT.CAPTURE.COMPLETED'],
  ['square', 'payment.completed'],
  ['generic', 'payment.succeeded'],
  ['standard-webhooks', 'payment.succeeded'],
] as const;

const synthesized = v.object({ resource: v.record(v.string(), v.record(v.string(), v.unknown())) });
const stateOutputs = v.object({ StateBucketName: v.object({ value: v.string() }), StateLockTableName: v.object({ value: v.string() }) });

describeWhere(toolsProblem(), 'the real Terraform on the AWS emulator', () => {
  let emulator: Emulator;
  let project: ScratchProject;
  let env: NodeJS.ProcessEnv;
  let clients: AwsClients;
  let applied: AppliedPipeline | undefined;
  let resources: readonly KnownResource[];
  let scenario: Scenario;
  let known: KnownEvent;
  let failedEvent: string;
  const step = steps();
  const driven = (): AppliedPipeline => {
    if (applied === undefined) throw new Error('the applied resources are not at work');
    return applied;
  };

  beforeAll(async () => {
    project = scratchProject();
    emulator = await startEmulator();
    const mirror = findProviderMirror(awsProviderVersion());
    const variables = emulatedVariables({ endpoint: emulator.endpoint, region, folder: project.folder, mirror });
    clients = awsClients(emulator.endpoint, region);
    const subscribers = await makeConsumers(clients, emulator.endpoint, region, emulator.accountId);
    env = { ...environmentWith(variables), ENVIRONMENT_SUFFIX: suffix, SUBSCRIBERS: JSON.stringify(subscribers) };
  });

  afterAll(async () => {
    await applied?.stop();
    clients.destroy();
    await emulator.stop();
    project.remove();
  });

  const place = (): OpsPlace => ({ root: project.folder, suffix, endpoint: emulator.endpoint, region });

  const terraform = (stack: string, args: readonly string[], accept?: readonly number[]): Promise<TerraformResult> =>
    runTerraform(args, { chdir: project.stack(stack), env, ...(accept === undefined ? {} : { accept }) });

  /** Addresses of the resources that synthesis wrote. */
  const written = (stack: string): readonly string[] => {
    const { resource } = v.parse(synthesized, JSON.parse(readFileSync(path.join(project.stack(stack), 'cdk.tf.json'), 'utf8')));
    return Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`));
  };

  const inState = async (stack: string): Promise<readonly string[]> => {
    const { stdout } = await terraform(stack, ['state', 'list']);
    return stdout.split('\n').filter((address) => address !== '' && !address.startsWith('data.'));
  };

  /** Signs the plan review and applies exactly the plan that was reviewed. */
  const applyReviewed = async (stack: string): Promise<void> => {
    await terraform(stack, ['init', '-input=false']);
    await terraform(stack, ['validate']);
    await terraform(stack, ['apply', '-input=false', 'reviewed.tfplan']);
    expect([...(await inState(stack))].sort()).toEqual([...written(stack)].sort());
  };

  const expectNoChanges = async (stack: string): Promise<void> => {
    const { exitCode, stdout } = await terraform(stack, ['plan', '-input=false', '-detailed-exitcode', '-no-color'], [0, 2]);
    expect(exitCode === 0 ? '' : stdout).toBe('');
  };

  step('bootstrap makes the state bucket and the lock table, and names them', async () => {
    await project.run('scripts/bootstrap.ts', [suffix, '--auto-approve'], env);
    const { stdout } = await terraform(stateStack, ['output', '-json']);
    const outputs = v.parse(stateOutputs, JSON.parse(stdout));
    env = { ...env, STATE_BUCKET: outputs.StateBucketName.value, STATE_LOCK_TABLE: outputs.StateLockTableName.value };
    expect(env['STATE_BUCKET']).toEqual(expect.any(String));
    expect(env['STATE_LOCK_TABLE']).toEqual(expect.any(String));
    await project.run('main.ts', [], env);
    await expectNoChanges(stateStack);
  });

  step('the data stack is reviewed and applied by plain Terraform through the S3 backend', async () => {
    const review = await project.run('scripts/plan.ts', [suffix, '--acknowledge-all'], env);
    expect(review).toContain(`${dataStack}: ${written(dataStack).length} created, 0 unchanged`);
    expect(review).toContain(`Not planned:\n  ${pipelineStack}`);
    await applyReviewed(dataStack);
  });

  step("the pipeline stack is reviewed, and deployed by cdktf's command line beside the data stack", async () => {
    const review = await project.run('scripts/plan.ts', [suffix, '--acknowledge-all'], env);
    expect(review).toContain(`${dataStack}: no changes, ${written(dataStack).length} unchanged`);
    expect(review).toContain(`${pipelineStack}: ${written(pipelineStack).length} created, 0 unchanged`);
    const said = await project.cdktf(['deploy', dataStack, pipelineStack, '--auto-approve'], env);
    expect(said).toContain('No changes. Your infrastructure matches the configuration.');
    expect(said).toContain(`Apply complete! Resources: ${written(pipelineStack).length} added, 0 changed, 0 destroyed.`);
    expect([...(await inState(pipelineStack))].sort()).toEqual([...written(pipelineStack)].sort());
  });

  step('a second plan of both has no changes', async () => {
    await Promise.all([dataStack, pipelineStack].map(expectNoChanges));
  });

  step('the states are in the bucket, with their digests in the lock table and encrypted', async () => {
    for (const stack of [dataStack, pipelineStack]) {
      const Key = `${stack}.tfstate`;
      const { ServerSideEncryption, VersionId } = await clients.s3.send(new HeadObjectCommand({ Bucket: env['STATE_BUCKET'], Key }));
      expect(ServerSideEncryption).toBe('aws:kms');
      expect(VersionId).toEqual(expect.any(String));
      const lock = { LockID: { S: `${env['STATE_BUCKET'] ?? ''}/${Key}-md5` } };
      const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName: env['STATE_LOCK_TABLE'], Key: lock }));
      expect(Item?.['Digest']?.S).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  step('no secret is in a state', async () => {
    for (const stack of [dataStack, pipelineStack]) {
      const { stdout } = await terraform(stack, ['state', 'pull']);
      expect(stdout).not.toMatch(/secret_string|development-only|whsec_/);
    }
  });

  step('the applied resources come to work: functions, triggers and routes are read from the state', async () => {
    const states = await Promise.all([dataStack, pipelineStack].map((stack) => readAppliedStack(project.stack(stack), env)));
    resources = states.flatMap((state) => state.resources);
    applied = await driveApplied({ resources, endpoint: emulator.endpoint, region, accountId: emulator.accountId });
    scenario = new Scenario(applied, resources);
    await scenario.openInbox(/payment-alerts/);
    expect(applied.pipeline.functions).toHaveLength(functionsOf({ alertEndpoints: false }).length);
    expect(applied.pipeline.queueTriggers).toHaveLength(2);
    expect(applied.pipeline.streamTriggers).toHaveLength(2);
  });

  step('a signed webhook of every provider is stored, archived, published and audited', async () => {
    const webhooks = sales.map(([sender, event]) => scenario.webhook(sender, event));
    const receipts = await scenario.deliver(webhooks);
    const [first = { eventId: '', paymentId: '' }] = receipts;
    known = { ...first, customerRef: String((await scenario.rows(first.paymentId))[0]?.['customerRef']) };
    for (const [index, { paymentId, duplicate }] of receipts.entries()) {
      expect(duplicate).toBe(false);
      const [row, ...others] = await scenario.rows(paymentId);
      expect(others).toEqual([]);
      expect(row).toMatchObject({ status: 'processed', amountMinor: 4990, currency: 'USD', processedAt: expect.any(String) });
      expect(row).not.toHaveProperty('body');
      expect(await scenario.archived(String(row?.['archiveKey']))).toEqual(webhooks[index]?.body);
    }
    const audited = (await scenario.auditRecords()).map((record) => JSON.stringify(record));
    for (const { paymentId } of receipts) expect(audited.filter((text) => text.includes(paymentId)).length).toBeGreaterThanOrEqual(2);
    expect(await scenario.alerts()).toEqual([]);
    expect(scenario.logLines('event published').map(({ valueBand }) => valueBand)).toEqual(Array.from({ length: 5 }, () => 'standard'));
  });

  step('a payment of high value, a failed one and a dispute alert people once each, whatever is sent again', async () => {
    const webhooks = [
      scenario.webhook('stripe', 'payment_intent.succeeded', { amount: '12000.00', currency: 'USD' }),
      scenario.webhook('square', 'payment.failed'),
      scenario.webhook('paypal', 'CUSTOMER.DISPUTE.CREATED'),
    ];
    failedEvent = (await scenario.deliver(webhooks))[1]?.eventId ?? '';
    const again = await scenario.deliver(webhooks);
    expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true, true]);
    const alerts = await scenario.alerts();
    const reasons = alerts.map(({ MessageAttributes }) => MessageAttributes['reason']?.Value);
    expect(reasons.sort()).toEqual(['dispute-opened', 'high-value', 'payment-failed']);
    expect(alerts.map(({ Subject }) => Subject)).toContainEqual(expect.stringContaining('USD 12000.00'));
  });

  step('subscribers got what their patterns ask for, each event once, over a queue and over a bus', async () => {
    const kindsAt = async (queue: string): Promise<readonly string[]> =>
      (await scenario.deliveredTo(queue)).map(({ detail }) => detail.kind);
    expect(await kindsAt(consumerQueues.orders)).toEqual(['payment.failed']);
    expect(await kindsAt(consumerQueues.warehouse)).toEqual(['dispute.opened']);
  });

  step('a forged webhook is refused and leaves nothing behind', async () => {
    const table = scenario.named('aws_dynamodb_table', /payment-events/, 'name');
    const count = async (): Promise<number | undefined> =>
      (await clients.dynamodb.send(new ScanCommand({ TableName: table, Select: 'COUNT' }))).Count;
    const before = await count();
    for (const [sender, event] of sales) {
      const answer = await scenario.post(scenario.webhook(sender, event, {}, true));
      expect(answer).toMatchObject({ status: 401, body: { error: 'Invalid signature' } });
    }
    expect(await count()).toBe(before);
  });

  step('100 webhooks at once are each stored and published once, and nothing is in a dead-letter queue', async () => {
    const webhooks = Array.from({ length: 100 }, () => scenario.webhook('stripe', 'payment_intent.succeeded'));
    const queue = [...webhooks, ...webhooks];
    const receipts: Awaited<ReturnType<Scenario['postUntilTaken']>>[] = [];
    const sender = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) receipts.push(await scenario.postUntilTaken(next));
    };
    const published = scenario.logLines('event published').length;
    await Promise.all(Array.from({ length: 8 }, sender));
    await applied?.waitForIdle(120_000);
    const payments = new Set(receipts.map(({ paymentId }) => paymentId));
    expect(payments.size).toBe(100);
    for (const paymentId of payments) expect(await scenario.rows(paymentId)).toEqual([expect.objectContaining({ status: 'processed' })]);
    const fresh = receipts.filter(({ duplicate }) => !duplicate).length;
    // What was stored and answered 503 all the same is a duplicate when it comes again.
    const refusals = receipts.reduce((sum, receipt) => sum + receipt.refusals, 0);
    expect([fresh <= 100, fresh >= 100 - refusals]).toEqual([true, true]);
    expect(scenario.logLines('event published').length - published).toBe(100);
    expect(await scenario.deadLetters()).toBe(0);
    expect(scenario.problems()).toEqual([]);
  });

  step('a replay reaches the subscriber again, through the processor and straight over the bus, and alerts nobody', async () => {
    for (const to of ['processing', 'bus']) {
      const ran = await opsOn(place())(['replay', '--event', failedEvent, '--to', to, '--reason', 'a drill', '--json']);
      expect([ran.notes, ran.json()]).toEqual(['', expect.objectContaining({ to, sent: 1, failed: 0 })]);
      await driven().waitForIdle(60_000);
      const events = (await scenario.deliveredTo(consumerQueues.orders)).map(({ detail }) => detail.eventId);
      expect([to, events]).toEqual([to, [failedEvent]]);
    }
    expect(await scenario.alerts()).toEqual([]);
  });

  step('ops reconcile asks the reconciler, which says that no API key is set', async () => {
    const front = await withInvocations(emulator.endpoint, (...call) => driven().invoke(...call));
    const ran = await opsOn({ ...place(), endpoint: front.endpoint })(['reconcile', '--provider', 'stripe', '--dry-run', '--json']);
    await front.close();
    expect([ran.exitCode, ran.notes]).toEqual([
      3,
      expect.stringContaining('no API key of stripe is set: npm run ops -- secrets api-key stripe'),
    ]);
  });

  step('the health check answers on the applied resources', async () => {
    const answer = await fetch(`${applied?.apiUrl ?? ''}/health`);
    expect(answer.status).toBe(200);
    await applied?.stop();
    applied = undefined;
  });

  const hand = () =>
    handOn(place(), emulator.accountId, { stateBucket: env['STATE_BUCKET'] ?? '', lockTable: env['STATE_LOCK_TABLE'] ?? '' });

  for (const [name, command] of Object.entries(opsCases)) {
    step(`ops ${name} works on the applied resources`, () => expectOps(place(), command, known));
  }

  step('the doctor finds nothing wrong, once somebody listens and the Square URL is the deployed one', async () => {
    const before = await diagnosed(place());
    expect(before.map((text) => text.split(':')[0])).toEqual(['square-url', 'topic-subscribers']);
    const Endpoint = `arn:aws:sqs:${region}:${emulator.accountId}:inbox-of-the-proof`;
    const TopicArn = scenario.named('aws_sns_topic', /operations-alarms/, 'arn');
    await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    const advice = await opsOn(place())(['doctor', '--only', 'square-url']);
    const [, url = ''] = /--notification-url (\S+)/.exec(advice.out) ?? [];
    await opsOn(place())(['secrets', 'set', 'square', '--replace', '--notification-url', url], { input: 'development-only-square' });
    expect(await diagnosed(place())).toEqual([]);
  });

  step('the doctor finds each thing that is broken by hand', async () => {
    const by = hand();
    for (const breakage of breakages) {
      await breakage.by(by);
      const found = await diagnosed(place(), [breakage.check]);
      const matching = found.filter((text) => breakage.message.test(text.slice(`${breakage.check}: `.length)));
      expect([breakage.check, found, matching.length]).toEqual([breakage.check, found, 1]);
    }
    for (const { mend } of breakages) await mend?.(by);
    by.close();
  });

  step('of two applies at one time the lock refuses one', async () => {
    const apply = (): Promise<TerraformResult> =>
      terraform(pipelineStack, ['apply', '-auto-approve', '-input=false', '-no-color', '-lock-timeout=0s'], [0, 1]);
    const results = await Promise.all([apply(), apply()]);
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
    const refused = results.find(({ exitCode }) => exitCode === 1);
    expect(refused?.stderr).toContain('Error acquiring the state lock');
  });

  step('an apply mends what was broken, and the doctor agrees', async () => {
    await terraform(dataStack, ['apply', '-auto-approve', '-input=false']);
    expect(await diagnosed(place())).toEqual([]);
  });

  step('destroying the pipeline leaves the data stack and its rows as they are', async () => {
    const table = scenario.named('aws_dynamodb_table', /payment-events/, 'name');
    await project.cdktf(['destroy', pipelineStack, '--auto-approve'], env);
    expect(await inState(pipelineStack)).toEqual([]);
    await expectNoChanges(dataStack);
    const { Count } = await clients.dynamodb.send(new ScanCommand({ TableName: table, Select: 'COUNT' }));
    expect(Count).toBeGreaterThan(100);
  });

  step('the rest is destroyed without a remainder', async () => {
    await terraform(dataStack, ['destroy', '-auto-approve', '-input=false']);
    expect(await inState(dataStack)).toEqual([]);
    await terraform(stateStack, ['destroy', '-auto-approve', '-input=false']);
    expect(await inState(stateStack)).toEqual([]);
  });
});
