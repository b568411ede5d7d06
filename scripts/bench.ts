import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { benchAck } from './bench/ack';
import { chartOf } from './bench/chart';
import { benchColdStart } from './bench/cold-start';
import type { Figure } from './bench/figure';
import { benchLocalRun } from './bench/local-run';
import { benchProcessor } from './bench/processor';
import { benchProviders } from './bench/providers';
import { figureTable, markdownTable, type Report } from './bench/report';
import { openStage, type BenchStage } from './bench/stage';
import { benchToolchain } from './bench/toolchain';
import { parseJsonObject } from './local/json';

interface BenchOptions {
  readonly only?: readonly Name[];
  readonly quick?: boolean;
  readonly events: number;
  readonly out: string;
}

const benches = {
  ack: (stage, { quick = false }) => benchAck(stage, quick),
  'cold-start': (stage, { quick = false }) => benchColdStart(stage, quick),
  providers: (_stage, { quick = false }) => benchProviders(quick),
  processor: (stage, { quick = false }) => benchProcessor(stage, quick),
  'local-run': (_stage, { quick = false, events }) => benchLocalRun(quick, events),
  toolchain: (stage, { quick = false }) => benchToolchain(stage, quick),
} as const satisfies Record<string, (stage: BenchStage, options: BenchOptions) => Promise<readonly Figure[]>>;
type Name = keyof typeof benches;

const names: readonly Name[] = ['ack', 'cold-start', 'providers', 'processor', 'local-run', 'toolchain'];

const program = new Command('npm run bench --')
  .description('Measures the pipeline beside what a user would otherwise have. Every figure is a ratio of two things measured in turns.')
  .addOption(new Option('--only <name...>', 'these benches alone').choices([...names]))
  .option('--quick', 'fewer rounds: to see that it runs, not to quote it')
  .option('--events <number>', 'webhooks of the large local run', positive, 10_000)
  .option('--out <folder>', 'where performance.json, performance.md and performance.svg go', path.join('.local', 'bench'))
  .action(bench);

async function bench(options: BenchOptions): Promise<void> {
  const stage = await openStage();
  const figures: Figure[] = [];
  // Before the benches make a load of their own.
  const machine = {
    node: process.version,
    cores: cpus().length,
    platform: `${process.platform}-${process.arch}`,
    loadBefore: loadavg()[0] ?? 0,
  };
  try {
    for (const name of options.only ?? names) {
      console.error(pc.dim(`${name} …`));
      figures.push(...(await benches[name](stage, options)));
      // After each, for the whole takes long and may be ended.
      await write(options.out, { measuredAt: new Date().toISOString(), command: commandOf(options), machine, figures });
    }
  } finally {
    await stage.close();
  }
  console.log(figureTable(figures));
  if (await hasCostCommand()) console.log('\ncost per million webhooks: npm run cost');
  console.error(pc.dim(`${path.join(options.out, 'performance.{json,md,svg}')} written`));
}

/** Another page has the prices; here only the way to it. */
async function hasCostCommand(): Promise<boolean> {
  const scripts = parseJsonObject(await readFile('package.json', 'utf8'))?.['scripts'];
  return typeof scripts === 'object' && scripts !== null && 'cost' in scripts;
}

async function write(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'performance.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  await writeFile(path.join(folder, 'performance.svg'), chartOf(report.figures));
  await writeFile(path.join(folder, 'performance.md'), `${markdownTable(report.figures)}\n`);
}

function commandOf({ only = [], quick = false, events }: BenchOptions): string {
  const flags = [...(only.length === 0 ? [] : ['--only', ...only]), ...(quick ? ['--quick'] : []), '--events', String(events)];
  return `npm run bench -- ${flags.join(' ')}`;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number above 0');
  return number;
}

function main(): Promise<unknown> {
  if (!existsSync('main.ts')) throw new Error('run this in the project’s folder');
  return program.parseAsync();
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(pc.red(`bench: ${error instanceof Error ? error.message : String(error)}`));
    process.exit(1);
  },
);
