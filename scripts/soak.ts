import { setTimeout as sleep } from 'node:timers/promises';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { Stage } from './local/demo/stage';
import { startLocal, type LocalRun } from './local/run';
import { isThrough, lossChecks, memoryChecks, observe } from './soak/checks';
import { Load } from './soak/load';
import { memoryNow, megabytes, type Memory } from './soak/memory';
import { createWeather, type Weather } from './soak/weather';

interface SoakOptions {
  readonly minutes: number;
  readonly rate: number;
}

const program = new Command('npm run soak --')
  .description(
    'Steady load on a local run of its own while AWS has bad days: nothing may be lost, alerts exact, memory flat (docs/reliability.md).',
  )
  .option('--minutes <number>', 'how long', positive, 2)
  .option('--rate <number>', 'webhooks per second', positive, 5)
  .action(soak);

/** Faults are on for two phases, then off for one; a short run has shorter ones, so that each of them has its turn in either half. */
const phaseMs = 3000;
const phasesPerHalf = 18;
/** The stacks' half hour is for AWS: a message whose function died, or that was not deleted, must come again while this runs. */
const visibilitySeconds = 15;
/** Receives of a message, its visibility and the lease of an alert: all of it together. */
const settleMs = 90_000;

async function soak({ minutes, rate }: SoakOptions): Promise<void> {
  const run = await startLocal({ port: 0, findable: false });
  try {
    await hurryQueues(run);
    const stage = new Stage(run);
    const observed = observe(run);
    const weather = createWeather(run.aws.faults);
    const load = new Load(stage);
    const before = memoryNow();
    await sendFor((minutes * 60_000) / 2, rate, load, weather);
    const half = await calm(load);
    const eventsAtHalf = load.sent.length;
    await sendFor((minutes * 60_000) / 2, rate, load, weather);
    await calm(load);
    const through = await comesThrough(run, stage, () => isThrough(load.sent, observed));
    const end = memoryNow();
    await sleep(3000);
    const checks = [
      through,
      ...(await lossChecks(stage, load.sent, load.refused, observed)),
      ...memoryChecks(half, end, memoryNow(), load.sent.length - eventsAtHalf),
      strikesCheck(weather),
      { what: `${run.aws.unknownCalls.length} calls that the embedded AWS does not know`, ok: run.aws.unknownCalls.length === 0 },
    ];
    tell(weather, load, [before, half, end]);
    for (const { what, ok } of checks) console.log(`${ok ? pc.green('✓') : pc.red('✗')} ${what}`);
    if (checks.some(({ ok }) => !ok)) process.exitCode = 1;
  } finally {
    await run.stop();
  }
}

async function hurryQueues({ pipeline, clients }: LocalRun): Promise<void> {
  for (const { queueUrl: QueueUrl } of pipeline.queueTriggers) {
    await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(visibilitySeconds) } }));
  }
}

/** Sends at a steady rate, with faults coming and going; leaves none on. */
async function sendFor(ms: number, rate: number, load: Load, weather: Weather): Promise<void> {
  const started = performance.now();
  let turns = 0;
  for (let sent = 0; performance.now() - started < ms; sent += 1) {
    load.sendNext();
    const elapsed = performance.now() - started;
    const phase = Math.floor(elapsed / Math.min(phaseMs, ms / phasesPerHalf));
    if (phase >= turns) {
      turns = phase + 1;
      if (phase % 3 === 2) weather.clear();
      else if (phase % 3 === 0) weather.turn();
    }
    await sleep(Math.max(0, ((sent + 1) * 1000) / rate - elapsed));
  }
  weather.clear();
}

/** Waits for the answers and measures. */
async function calm(load: Load): Promise<Memory> {
  await load.settled();
  await sleep(1000);
  return memoryNow();
}

/** Waits for the end of everything; what has not come through by then is told by the checks. */
async function comesThrough(run: LocalRun, stage: Stage, isDone: () => boolean) {
  const what = `everything came to rest within ${2 * (settleMs / 1000)} s of the last webhook`;
  try {
    await stage.until(what, () => isDone() || undefined, settleMs);
    await run.waitForIdle(settleMs);
    return { what, ok: true };
  } catch (error) {
    return { what: `${what}: ${error instanceof Error ? error.message : String(error)}`, ok: false };
  }
}

/** A fault that never struck proves nothing. */
function strikesCheck({ strikes }: Weather) {
  const idle = [...strikes].filter(([, count]) => count === 0).map(([name]) => name);
  return { what: `every fault struck${idle.length === 0 ? '' : `, but for: ${idle.join(', ')}`}`, ok: idle.length === 0 };
}

function tell({ strikes }: Weather, load: Load, memory: readonly Memory[]): void {
  for (const [name, count] of strikes) console.log(`${String(count).padStart(6)}  ${name}`);
  console.log(`${load.sent.length} events, ${load.retries} answers of 5xx that were sent again`);
  console.log(
    `heap: ${memory.map(({ heap }) => megabytes(heap)).join(', ')}; process: ${memory.map(({ resident }) => megabytes(resident)).join(', ')}`,
  );
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0) throw new InvalidArgumentError('a number above 0');
  return number;
}

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(pc.red(`soak: ${error instanceof Error ? error.message : String(error)}`));
    process.exit(1);
  },
);
