import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from '../build';
import { synthesize } from './synthesize';
import { readSynthesizedStacks, type SynthesizedStack } from './synthesized-stacks';

/** What this machine may say about an environment, and what must not be in a document that is made of it. */
const ownVariables = ['AWS_ACCOUNT_ID', 'STATE_BUCKET', 'STATE_LOCK_TABLE', 'ALERT_EMAILS', 'OPERATIONS_EMAILS'];

export interface ScratchOptions {
  /** Project root. */
  readonly root: string;
  readonly suffix: string;
  /** Folder with the functions' zips; left out, they are built. */
  readonly packageDirectory?: string;
}

/** Synthesizes an environment as its record says, in a folder of its own: neither `dist` nor `cdktf.out` changes. Throws as synthesis does. */
export async function scratchSynthesis({ root, suffix, packageDirectory }: ScratchOptions): Promise<readonly SynthesizedStack[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'payment-webhooks-'));
  try {
    const packages = packageDirectory ?? path.join(scratch, 'dist');
    if (packageDirectory === undefined) await build({ root, outDir: packages });
    const outDir = path.join(scratch, 'synth');
    const variables = Object.fromEntries(ownVariables.map((name) => [name, undefined]));
    await synthesize({ root, packageDirectory: packages, outDir, suffix, variables });
    return readSynthesizedStacks(outDir);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
