import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from '../../scripts/build';
import type { PreparedRun } from '../../scripts/local/run';
import { synthesize } from '../../scripts/local/synthesize';

const root = path.resolve(__dirname, '../..');

/** Zips of all functions, made once for all suites of one jest; the answer is their folder. */
export function preparedPackages(): Promise<string> {
  return once('packages', async (outDir) => {
    await build({ root, outDir });
  });
}

/** Zips and stacks of `dev` with these variables, each made once for all suites of one jest. */
export async function preparedRun(variables: Readonly<Record<string, string>> = {}): Promise<PreparedRun> {
  const name = createHash('sha256').update(JSON.stringify(variables)).digest('hex').slice(0, 8);
  const packageDirectory = await preparedPackages();
  const synthDirectory = await once(`stacks-${name}`, (outDir) => synthesize({ root, packageDirectory, outDir, suffix: 'dev', variables }));
  return { packageDirectory, synthDirectory };
}

/** Makes a folder: whoever asks first does it, while the others wait. Throws what the making threw, in each of them. */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const parent = process.env['PREPARED_RUN_FOLDER'];
  if (parent === undefined) throw new Error('PREPARED_RUN_FOLDER is set by scripts/jest/prepared.cjs, in jest alone');
  const folder = path.join(parent, name);
  const done = `${folder}.json`;
  if (isFirst(`${folder}.making`)) {
    const outcome = await make(folder).then(
      () => null,
      (error: unknown) => String(error),
    );
    writeFileSync(`${done}.draft`, JSON.stringify(outcome));
    renameSync(`${done}.draft`, done);
  }
  while (!existsSync(done)) await sleep(50);
  const failure: unknown = JSON.parse(readFileSync(done, 'utf8'));
  if (typeof failure === 'string') throw new Error(failure);
  return folder;
}

function isFirst(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
