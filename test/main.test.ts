import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
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

/** Runs main.ts once for each set of variables, in one process: loading CDKTF takes longer than a synthesis. */
const runs = `
  const main = require.resolve('./main.ts');
  const write = process.stderr.write;
  const answers = JSON.parse(process.argv[1]).map((env) => {
    let stderr = '';
    process.env = env;
    process.exitCode = 0;
    process.stderr.write = (text) => { stderr += text; return true; };
    delete require.cache[main];
    require(main);
    process.stderr.write = write;
    return { status: process.exitCode, stderr };
  });
  process.exitCode = 0;
  process.stdout.write(JSON.stringify(answers));
`;

function synthEach(all: readonly Variables[]): readonly Synthesis[] {
  const environments = all.map((variables) => ({ ...base, CDKTF_OUTDIR: outdirOf(), ...variables }));
  const args = ['--require', 'tsx/cjs', '--eval', runs, JSON.stringify(environments)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const answers = v.parse(v.array(v.object({ status: v.number(), stderr: v.string() })), JSON.parse(stdout));
  return answers.map((answer, index) => ({ ...answer, stack: stackIn(environments[index]?.CDKTF_OUTDIR ?? '') }));
}

const context = { CDKTF_CONTEXT_JSON: '{"environmentSuffix":"pr-42"}' };
const refusals: readonly (readonly [Variables, string])[] = [
  [{ ENVIRONMENT_SUFFIX: 'Prod!' }, 'ENVIRONMENT_SUFFIX is "Prod!"; allowed are 1 to 20 of a-z, 0-9 and -\n'],
  [{ AWS_ACCOUNT_ID: '42' }, 'environment dev: accountId is "42"; allowed: 12 digits\n'],
  [{ PACKAGE_DIRECTORY: '/nowhere' }, 'webhook-receiver.zip is missing in /nowhere; run "npm run build" first\n'],
];

describe('main', () => {
  let preview: Synthesis;
  let prod: Synthesis;
  let again: Synthesis;
  let refused: readonly Synthesis[];
  beforeAll(() => {
    const all = synthEach([context, { ...context, ENVIRONMENT_SUFFIX: 'prod' }, {}, ...refusals.map(([variables]) => variables)]);
    const [first, second, third, ...others] = all;
    if (first === undefined || second === undefined || third === undefined) throw new Error('main.ts was not run');
    [preview, prod, again, refused] = [first, second, third, others];
  });

  it('makes the stacks of dev by default, the same bytes every time', () => {
    const first = synth();
    expect([first.status, first.stderr]).toEqual([0, '']);
    for (const id of ['payment-webhooks-data-dev', 'payment-webhooks-dev']) expect(again.stack(id)).toBe(first.stack(id));
  });

  it('makes the stacks of the environment that the variable names, before the context', () => {
    expect(preview.stack('payment-webhooks-pr-42')).toContain('webhook-receiver-pr-42');
    expect(preview.stderr).toBe('environment pr-42 has no record of its own; it gets the settings of dev\n');
    expect(prod.stack('payment-webhooks-data-prod')).toContain('COMPLIANCE');
    expect(prod.stderr).toBe('environment prod tells nobody about its alarms; set operationsEmails, or OPERATIONS_EMAILS\n');
  });

  it.each(refusals.map(([variables, line], index) => [variables, line, index] as const))(
    'says in one line what is wrong with %j',
    (_variables, line, index) => {
      expect([refused[index]?.status, refused[index]?.stderr]).toEqual([1, line]);
    },
  );
});
