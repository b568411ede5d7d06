import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { bootstrap, runHere, type BootstrapOptions, type Run } from '../../scripts/bootstrap';
import { stackIds } from '../../stacks/naming';

interface Call {
  readonly line: string;
  readonly env: Readonly<Record<string, string>>;
}

const outputs = JSON.stringify({ StateBucketName: { value: 'the-bucket' }, StateLockTableName: { value: 'the-locks' } });
const directory = '-chdir=cdktf.out/stacks/payment-webhooks-state-staging';

/** A machine with terraform on it; `answers` replaces what a command line beginning with these words gives. */
function machine(answers: Readonly<Record<string, ReturnType<Run>>> = {}) {
  const calls: Call[] = [];
  const known: Readonly<Record<string, ReturnType<Run>>> = {
    'terraform version': { status: 0, stdout: '{"terraform_version":"1.11.4"}' },
    [`terraform ${directory} output`]: { status: 0, stdout: outputs },
    ...answers,
  };
  const run: Run = (program, args, { env = {} } = {}) => {
    const line = [program, ...args].join(' ');
    calls.push({ line, env });
    const found = Object.entries(known).find(([start]) => line.startsWith(start));
    return found?.[1] ?? { status: 0, stdout: '' };
  };
  return { run, calls };
}

function start(run: Run, changes: Partial<BootstrapOptions> = {}) {
  const options = { suffix: 'staging', dryRun: false, autoApprove: true, interactive: false, ...changes };
  return bootstrap(options, run, () => Promise.resolve());
}

describe('bootstrap', () => {
  it('synthesizes the environment, applies its state stack and tells the names', async () => {
    const { run, calls } = machine();
    await expect(start(run)).resolves.toEqual({ bucket: 'the-bucket', lockTable: 'the-locks' });
    expect(calls.map((call) => call.line)).toEqual([
      'terraform version -json',
      'npm run --silent synth',
      `terraform ${directory} init -input=false`,
      `terraform ${directory} apply -auto-approve -input=false`,
      `terraform ${directory} output -json`,
    ]);
    expect(calls[1]?.env).toEqual({ ENVIRONMENT_SUFFIX: 'staging' });
  });

  it('works in the folder that the state stack is synthesized into', () => {
    expect(directory.endsWith(stackIds('staging').state)).toBe(true);
  });

  it('builds the packages before it synthesizes, as the other stacks need them', async () => {
    const { run, calls } = machine();
    const order: string[] = [];
    await bootstrap({ suffix: 'dev', dryRun: true, autoApprove: false, interactive: false }, run, () => {
      order.push(...calls.map((call) => call.line));
      return Promise.resolve();
    });
    expect(order).toEqual(['terraform version -json']);
  });

  it('makes nothing in a dry run', async () => {
    const { run, calls } = machine();
    await expect(start(run, { dryRun: true, autoApprove: false })).resolves.toBeUndefined();
    expect(calls.at(-1)?.line).toBe(`terraform ${directory} plan -input=false`);
    expect(calls.filter((call) => call.line.includes('apply'))).toEqual([]);
  });

  it('leaves the question to Terraform when somebody is there to answer it', async () => {
    const { run, calls } = machine();
    await start(run, { autoApprove: false, interactive: true });
    expect(calls.map((call) => call.line)).toContain(`terraform ${directory} apply`);
  });

  it('applies nothing when nobody can say yes', async () => {
    const { run, calls } = machine();
    await expect(start(run, { autoApprove: false })).rejects.toThrow('--auto-approve');
    expect(calls).toEqual([]);
  });

  it('says where to get terraform when it is missing', async () => {
    const { run } = machine({ 'terraform version': { status: undefined, stdout: '' } });
    await expect(start(run)).rejects.toThrow(/terraform is not installed.*https:/);
  });

  it.each(['1.10.5', '0.15.0'])('refuses terraform %s, which cannot lock the state in S3', async (version) => {
    const { run } = machine({ 'terraform version': { status: 0, stdout: JSON.stringify({ terraform_version: version }) } });
    await expect(start(run)).rejects.toThrow(`terraform is ${version}, and 1.11 or newer`);
  });

  it.each(['1.11.0', '1.14.2', '2.0.0'])('takes terraform %s', async (version) => {
    const { run } = machine({ 'terraform version': { status: 0, stdout: JSON.stringify({ terraform_version: version }) } });
    await expect(start(run)).resolves.toBeDefined();
  });

  it.each(['npm run', `terraform ${directory} init`, `terraform ${directory} apply`, `terraform ${directory} output`])(
    'stops when %s fails',
    async (line) => {
      const { run } = machine({ [line]: { status: 3, stdout: '' } });
      await expect(start(run)).rejects.toThrow('failed with exit code 3');
    },
  );

  it.each(['', 'Prod', '../x', 'a'.repeat(21)])('refuses the environment %j before it runs anything', async (suffix) => {
    const { run, calls } = machine();
    await expect(start(run, { suffix })).rejects.toThrow('is no environment');
    expect(calls).toEqual([]);
  });
});

describe('runHere', () => {
  it('tells a missing program from one that fails', () => {
    const nowhere = path.join(mkdtempSync(path.join(tmpdir(), 'bootstrap-')), 'terraform');
    expect(runHere(nowhere, []).status).toBeUndefined();
    expect(runHere(process.execPath, ['-e', 'process.exit(4)']).status).toBe(4);
  });

  it('captures what a program prints, and hands it variables', () => {
    const result = runHere(process.execPath, ['-p', 'process.env.SUFFIX'], { capture: true, env: { SUFFIX: 'staging' } });
    expect(result).toEqual({ status: 0, stdout: 'staging\n' });
  });
});
