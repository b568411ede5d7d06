import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';

export interface SynthesisOptions {
  /** Project root. */
  readonly root: string;
  /** Folder of the functions' zips. */
  readonly packageDirectory: string;
  /** Where the stacks' JSON goes; emptied first. */
  readonly outDir: string;
  readonly suffix: string;
  /** Variables for main.ts beside those of this process; undefined takes one away. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/** Runs main.ts as `npm run synth` does, in a process of its own. Throws with what it said when it fails. */
export async function synthesize({ root, packageDirectory, outDir, suffix, variables }: SynthesisOptions): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: root,
    env: {
      ...process.env,
      ...variables,
      CDKTF_OUTDIR: outDir,
      PACKAGE_DIRECTORY: packageDirectory,
      ENVIRONMENT_SUFFIX: suffix,
      LOCAL_RUN: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const listen = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the stacks were not synthesized: ${messageIn(said) || `exit code ${String(code)}`}`);
}

/** The line that says what is wrong, rather than where in the code it was noticed. */
function messageIn(said: string): string {
  const thrown = /^(?:\w*Error|Error \[\w+\]): (.+)$/m.exec(said)?.[1];
  return thrown ?? said.trim();
}
