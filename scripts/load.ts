import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { Stage } from './local/demo/stage';
import { startLocal, type LocalRun } from './local/run';
import { sampleBody } from './local/webhook';

interface LoadOptions {
  readonly count: number;
  readonly concurrency: number;
  readonly json?: boolean;
}

const program = new Command('npm run load --')
  .description('Sends many webhooks through a local run of its own and checks that each came out exactly once.')
  .option('--count <number>', 'how many webhooks', positive, 1000)
  .option('--concurrency <number>', 'how many at one time', positive, 32)
  .option('--json', 'print the figures as JSON, for scripts/bench')
  .action(load);

/** One in so many is over the threshold, and one in so many failed: both raise an alert. */
const highValueEvery = 50;
const failedEvery = 40;

/** A machine that is busy with something else takes its time; one on which nothing comes out for so long has lost something. */
const standstillMs = 120_000;
/** After the last publication: alerts and audit of a few seconds, longer the more was sent. */
const idleBaseMs = 60_000;
const idleMsPerWebhook = 10;

async function load({ count, concurrency, json = false }: LoadOptions): Promise<void> {
  const run = await startLocal({ port: 0, findable: false });
  try {
    const published = observePublications(run);
    const stage = new Stage(run);
    const heapBefore = heapAfterCollection();
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    const statuses = await sendAll(stage, count, concurrency);
    const answeredSeconds = (performance.now() - started) / 1000;
    await allPublished(published, count);
    const publishedSeconds = (performance.now() - started) / 1000;
    await run.waitForIdle(idleBaseMs + count * idleMsPerWebhook);
    const { user, system } = process.cpuUsage(cpuBefore);
    const heapAfter = heapAfterCollection();
    await sleep(3000);
    const heapLater = heapAfterCollection();
    const checks = await checked(run, stage, { count, statuses, published, heapAfter, heapLater });
    const ok = checks.every((check) => check.ok);
    if (!ok) process.exitCode = 1;
    if (json) {
      const cpuSeconds = (user + system) / 1e6;
      console.log(JSON.stringify({ count, answeredSeconds, publishedSeconds, cpuSeconds, heapGrowth: heapAfter - heapBefore, ok }));
      return;
    }
    console.log(`${rate(count, answeredSeconds)} answered, ${rate(count, publishedSeconds)} end to end (to the bus)`);
    console.log(`processor: ${((user + system) / 1000 / count).toFixed(1)} ms per webhook, sender and embedded AWS included`);
    console.log(`heap: ${megabytes(heapBefore)} before, ${megabytes(heapAfter)} after, ${megabytes(heapLater)} three seconds later`);
    for (const check of checks) console.log(`${check.ok ? pc.green('✓') : pc.red('✗')} ${check.what}`);
  } finally {
    await run.stop();
  }
}

interface Published {
  readonly ids: Set<string>;
  count: number;
  alerts: number;
  deadLetters: number;
}

function observePublications(run: LocalRun): Published {
  const published: Published = { ids: new Set(), count: 0, alerts: 0, deadLetters: 0 };
  run.aws.on('put-events', ({ detail }) => {
    published.count += 1;
    published.ids.add(/"eventId":"([^"]+)"/.exec(detail)?.[1] ?? '');
  });
  run.aws.on('sns-publish', () => {
    published.alerts += 1;
  });
  run.aws.on('dead-letter', () => {
    published.deadLetters += 1;
  });
  return published;
}

/** Waits as long as something comes out. Throws with what is missing when it stands still. */
async function allPublished(published: Published, count: number): Promise<void> {
  let seen = published.ids.size;
  let movedAt = performance.now();
  while (published.ids.size < count) {
    if (published.ids.size > seen) {
      seen = published.ids.size;
      movedAt = performance.now();
    }
    if (performance.now() - movedAt > standstillMs) {
      throw new Error(`${String(seen)} of ${String(count)} webhooks were published, and none for ${String(standstillMs / 1000)} s`);
    }
    await sleep(25);
  }
}

async function sendAll(stage: Stage, count: number, concurrency: number): Promise<ReadonlyMap<number, number>> {
  const statuses = new Map<number, number>();
  let next = 0;
  const sender = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const status = await sendLikeAProvider(stage, index);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return statuses;
}

/** A 5xx is sent again; that is what providers do, and what the receiver answers when a machine is too busy for its time limits. */
async function sendLikeAProvider(stage: Stage, index: number): Promise<number> {
  const [name, options] = eventAt(index);
  const body = sampleBody('stripe', name, options);
  for (let attempt = 1; ; attempt += 1) {
    const { status } = await stage.post('stripe', body);
    if (status < 500 || attempt === 5) return status;
    console.error(pc.dim(`webhook ${String(index)} was answered ${String(status)} and is sent again`));
    await sleep(500 * attempt);
  }
}

function eventAt(index: number): [string, { amount: string }] {
  if (index % failedEvery === 1) return ['payment_intent.payment_failed', { amount: '20' }];
  return ['payment_intent.succeeded', { amount: index % highValueEvery === 0 ? '12000' : '20' }];
}

interface Outcome {
  readonly count: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly published: Published;
  readonly heapAfter: number;
  readonly heapLater: number;
}

async function checked(run: LocalRun, stage: Stage, { count, statuses, published, heapAfter, heapLater }: Outcome) {
  const rows = await stage.eventRows();
  const processed = rows.filter((row) => row['status'] === 'processed').length;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const alertsDue = indexes.filter((index) => index % failedEvery === 1 || index % highValueEvery === 0).length;
  const ok = statuses.get(200) ?? 0;
  const inDeadLetters = run.aws
    .queueDepths()
    .filter(({ name }) => name.includes('dead'))
    .reduce((sum, { visible }) => sum + visible, 0);
  return [
    { what: `${String(ok)} of ${String(count)} answered 200`, ok: ok === count },
    { what: `${String(rows.length)} rows, ${String(processed)} of them processed`, ok: rows.length === count && processed === count },
    {
      what: `${String(published.count)} bus events for ${String(published.ids.size)} webhooks`,
      ok: published.count === count && published.ids.size === count,
    },
    { what: `${String(published.alerts)} alerts, ${String(alertsDue)} due`, ok: published.alerts === alertsDue },
    { what: `${String(inDeadLetters)} dead letters`, ok: inDeadLetters === 0 && published.deadLetters === 0 },
    { what: `heap grew by ${megabytes(heapLater - heapAfter)} while nothing happened`, ok: heapLater - heapAfter < 2 * 1024 * 1024 },
  ];
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') Reflect.apply(collect, undefined, []);
  return process.memoryUsage().heapUsed;
}

function rate(count: number, seconds: number): string {
  return `${(count / seconds).toFixed(0)}/s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number above 0');
  return number;
}

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(pc.red(`load: ${error instanceof Error ? error.message : String(error)}`));
    process.exit(1);
  },
);
