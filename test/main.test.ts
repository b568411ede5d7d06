import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makePackages } from './stacks/synthesized';

const root = join(__dirname, '..');
const packages = makePackages();
const folders = [packages];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Runs main.ts the way `cdktf synth` does. */
function synth(variables: Readonly<Record<string, string>>) {
  const outdir = mkdtempSync(join(tmpdir(), 'synth-'));
  folders.push(outdir);
  const { PATH } = process.env;
  const env = { ...(PATH !== undefined && { PATH }), CDKTF_OUTDIR: outdir, PACKAGE_DIRECTORY: packages, ...variables };
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: root, env, encoding: 'utf8' });
  const stack = (id: string) => readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8');
  return { status, stderr, stack };
}

describe('main', () => {
  it('makes the stacks of dev by default, the same bytes every time', () => {
    const [first, second] = [synth({}), synth({})];
    expect([first.status, first.stderr]).toEqual([0, '']);
    for (const id of ['payment-webhooks-data-dev', 'payment-webhooks-dev']) expect(second.stack(id)).toBe(first.stack(id));
  });

  it('makes the stacks of the environment that the variable names, before the context', () => {
    const fromContext = { CDKTF_CONTEXT_JSON: '{"environmentSuffix":"pr-42"}' };
    const preview = synth(fromContext);
    expect(preview.stack('payment-webhooks-pr-42')).toContain('webhook-receiver-pr-42');
    expect(preview.stderr).toBe('environment pr-42 has no record of its own; it gets the settings of dev\n');
    const prod = synth({ ...fromContext, ENVIRONMENT_SUFFIX: 'prod' });
    expect(prod.stack('payment-webhooks-data-prod')).toContain('COMPLIANCE');
    expect(prod.stderr).toBe('environment prod tells nobody about its alarms; set operationsEmails, or OPERATIONS_EMAILS\n');
  });

  it.each([
    [{ ENVIRONMENT_SUFFIX: 'Prod!' }, 'ENVIRONMENT_SUFFIX is "Prod!"; allowed are 1 to 20 of a-z, 0-9 and -\n'],
    [{ AWS_ACCOUNT_ID: '42' }, 'environment dev: accountId is "42"; allowed: 12 digits\n'],
    [{ PACKAGE_DIRECTORY: '/nowhere' }, 'webhook-receiver.zip is missing in /nowhere; run "npm run build" first\n'],
  ])('says in one line what is wrong with %j', (variables, line) => {
    const { status, stderr } = synth(variables);
    expect([status, stderr]).toEqual([1, line]);
  });
});
