import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { isObject, parseJsonObject } from '../local/json';
import { compare, type Figure } from './figure';

interface Load {
  readonly perSecond: number;
  /** Of the whole process: sender, embedded AWS and functions. */
  readonly cpuMsPerWebhook: number;
  readonly heapKbPerWebhook: number;
}

/** CPU that two cores have for one webhook at the goal of 100 a second. */
const cpuMsAtGoal = 20;

/** A whole local run under load, at two sizes: what a webhook costs, and whether the hundred-thousandth costs what the first did. */
export async function benchLocalRun(quick: boolean, events: number): Promise<readonly Figure[]> {
  const rounds = quick ? 1 : 2;
  const small: Load[] = [];
  const large: Load[] = [];
  for (let round = 0; round < rounds; round += 1) {
    small.push(await load(quick ? 300 : 1000));
    large.push(await load(quick ? 900 : events));
  }
  const sizes = quick ? ['300', '900'] : ['1,000', events.toLocaleString('en')];
  const about = { bench: 'local-run', baseline: `at ${sizes[0] ?? ''}` };
  const all = [...small, ...large];
  const pair = (key: keyof Load) => ({ ours: large.map((one) => one[key]), theirs: small.map((one) => one[key]) });
  return [
    compare({ ...about, what: `webhooks answered, ${sizes[1] ?? ''} sent`, unit: '/s', ...pair('perSecond') }),
    compare({ ...about, what: `CPU per webhook, ${sizes[1] ?? ''} sent`, unit: 'ms', ...pair('cpuMsPerWebhook'), goal: { atMost: 1 } }),
    compare({ ...about, what: `heap per webhook, ${sizes[1] ?? ''} sent`, unit: 'KB', ...pair('heapKbPerWebhook'), goal: { atMost: 1 } }),
    compare({
      bench: 'local-run',
      what: 'CPU per webhook, all sizes',
      unit: 'ms',
      baseline: 'two cores at 100/s',
      ours: all.map(({ cpuMsPerWebhook }) => cpuMsPerWebhook),
      theirs: all.map(() => cpuMsAtGoal),
      goal: { atMost: 1 },
    }),
  ];
}

/** Throws when a webhook was lost, or came out twice. */
async function load(count: number): Promise<Load> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/load.ts', '--json', '--count', String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await text(child.stdout);
  const told = parseJsonObject(output.trim().split('\n').at(-1) ?? '');
  if (!isObject(told) || told['ok'] !== true) throw new Error(`npm run load -- --count ${count} failed: run it to see which check`);
  const number = (name: string): number => {
    const value = told[name];
    if (typeof value !== 'number') throw new Error(`npm run load tells no ${name}`);
    return value;
  };
  return {
    perSecond: count / number('answeredSeconds'),
    cpuMsPerWebhook: (number('cpuSeconds') * 1000) / count,
    heapKbPerWebhook: number('heapGrowth') / 1024 / count,
  };
}
