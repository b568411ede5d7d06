import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runPlan } from '../../scripts/plan/program';

const root = path.resolve(__dirname, '../..');
const tsx = require.resolve('tsx');
const fixtures = path.join(root, 'test/fixtures/plans');
const scratch = mkdtempSync(path.join(tmpdir(), 'plan-review-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In this process. */
async function plan(args: readonly string[]): Promise<Answer> {
  const [out, notes]: [string[], string[]] = [[], []];
  const exitCode = await runPlan(args, { out: (text) => out.push(`${text}\n`), note: (text) => notes.push(`${text}\n`) });
  return { exitCode, stdout: out.join(''), stderr: notes.join('') };
}

/** As `npm run plan` does, in a folder of its own. */
function planCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Answer {
  const result = spawnSync(process.execPath, ['--import', pathToFileURL(tsx).href, path.join(root, 'scripts/plan.ts'), ...args], {
    encoding: 'utf8',
    cwd: scratch,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
  });
  return { exitCode: result.status, stdout: result.stdout, stderr: result.stderr };
}

const reviewed = (name: string, ...more: readonly string[]): readonly string[] => [
  '--out-dir',
  fixtures,
  '--plan-json',
  path.join(fixtures, `${name}.json`),
  ...more,
];
const review = (name: string, ...more: readonly string[]): Promise<Answer> => plan(reviewed(name, ...more));
const idsIn = (text: string): readonly string[] => [...new Set(text.match(/[a-z]+-[a-z-]+-[0-9a-f]{8}/g) ?? [])];

describe('a plan with something to acknowledge', () => {
  it.each([
    ['data-at-risk', 'Data at risk', 5],
    ['access-widened', 'Access widened', 3],
    ['network-exposed', 'Network exposure widened', 4],
    ['encryption-weakened', 'Encryption weakened', 6],
    ['protection-weakened', 'Protection weakened', 7],
  ])('%s: names every finding and exits with 2 until each is acknowledged', async (name, heading, count) => {
    const first = await review(name);
    expect(first.exitCode).toBe(2);
    expect(first.stdout).toContain(heading);
    const ids = idsIn(first.stdout);
    expect(ids.filter((id) => id.startsWith(name))).toHaveLength(count);
    const signed = await review(name, '--acknowledge', ...ids);
    expect(signed.exitCode).toBe(0);
    expect(signed.stdout).toContain(`All ${ids.length} findings are acknowledged.`);
  });

  it('is not signed while one finding is left', async () => {
    const [, ...others] = idsIn((await review('encryption-weakened')).stdout);
    const { exitCode, stdout } = await review('encryption-weakened', '--acknowledge', ...others);
    expect(exitCode).toBe(2);
    expect(stdout).toContain('1 of 6 findings are not acknowledged');
  });

  it('takes --acknowledge-all for every finding of it', async () => {
    expect((await review('data-at-risk', '--acknowledge-all')).exitCode).toBe(0);
  });

  it('warns about an acknowledgement that belongs to another plan', async () => {
    const { exitCode, stderr } = await review('harmless', '--acknowledge', 'data-at-risk-00000000');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('data-at-risk-00000000 is acknowledged but not in this plan');
  });

  it('reads a policy that is known only after apply from the synthesized stack, and names the construct', async () => {
    const { stdout } = await review('access-widened');
    expect(stdout).toContain('event-processor\n    changed   aws_iam_role_policy.processor');
    expect(stdout).toContain('Allow dynamodb:DeleteItem on arn:aws:dynamodb:eu-west-1:111122223333:table/payment-events-demo');
    expect(stdout).not.toContain('Allow dynamodb:UpdateItem');
    expect(stdout).toContain('A wildcard stands where a name could.');
  });
});

describe('a plan without', () => {
  it('exits with 0 and still shows what changes, what moved and what changed elsewhere', async () => {
    const { exitCode, stdout } = await review('harmless');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('1 destroyed, 3 changed, 1 created, 1 moved, 1 unchanged');
    expect(stdout).toContain('memory_size: 256 → 512');
    expect(stdout).toContain('was aws_sns_topic.old');
    const elsewhere = /Changed outside of Terraform since the last apply:\n((?: {4}.*\n)+)/.exec(stdout)?.[1];
    expect(elsewhere).toBe('    aws_cloudwatch_metric_alarm.dead_letters: threshold\n');
    expect(stdout).toContain('Nothing here puts data at risk or widens access.');
  });

  it('shows no value that Terraform calls sensitive', async () => {
    const { stdout } = await review('harmless');
    expect(stdout).toContain('environment: (sensitive)');
    expect(stdout).not.toContain('TOKEN_NAME');
  });

  it('calls nothing wider on a first deployment but what everybody may use', async () => {
    const { exitCode, stdout } = await review('first-deployment');
    expect(exitCode).toBe(2);
    expect(idsIn(stdout)).toHaveLength(1);
    expect(stdout).toContain('Allow * lambda:InvokeFunctionUrl on health-check-demo');
  });
});

describe('the other forms of a review', () => {
  it('--markdown has a check box per finding and a table of the changes', async () => {
    const { exitCode, stdout } = await review('protection-weakened', '--markdown');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^## Review of the plan\n/);
    expect(stdout.match(/^- \[ \] /gm)).toHaveLength(7);
    expect(stdout).toContain('| changed | `aws_dynamodb_table.payments` |');
    const signed = await review('protection-weakened', '--markdown', '--acknowledge-all');
    expect(signed.stdout.match(/^- \[x\] /gm)).toHaveLength(7);
  });

  it('--json is for programs and exits the same way', async () => {
    const { exitCode, stdout } = await review('network-exposed', '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ stacks: [{ stack: 'network-exposed', findings: { length: 4 } }], acknowledged: [] });
  });

  it('--help has examples and the exit codes', async () => {
    const { exitCode, stdout } = await plan(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('npm run plan -- dev');
    expect(stdout).toContain('2 findings are not acknowledged');
  });
});

describe('what cannot be reviewed', () => {
  const synthesized = path.join(scratch, 'cdktf.out');
  const stacks = Object.fromEntries(
    ['payment-webhooks-data-dev', 'payment-webhooks-dev'].map((stack) => [stack, { synthesizedStackPath: `stacks/${stack}/cdk.tf.json` }]),
  );
  mkdirSync(path.join(synthesized, 'stacks/payment-webhooks-data-dev'), { recursive: true });
  writeFileSync(path.join(synthesized, 'manifest.json'), JSON.stringify({ stacks }));
  const notAPlan = path.join(scratch, 'not-a-plan.json');
  writeFileSync(notAPlan, '{"format_version":"0.1"}');
  const notJson = path.join(scratch, 'not-json.json');
  writeFileSync(notJson, 'binary');

  const expectOneLine = ({ exitCode, stderr, stdout }: Answer, expected: string): void => {
    expect(exitCode).toBe(1);
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
  };

  it.each<[string, string[], string]>([
    ['no environment', [], 'name the environment'],
    [
      'an environment that is not synthesized',
      ['prod', '--out-dir', synthesized],
      `no environment "prod" in ${synthesized}, which has dev`,
    ],
    [
      'a folder where nothing is synthesized',
      ['dev', '--out-dir', path.join(scratch, 'nowhere')],
      'run "npm run build && npm run synth" first',
    ],
    ['a missing plan', ['--plan-json', 'missing.json'], 'cannot read the plan missing.json'],
    ['another JSON', ['--plan-json', notAPlan], 'is no plan in JSON'],
    ['no JSON', ['--plan-json', notJson], 'is not JSON'],
    ['an option that is none', ['dev', '--sign'], "unknown option '--sign'"],
  ])('says so in one line: %s', async (_, args, expected) => {
    expect(existsSync(synthesized)).toBe(true);
    expectOneLine(await plan(args), expected);
  });

  it('says so in one line: no Terraform, where the stacks are found in cdktf.out', () => {
    expectOneLine(planCommand(['dev'], { PATH: scratch }), 'terraform is not on the PATH');
  });
});

describe('the command', () => {
  it('writes the review to its output and exits with 2 while something is not acknowledged', () => {
    const { exitCode, stdout, stderr } = planCommand(reviewed('encryption-weakened'));
    expect([exitCode, stderr]).toEqual([2, '']);
    expect(idsIn(stdout)).toHaveLength(6);
  });
});
