import { Command, InvalidArgumentError } from 'commander';
import { Pipeline } from './pipeline';
import { runCase, targets } from './targets';

interface Options {
  readonly cases: number;
  readonly seed: number;
  readonly case?: number;
  readonly only?: string;
}

const write = process.stdout.write.bind(process.stdout);
const maxFindings = 20;

const program = new Command('npm run fuzz --')
  .description('Throws hostile input at the real handlers, in this process, and checks what must hold (docs/hostile-input.md).')
  .option('--cases <number>', 'how many', wholeNumber, 100_000)
  .option('--seed <number>', 'which', wholeNumber, 1)
  .option('--case <number>', 'one case of the seed alone', wholeNumber)
  .option('--only <target>', `one of: ${targets.map(({ name }) => name).join(', ')}`)
  .action(fuzz);

async function fuzz({ cases, seed, case: one, only }: Options): Promise<void> {
  const pipeline = new Pipeline();
  const outcomes = new Map<string, number>();
  const findings = new Map<string, string>();
  let slowest = { ms: 0, caseNumber: 0 };
  const started = performance.now();
  const { user, system } = process.cpuUsage();
  const [from, to] = one === undefined ? [0, cases] : [one, one + 1];
  for (let caseNumber = from; caseNumber < to && findings.size < maxFindings; caseNumber += 1) {
    const before = performance.now();
    try {
      const { target, outcome } = await runCase(pipeline, seed, caseNumber, only);
      const key = `${target}: ${outcome}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    } catch (error) {
      const problem =
        error instanceof Error ? (one === undefined ? error.message : `${error.message}\n${String(error.cause)}`) : String(error);
      findings.set(problem.slice(0, 100), problem);
    }
    const ms = performance.now() - before;
    if (ms > slowest.ms) slowest = { ms, caseNumber };
    if (caseNumber % 50_000 === 49_999) write(`${caseNumber + 1} cases, ${megabytes()} in use\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage({ user, system });
  pipeline.stop();
  for (const [outcome, count] of [...outcomes].sort()) write(`${String(count).padStart(9)}  ${outcome}\n`);
  write(`\nseed ${seed}: ${to - from} cases in ${seconds.toFixed(1)} s, ${((to - from) / seconds).toFixed(0)} per second; `);
  write(
    `${((cpu.user + cpu.system) / 1e6).toFixed(1)} s of CPU; slowest ${slowest.ms.toFixed(0)} ms (case ${slowest.caseNumber}); ${megabytes()}\n`,
  );
  for (const problem of findings.values()) write(`\nFOUND ${problem}\n`);
  if (findings.size > 0) process.exitCode = 1;
  else write('nothing found\n');
}

function megabytes(): string {
  return `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('must be a whole number');
  return Number(text);
}

void program.parseAsync();
