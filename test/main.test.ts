import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { makePackages } from './stacks/synthesized';

const root = join(__dirname, '..');
const packages = makePackages();
const folders = [packages];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

interface Synthesis {
  readonly status: number | null;
  readonly stderr: string;
  stack(id: string): string;
}

type Variables = Readonly<Record<string, string>>;

function outdirOf(): string {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
  folders.push(outdir);
  return outdir;
}

const stackIn = (outdir: string) => (id: string) => readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8');
const { PATH } = process.env;
const base = { ...(PATH !== undefined && { PATH }), PACKAGE_DIRECTORY: packages };

/** Runs main.ts the way `cdktf synth` does. */
function synth(): Synthesis {
  const outdir = outdirOf();
  const env = { ...base, CDKTF_OUTDIR: outdir };
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: root, env, encoding: 'utf8' });
  return { status, stderr, stack: stackIn(outdir) };
}

/** What main.ts makes and says with these variables, in this process: loading CDKTF again takes longer than a synthesis. */
function synthHere(variables: Variables): Synthesis {
  const outdir = outdirOf();
  const { env, exitCode } = process;
  let stderr = '';
  const said = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    process.env = { ...base, CDKTF_OUTDIR: outdir, ...variables };
    process.exitCode = 0;
    jest.isolateModules(() => {
      jest.requireActual('../main');
    });
    return { status: typeof process.exitCode === 'number' ? process.exitCode : null, stderr, stack: stackIn(outdir) };
  } finally {
    said.mockRestore();
    Object.assign(process, { env, exitCode });
  }
}

const context = { CDKTF_CONTEXT_JSON: '{"environmentSuffix":"pr-42"}' };
const refusals: readonly (readonly [Variables, string])[] = [
  [{ ENVIRONMENT_SUFFIX: 'Prod!' }, 'ENVIRONMENT_SUFFIX is "Prod!"; allowed are 1 to 20 of a-z, 0-9 and -\n'],
  [{ AWS_ACCOUNT_ID: '42' }, 'environment dev: accountId is "42"; allowed: 12 digits\n'],
  [{ PACKAGE_DIRECTORY: '/nowhere' }, 'webhook-receiver.zip is missing in /nowhere; run "npm run build" first\n'],
];

describe('main', () => {
  it('makes the stacks of dev by default, the same bytes every time', () => {
    const first = synth();
    const again = synthHere({});
    expect([first.status, first.stderr]).toEqual([0, '']);
    for (const id of ['payment-webhooks-data-dev', 'payment-webhooks-dev']) expect(again.stack(id)).toBe(first.stack(id));
  });

  it('makes the stacks of the environment that the variable names, before the context', () => {
    const preview = synthHere(context);
    const prod = synthHere({ ...context, ENVIRONMENT_SUFFIX: 'prod' });
    expect(preview.stack('payment-webhooks-pr-42')).toContain('webhook-receiver-pr-42');
    expect(preview.stderr).toBe('environment pr-42 has no record of its own; it gets the settings of dev\n');
    expect(prod.stack('payment-webhooks-data-prod')).toContain('COMPLIANCE');
    expect(prod.stderr).toBe('environment prod tells nobody about its alarms; set operationsEmails, or OPERATIONS_EMAILS\n');
  });

  it.each(refusals)('says in one line what is wrong with %j', (variables, line) => {
    const { status, stderr } = synthHere(variables);
    expect([status, stderr]).toEqual([1, line]);
  });
});
