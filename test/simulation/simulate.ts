import { createHash } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { shipped, type Code } from './functions';
import { find, mutants } from './mutants';
import { planOf, type Plan } from './plan';
import { brokenPromises, type Broken } from './promises';
import { runPlan } from './run';
import { shortestPlan } from './shrink';
import { Tally } from './tally';
import { wordsOf } from './words';

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly run?: number;
  readonly mutants?: true;
  readonly mutant?: string;
}

const write = process.stdout.write.bind(process.stdout);
const maxMutantRuns = 1000;

const program = new Command('npm run simulate --')
  .description(
    'Runs the whole pipeline over a model of AWS in virtual time, breaks what can break, and checks the promises (docs/reliability.md).',
  )
  .option('--runs <number>', 'how many', wholeNumber, 10_000)
  .option('--seed <number>', 'which', wholeNumber, 1)
  .option('--run <number>', 'one run of the seed alone, step by step', wholeNumber)
  .option('--mutants', `plants ${mutants.length} faults, one at a time, and says what found each`)
  .option('--mutant <name>', `runs with one of them: ${mutants.map(({ name }) => name).join(', ')}`, mutantNamed)
  .action(simulate);

async function simulate({ runs, seed, run, mutants: all, mutant }: Options): Promise<void> {
  const code = mutants.find(({ name }) => name === mutant)?.code ?? shipped;
  if (all === true) return tryMutants(seed);
  if (run !== undefined) return show(planOf(seed, run), code);
  const started = performance.now();
  const digest = createHash('sha256');
  const tally = new Tally();
  for (let number = 0; number < runs; number += 1) {
    const plan = planOf(seed, number);
    const lines: string[] = [];
    const done = await runPlan(plan, code, (at, text) => lines.push(`${at} ${text}\n`));
    digest.update(lines.join(''));
    tally.add(done);
    const [broken] = brokenPromises(done);
    if (broken !== undefined) {
      write(`seed ${seed}, run ${number} breaks ${broken.promise}\n`);
      return explain(plan, broken, code);
    }
    if (number % 1000 === 999) write(`${number + 1} runs\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  write(`\n${tally.words().join('\n')}\n\n`);
  write(
    `seed ${seed}: ${runs} runs in ${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(0)} per second; digest of every step ${digest.digest('hex').slice(0, 16)}\n`,
  );
  write('every promise was kept\n');
}

/** One run, step by step, and what it broke. */
async function show(plan: Plan, code: Code): Promise<void> {
  const [broken] = await tell(plan, code);
  if (broken === undefined) write('\nevery promise was kept\n');
  else await explain(plan, broken, code);
}

async function explain(plan: Plan, broken: Broken, code: Code): Promise<void> {
  process.exitCode = 1;
  write(`\nlooking for a shorter way to break it …\n`);
  const shortest = await shortestPlan(plan, broken, code);
  await tell(shortest, code);
}

/** Prints the plan and its run in words; answers with the promises that it broke. */
async function tell(plan: Plan, code: Code): Promise<Broken[]> {
  write('\nThe plan:\n');
  for (const sentence of wordsOf(plan)) write(`  ${sentence}\n`);
  write('\nWhat happens:\n');
  const run = await runPlan(plan, code, (at, text) => write(`${(at / 1000).toFixed(3).padStart(12)}  ${text}\n`));
  const broken = brokenPromises(run);
  for (const { promise, invariant, what } of broken) write(`\nBROKEN ${promise}: ${invariant}\n  ${what}\n`);
  return broken;
}

async function tryMutants(seed: number): Promise<void> {
  for (const { name, what, code } of mutants) {
    const finding = await find(code, seed, maxMutantRuns);
    if (finding === undefined) process.exitCode = 1;
    const found =
      finding === undefined
        ? `NOT FOUND in ${maxMutantRuns} runs`
        : `run ${finding.runs}: ${finding.broken.promise}, ${finding.broken.invariant}`;
    write(`${name.padEnd(28)} ${what}\n${' '.repeat(28)} ${found}\n`);
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

function mutantNamed(text: string): string {
  if (!mutants.some(({ name }) => name === text)) throw new InvalidArgumentError('is none of the mutants');
  return text;
}

void program.parseAsync();
