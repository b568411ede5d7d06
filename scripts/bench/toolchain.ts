import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pc from 'picocolors';
import { compare, inTurns, type Figure } from './figure';
import type { BenchStage } from './stage';

const run = promisify(execFile);
/** What `cdktf init` writes into cdktf.json: `"app": "npx ts-node main.ts"`. */
const tsNode = 'ts-node@10.9.2';

/** What a developer waits for: synthesis beside the way that CDKTF's template does it; build, type check and tests beside synthesis. */
export async function benchToolchain(stage: BenchStage, quick: boolean): Promise<readonly Figure[]> {
  const names = ['synth', 'ts-node', 'build', 'typecheck'] as const;
  const register = await installTsNode();
  const taken: Record<(typeof names)[number], number[]> = { synth: [], 'ts-node': [], build: [], typecheck: [] };
  const node = process.execPath;
  const commands = {
    synth: [node, '--import', 'tsx', 'main.ts'],
    'ts-node': [node, register ?? '', 'main.ts'],
    build: [
      node,
      '--import',
      'tsx',
      '-e',
      `require('./scripts/build.ts').build({ outDir: ${JSON.stringify(path.join(stage.folder, 'again'))} })`,
    ],
    typecheck: [node, 'node_modules/typescript/bin/tsc'],
  };
  await inTurns(quick ? 1 : 3, names, async (name) => {
    if (name === 'ts-node' && register === undefined) return;
    const [command = node, ...args] = commands[name];
    const env = { ...process.env, PACKAGE_DIRECTORY: path.join(stage.folder, 'dist'), CDKTF_OUTDIR: path.join(stage.folder, name) };
    taken[name].push(await secondsOf(command, args, env));
  });
  // Once: it takes longer than all of the rounds.
  const tests = quick ? [] : [await secondsOf('npm', ['test'])];
  const about = { bench: 'toolchain', unit: 's' };
  const beside = { baseline: 'synth', theirs: taken.synth };
  return [
    ...(register === undefined
      ? []
      : [
          compare({ ...about, what: 'synth', baseline: 'npx ts-node', ours: taken.synth, theirs: taken['ts-node'], goal: { atMost: 0.4 } }),
        ]),
    compare({ ...about, what: 'build', ours: taken.build, ...beside }),
    compare({ ...about, what: 'typecheck', ours: taken.typecheck, ...beside }),
    ...(tests.length === 0 ? [] : [compare({ ...about, what: 'npm test', ours: tests, ...beside })]),
  ];
}

async function secondsOf(command: string, args: readonly string[], env = process.env): Promise<number> {
  const started = performance.now();
  await run(command, args, { env, maxBuffer: 64 * 1024 * 1024 });
  return (performance.now() - started) / 1000;
}

/** Beside the project, never in it. Undefined, with a line that says so, where the registry does not answer. */
async function installTsNode(): Promise<string | undefined> {
  const folder = path.resolve('.local', 'bench', 'ts-node');
  const bin = path.join(folder, 'node_modules', 'ts-node', 'dist', 'bin.js');
  if (existsSync(bin)) return bin;
  await mkdir(folder, { recursive: true });
  try {
    await run('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', tsNode]);
    return bin;
  } catch (error) {
    const reason =
      error instanceof Error ? (error.message.split('\n').find((line) => line.startsWith('npm error')) ?? error.message) : String(error);
    console.error(pc.yellow(`synth beside ts-node is skipped: ${tsNode} cannot be installed (${reason})`));
    return undefined;
  }
}
