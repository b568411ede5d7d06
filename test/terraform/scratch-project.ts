import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
/** What a run writes, and what no run reads. */
const own = new Set(['dist', 'cdktf.out', 'coverage', '.git', '.local', 'node_modules', 'test', 'docs']);

/** The project in a folder of its own: its sources are links, what is built, synthesized and applied stays there. */
export interface ScratchProject {
  readonly folder: string;
  /** Folder of a synthesized stack. */
  stack(id: string): string;
  /** Runs a script of the project as a person would there. Returns what it printed; throws with it when the exit code is not accepted. */
  run(script: string, args: readonly string[], env: NodeJS.ProcessEnv, accept?: readonly number[]): Promise<string>;
  remove(): void;
}

export function scratchProject(): ScratchProject {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'payment-webhooks-proof-')));
  for (const entry of readdirSync(root)) {
    if (!own.has(entry) && !entry.startsWith('terraform.')) symlinkSync(path.join(root, entry), path.join(folder, entry));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  mkdirSync(path.join(folder, 'dist'));
  return {
    folder,
    stack: (id) => path.join(folder, 'cdktf.out/stacks', id),
    run: (script, args, env, accept = [0]) => runScript(folder, script, args, env, accept),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runScript(
  folder: string,
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  accept: readonly number[],
): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: folder,
    // The sources are links, so what main.ts finds beside itself is the real project's.
    env: { ...env, PACKAGE_DIRECTORY: path.join(folder, 'dist'), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      if (accept.includes(exitCode ?? 1)) resolve(printed.join(''));
      else reject(new Error(`${script} ${args.join(' ')} ended with exit code ${exitCode ?? 'none'}:\n${printed.join('')}`));
    });
  });
}
