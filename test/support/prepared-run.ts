import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareRun, type PreparedRun } from '../../scripts/local/run';

/**
 * Zips and stacks of `dev`, made once for all suites of one jest: by the first that asks, while the others wait. Throws what the making
 * threw, in each of them.
 */
export async function preparedRun(): Promise<PreparedRun> {
  const workDir = process.env['PREPARED_RUN_FOLDER'];
  if (workDir === undefined) throw new Error('PREPARED_RUN_FOLDER is set by scripts/jest-prepared.cjs, in jest alone');
  const done = path.join(workDir, 'done.json');
  if (isFirst(path.join(workDir, 'making'))) writeFileSync(done, JSON.stringify(await outcomeOf(workDir)));
  while (!existsSync(done)) await sleep(50);
  const failure: unknown = JSON.parse(readFileSync(done, 'utf8'));
  if (typeof failure === 'string') throw new Error(failure);
  return { packageDirectory: path.join(workDir, 'dist'), synthDirectory: path.join(workDir, 'synth') };
}

function isFirst(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

/** Null where all went well, else what went wrong. */
async function outcomeOf(workDir: string): Promise<string | null> {
  try {
    await prepareRun(path.resolve(__dirname, '../..'), 'dev', { workDir });
    return null;
  } catch (error) {
    return String(error);
  }
}
