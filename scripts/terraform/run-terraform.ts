import { spawn } from 'node:child_process';

/** How one call of Terraform ended. */
export interface TerraformResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TerraformOptions {
  /** The folder with the configuration; default: the current one. */
  readonly chdir?: string;
  /** The whole environment of the call; default: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Exit codes that are an answer; any other is thrown as an error with Terraform's own words. Default: 0. */
  readonly accept?: readonly number[];
  /** Gets Terraform's output line by line while it works. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the `terraform` on the PATH without asking anything back. Throws when it is missing or ends with an unaccepted exit code. */
export async function runTerraform(args: readonly string[], options: TerraformOptions = {}): Promise<TerraformResult> {
  const { chdir, env = process.env, accept = [0] } = options;
  const full = [...(chdir === undefined ? [] : [`-chdir=${chdir}`]), ...args];
  const result = await spawnTerraform(full, { ...env, TF_IN_AUTOMATION: '1', TF_INPUT: '0' }, options.onOutput);
  if (accept.includes(result.exitCode)) return result;
  throw new TerraformError(full, result);
}

/** Terraform said no; the message carries what it wrote. */
export class TerraformError extends Error {
  readonly result: TerraformResult;

  constructor(args: readonly string[], result: TerraformResult) {
    // What went wrong stands on stderr; stdout may be a plan of a thousand lines.
    const words = result.stderr.trim() || result.stdout.trim().split('\n').slice(-60).join('\n');
    super(`terraform ${args.join(' ')} ended with exit code ${result.exitCode}:\n${words}`);
    this.name = 'TerraformError';
    this.result = result;
  }
}

function spawnTerraform(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onOutput: ((text: string) => void) | undefined,
): Promise<TerraformResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('terraform', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
        onOutput?.(text);
      });
    }
    child.once('error', (cause) => {
      reject(
        new Error('terraform is not on the PATH: install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install)', {
          cause,
        }),
      );
    });
    child.once('close', (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, ...output });
    });
  });
}
