import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { scoreOf, type Score } from './mutation/score';
import rooms from './mutation/rooms.json';

interface Options {
  readonly concurrency: number;
  readonly least: number;
  readonly reportOnly?: boolean;
}

const names = Object.keys(rooms);

/** Mutates one room after the other and prints what no test noticed. Returns the exit code. */
function mutate(wanted: readonly string[], { concurrency, least, reportOnly }: Options): number {
  const scores = (wanted.length === 0 ? names : wanted).map((room) => {
    if (reportOnly !== true) runStryker(room, concurrency);
    const score = scoreOf(reportOf(room));
    console.log(`${pc.bold(room.padEnd(22))}${percent(score)}  ${score.detected} of ${score.detected + score.undetected} noticed`);
    for (const survivor of score.survivors) console.log(`    ${survivor}`);
    return { room, score };
  });
  const weak = scores.filter(({ score }) => score.percent < least);
  for (const { room, score } of weak) console.error(pc.red(`mutation: ${room} is at ${percent(score).trim()}, below ${least} %`));
  const [detected, all] = scores.reduce(
    ([noticed, total], { score }) => [noticed + score.detected, total + score.detected + score.undetected],
    [0, 0],
  );
  console.log(`${detected} of ${all} mutants noticed`);
  return weak.length === 0 ? 0 : 1;
}

function runStryker(room: string, concurrency: number): void {
  const stryker = path.resolve('node_modules/@stryker-mutator/core/bin/stryker.js');
  // Thousands of runs of tests: whatever else this machine does comes first.
  const { status, stdout, error } = spawnSync(
    'nice',
    ['-n', '19', process.execPath, stryker, 'run', 'scripts/mutation/stryker.config.mjs'],
    {
      env: { ...process.env, MUTATION_ROOM: room, MUTATION_CONCURRENCY: String(concurrency) },
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`Stryker stopped in ${room}: ${error?.message ?? stdout.trim()}`);
}

function reportOf(room: string): string {
  try {
    return readFileSync(`.local/mutation/${room}.json`, 'utf8');
  } catch (error) {
    throw new Error(`${room} has no report: run "npm run mutation -- ${room}" first`, { cause: error });
  }
}

const percent = (score: Score): string => `${score.percent.toFixed(1)} %`.padStart(8);

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

const examples = `
Rooms: ${names.join(', ')}.

Examples:
  $ npm run mutation                      all rooms; about an hour on two cores, less when run again
  $ npm run mutation -- stripe square
  $ npm run mutation -- --report-only     the last reports again`;

const program = new Command('npm run mutation --')
  .description(
    'Changes the code in thousands of small ways and runs the tests of its room: each change must be noticed (docs/test-strength.md).',
  )
  .argument('[room...]', 'default: all', (room: string, before: readonly string[] | undefined) => {
    if (!names.includes(room)) throw new InvalidArgumentError(`is no room; rooms are ${names.join(', ')}`);
    return [...(before ?? []), room];
  })
  .option('--concurrency <number>', 'test runs at one time', wholeNumber, 1)
  .option('--least <percent>', 'fail below this score', wholeNumber, 85)
  .option('--report-only', 'run nothing, print the last reports')
  .addHelpText('after', examples)
  .action((wanted: readonly string[] | undefined, options: Options) => {
    process.exitCode = mutate(wanted ?? [], options);
  });

try {
  program.parse();
} catch (error) {
  console.error(pc.red(`mutation: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
}
