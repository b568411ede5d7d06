import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { isObject, parseJsonObject } from '../local/json';
import { compare, inTurns, type Figure } from './figure';
import { bundleBaseline, emptyHandler, stripeEvent, type BenchStage } from './stage';

const contestants = ['ours', 'empty', 'plain', 'plain-unbundled'] as const;
type Contestant = (typeof contestants)[number];

interface Costs {
  /** From before the process is made until it has ended. */
  readonly wallMs: number[];
  /** What the process itself counts, which a busy machine changes less. */
  readonly cpuMs: number[];
}

/** Loads a handler, answers one webhook and ends, as Lambda does on a cold start. */
const child = `
const handler = require(process.argv[2]).handler;
const event = JSON.parse(process.env.BENCH_EVENT);
const { write } = process.stdout;
process.stdout.write = () => true;
handler(event, { awsRequestId: 'cold' }).then((answer) => {
  const { user, system } = process.cpuUsage();
  process.stdout.write = write;
  process.stdout.write(JSON.stringify({ statusCode: answer.statusCode, cpuMs: (user + system) / 1000 }), () => process.exit());
});
`;

/** A fresh Node process to its first answered webhook: our receiver beside a plain one and beside a handler that does nothing. */
export async function benchColdStart(stage: BenchStage, quick: boolean): Promise<readonly Figure[]> {
  const childFile = path.join(stage.folder, 'cold-start.cjs');
  await writeFile(childFile, child);
  const files: Readonly<Record<Contestant, string>> = {
    ours: stage.bundleOf('webhook-receiver'),
    empty: await emptyHandler(stage),
    plain: await bundleBaseline(stage, 'plain-receiver', 'defaults'),
    'plain-unbundled': await bundleBaseline(stage, 'plain-receiver', 'transpiled'),
  };
  const costs: Record<Contestant, Costs> = {
    ours: { wallMs: [], cpuMs: [] },
    empty: { wallMs: [], cpuMs: [] },
    plain: { wallMs: [], cpuMs: [] },
    'plain-unbundled': { wallMs: [], cpuMs: [] },
  };
  // The first start of each reads its files from the disk.
  for (const name of contestants) await start(childFile, files[name], stage);
  await inTurns(quick ? 6 : 24, contestants, async (name) => {
    const { wallMs, cpuMs } = await start(childFile, files[name], stage);
    costs[name].wallMs.push(wallMs);
    costs[name].cpuMs.push(cpuMs);
  });
  return [...figuresOf(costs, 'wallMs', 'until answered'), ...figuresOf(costs, 'cpuMs', 'CPU time')];
}

function figuresOf(costs: Readonly<Record<Contestant, Costs>>, which: keyof Costs, what: string): readonly Figure[] {
  const about = { bench: 'cold-start', what, unit: 'ms', ours: costs.ours[which] };
  return [
    compare({ ...about, baseline: 'empty handler', theirs: costs.empty[which], goal: { atMost: 4.5 } }),
    compare({ ...about, baseline: 'plain, esbuild defaults', theirs: costs.plain[which], goal: { atMost: 0.6 } }),
    compare({ ...about, baseline: 'plain, unbundled', theirs: costs['plain-unbundled'][which] }),
  ];
}

async function start(childFile: string, handlerFile: string, stage: BenchStage): Promise<{ wallMs: number; cpuMs: number }> {
  const env = { ...stage.variables, PATH: process.env['PATH'], BENCH_EVENT: JSON.stringify(stripeEvent()) };
  const started = performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [childFile, handlerFile], { env });
  const wallMs = performance.now() - started;
  const told = parseJsonObject(stdout);
  if (!isObject(told) || told['statusCode'] !== 200 || typeof told['cpuMs'] !== 'number') {
    throw new Error(`${handlerFile} did not answer its first webhook with 200 but with ${stdout}`);
  }
  return { wallMs, cpuMs: told['cpuMs'] };
}
