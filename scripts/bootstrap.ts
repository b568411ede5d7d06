import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import * as v from 'valibot';
import { build } from './build';

export interface BootstrapOptions {
  /** Suffix of the environment. */
  readonly suffix: string;
  /** Show what would be made, and make nothing. */
  readonly dryRun: boolean;
  /** Make it without asking. */
  readonly autoApprove: boolean;
  /** Whether somebody is there to answer Terraform's question. */
  readonly interactive: boolean;
}

/** Runs a program with its output on the terminal, or captured. `status` is undefined when the program is not installed. */
export type Run = (
  program: string,
  args: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string>>; readonly capture?: boolean },
) => { readonly status: number | undefined; readonly stdout: string };

export interface MadeState {
  readonly bucket: string;
  readonly lockTable: string;
}

const leastMinorVersion = 11;
const version = v.object({ terraform_version: v.string() });
const outputs = v.object({ StateBucketName: v.object({ value: v.string() }), StateLockTableName: v.object({ value: v.string() }) });

/** Makes the state bucket and the lock table with Terraform. Returns their names, or undefined after a dry run. */
export async function bootstrap(
  options: BootstrapOptions,
  run: Run,
  packages: () => Promise<unknown> = build,
): Promise<MadeState | undefined> {
  const { suffix, dryRun, autoApprove, interactive } = options;
  if (!/^[a-z0-9-]{1,20}$/.test(suffix)) throw new Error(`${JSON.stringify(suffix)} is no environment: 1 to 20 of a-z, 0-9 and -`);
  if (!dryRun && !autoApprove && !interactive) {
    throw new Error('nobody is at the terminal to say yes: pass --auto-approve, or --dry-run to look first');
  }
  checkTerraform(run);
  await packages();
  step(run('npm', ['run', '--silent', 'synth'], { env: { ENVIRONMENT_SUFFIX: suffix } }), 'npm run synth');
  const directory = `-chdir=${path.join('cdktf.out', 'stacks', `payment-webhooks-state-${suffix}`)}`;
  const terraform = (...args: readonly string[]): void => {
    step(run('terraform', [directory, ...args]), `terraform ${args[0] ?? ''}`);
  };
  terraform('init', '-input=false');
  if (dryRun) {
    terraform('plan', '-input=false');
    return undefined;
  }
  terraform('apply', ...(autoApprove ? ['-auto-approve', '-input=false'] : []));
  return madeState(run, directory);
}

function checkTerraform(run: Run): void {
  const { status, stdout } = run('terraform', ['version', '-json'], { capture: true });
  if (status === undefined) {
    throw new Error('terraform is not installed, or not in the PATH: https://developer.hashicorp.com/terraform/install (1.11 or newer)');
  }
  const found = v.safeParse(v.pipe(v.string(), v.parseJson(), version), stdout);
  const text = found.success ? found.output.terraform_version : 'of an unknown version';
  const [major = 0, minor = 0] = text.split('.').map(Number);
  if (major > 1 || (major === 1 && minor >= leastMinorVersion)) return;
  throw new Error(`terraform is ${text}, and 1.${leastMinorVersion} or newer is needed: older ones cannot lock the state in S3`);
}

function madeState(run: Run, directory: string): MadeState {
  const result = run('terraform', [directory, 'output', '-json'], { capture: true });
  step(result, 'terraform output');
  const made = v.parse(v.pipe(v.string(), v.parseJson(), outputs), result.stdout);
  return { bucket: made.StateBucketName.value, lockTable: made.StateLockTableName.value };
}

function step({ status }: ReturnType<Run>, what: string): void {
  if (status === undefined) throw new Error(`${what}: the program is not installed, or not in the PATH`);
  if (status !== 0) throw new Error(`${what} failed with exit code ${status}; its own words are above`);
}

/** Runs programs of this machine, in this folder. */
export const runHere: Run = (program, args, { env = {}, capture = false } = {}) => {
  const { status, stdout, error } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['inherit', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return { status: undefined, stdout: '' };
  return { status: status ?? 1, stdout: capture ? stdout : '' };
};

function whatNow({ bucket, lockTable }: MadeState, suffix: string): string {
  return [
    pc.green(`The state of ${suffix} now has a place. Tell the stacks, in stacks/environments.ts:`),
    '',
    `  state: { bucket: '${bucket}', lockTable: '${lockTable}' },`,
    '',
    'or, for this shell and for CI:',
    '',
    `  export STATE_BUCKET=${bucket} STATE_LOCK_TABLE=${lockTable}`,
    '',
    'Stacks that have a local state already are moved with: terraform -chdir=cdktf.out/stacks/<stack> init -migrate-state',
    `Keep terraform.payment-webhooks-state-${suffix}.tfstate: it is the state of the bucket itself, and holds no secret.`,
  ].join('\n');
}

const usage = `Usage: npm run bootstrap -- [environment] [options]

Makes the S3 bucket and the DynamoDB table that keep and lock the Terraform state of an environment.
Needs terraform 1.11 or newer and AWS credentials. Run once per environment; again, it changes nothing.

  environment     suffix of the environment; default: ENVIRONMENT_SUFFIX, or dev

Options:
  --dry-run       show what would be made, and make nothing
  --auto-approve  make it without asking
  --help          this text`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean' }, 'auto-approve': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  if (positionals.length > 1) throw new Error(`one environment at a time, not ${positionals.join(' and ')}`);
  const suffix = positionals[0] ?? process.env['ENVIRONMENT_SUFFIX'] ?? 'dev';
  const { 'dry-run': dryRun = false, 'auto-approve': autoApprove = false } = values;
  const made = await bootstrap({ suffix, dryRun, autoApprove, interactive: process.stdin.isTTY }, runHere);
  if (made !== undefined) console.log(`\n${whatNow(made, suffix)}`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(pc.red(`bootstrap: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
}
