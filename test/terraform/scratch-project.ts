import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = path.resolve(__dirname, '../..');
const cdktfCli = path.join(root, 'node_modules/cdktf-cli/bundle/bin/cdktf');
/** What a run writes, and what no run reads. */
const own = new Set(['dist', 'cdktf.out', 'coverage', '.git', '.local', 'node_modules', 'test', 'docs']);

/** The project in a folder of its own: its sources are links, what is built, synthesized and applied stays there. */
export interface ScratchProject {
  readonly folder: string;
  /** Folder of a synthesized stack. */
  stack(id: string): string;
  /** Runs a script of the project as a person would there. Returns what it printed; throws with it when the exit code is not accepted. */
  run(script: string, args: readonly string[], env: NodeJS.ProcessEnv, accept?: readonly number[]): Promise<string>;
  /** Runs cdktf's command line there, which synthesizes anew. Returns what it printed, without colours; throws with it when it fails. */
  cdktf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string>;
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
    run: (script, args, env, accept = [0]) => runNode(folder, ['--import', 'tsx', script, ...args], env, accept),
    cdktf: async (args, env) => stripVTControlCharacters(await runNode(folder, [cdktfCli, ...args], { ...env, CI: 'true' }, [0])),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runNode(folder: string, args: readonly string[], env: NodeJS.ProcessEnv, accept: readonly number[]): Promise<string> {
  const child = spawn(process.execPath, args, {
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
      else reject(new Error(`node ${args.join(' ')} ended with exit code ${exitCode ?? 'none'}:\n${printed.join('')}`));
    });
  });
}
