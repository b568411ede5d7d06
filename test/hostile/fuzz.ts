import { Command, InvalidArgumentError } from 'commander';
import { Pipeline } from './pipeline';
import { runCase, targets } from './targets';

interface Options {
  readonly cases: number;
  readonly seed: number;
  readonly case?: number;
  readonly only?: string;
  readonly seconds?: number;
}

const write = process.stdout.write.bind(process.stdout);
const maxFindings = 20;
/** Of CPU, for one case: hundreds of times what the slowest needs. */
const maxCaseSeconds = 5;
/** In use at the end: twice what long runs level off at. */
const maxMegabytes = 700;

const program = new Command('npm run fuzz --')
  .description('Throws hostile input at the real handlers, in this process, and checks what must hold (docs/hostile-input.md).')
  .option('--cases <number>', 'how many', wholeNumber, 100_000)
  .option('--seed <number>', 'which', wholeNumber, 1)
  .option('--case <number>', 'one case of the seed alone', wholeNumber)
  .option('--seconds <number>', 'stop after so many, however many cases are left', wholeNumber)
  .option('--only <target>', `one of: ${targets.map(({ name }) => name).join(', ')}`)
  .action(fuzz);

async function fuzz(options: Options): Promise<void> {
  const pipeline = new Pipeline();
  const run = await throwAll(pipeline, options);
  pipeline.stop();
  for (const [outcome, count] of [...run.outcomes].sort()) write(`${String(count).padStart(9)}  ${outcome}\n`);
  write(`\n${summaryOf(run, options)}\n`);
  const problems = [...run.findings.values(), ...overBounds(run)];
  for (const problem of problems) write(`\nFOUND ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
  else write('nothing found\n');
}

/** What became of the cases; times in seconds. */
interface Run {
  readonly outcomes: ReadonlyMap<string, number>;
  readonly findings: ReadonlyMap<string, string>;
  readonly slowest: { readonly cpuSeconds: number; readonly caseNumber: number };
  readonly done: number;
  readonly left: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function throwAll(pipeline: Pipeline, { cases, seed, case: one, only, seconds: limit = Infinity }: Options): Promise<Run> {
  const outcomes = new Map<string, number>();
  const findings = new Map<string, string>();
  let slowest = { cpuSeconds: 0, caseNumber: 0 };
  const [started, cpuBefore] = [performance.now(), cpuSeconds()];
  const elapsed = (): number => (performance.now() - started) / 1000;
  const [from, to] = one === undefined ? [0, cases] : [one, one + 1];
  let caseNumber = from;
  for (; caseNumber < to && findings.size < maxFindings && elapsed() < limit; caseNumber += 1) {
    const before = cpuSeconds();
    try {
      const { target, outcome } = await runCase(pipeline, seed, caseNumber, only);
      const key = `${target}: ${outcome}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    } catch (error) {
      const problem = problemIn(error, one !== undefined);
      findings.set(problem.slice(0, 100), problem);
    }
    const took = cpuSeconds() - before;
    if (took > slowest.cpuSeconds) slowest = { cpuSeconds: took, caseNumber };
    if (caseNumber % 50_000 === 49_999) write(`${caseNumber + 1} cases, ${megabytes()} MB in use\n`);
  }
  const counts = { done: caseNumber - from, left: to - caseNumber };
  return { outcomes, findings, slowest, ...counts, seconds: elapsed(), cpuSeconds: cpuSeconds() - cpuBefore };
}

function problemIn(error: unknown, whole: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return whole ? `${error.message}\n${String(error.cause)}` : error.message;
}

function overBounds({ slowest, done }: Run): readonly string[] {
  const slow = `case ${slowest.caseNumber} took ${slowest.cpuSeconds.toFixed(1)} s of CPU`;
  const large = `${megabytes()} MB are in use after ${done} cases`;
  return [...(slowest.cpuSeconds > maxCaseSeconds ? [slow] : []), ...(megabytes() > maxMegabytes ? [large] : [])];
}

function summaryOf({ done, left, seconds, cpuSeconds: cpu, slowest }: Run, { seed }: Options): string {
  return [
    `seed ${seed}: ${done} cases in ${seconds.toFixed(1)} s, ${(done / seconds).toFixed(0)} per second; ${cpu.toFixed(1)} s of CPU`,
    `slowest ${(slowest.cpuSeconds * 1000).toFixed(0)} ms of CPU (case ${slowest.caseNumber}); ${megabytes()} MB`,
    ...(left > 0 ? [`stopped early: ${left} cases were not run`] : []),
  ].join('; ');
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function megabytes(): number {
  return Math.round(process.memoryUsage().rss / 1e6);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

void program.parseAsync();
