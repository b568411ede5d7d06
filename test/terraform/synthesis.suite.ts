import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { environmentWith, emulatedVariables } from '../../scripts/terraform/emulated-environment';
import { findProviderMirror } from '../../scripts/terraform/provider-mirror';
import { awsProviderVersion } from '../../scripts/terraform/provider-version';
import { runTerraform } from '../../scripts/terraform/run-terraform';
import { validationProblem } from '../../scripts/terraform/tools';
import { environments } from '../../stacks/environments';
import { describeWhere } from './requirement';
import { scratchProject, type ScratchProject } from './scratch-project';

const names = [...environments.keys()];
const validation = v.object({
  valid: v.boolean(),
  diagnostics: v.array(v.object({ severity: v.string(), summary: v.string(), detail: v.optional(v.string()) })),
});
const state = { STATE_BUCKET: 'payment-webhooks-state', STATE_LOCK_TABLE: 'payment-webhooks-state-locks' };

let project: ScratchProject;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  project = scratchProject();
  const mirror = findProviderMirror(awsProviderVersion());
  // Nothing listens there: validation asks nobody.
  const variables = emulatedVariables({ endpoint: 'http://127.0.0.1:9', region: 'ap-southeast-1', folder: project.folder, mirror });
  env = environmentWith(variables);
  await project.run('scripts/build.ts', [], env);
});

afterAll(() => {
  project.remove();
});

function synthesize(environment: string, outDir: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  return project.run('main.ts', [], { ...env, ENVIRONMENT_SUFFIX: environment, CDKTF_OUTDIR: path.join(project.folder, outDir), ...more });
}

/** Every file under a folder with its bytes. */
function bytesIn(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(folder, name)).isFile());
  return new Map(names.sort().map((name) => [name, readFileSync(path.join(folder, name)).toString('base64')]));
}

describe('synthesis', () => {
  it.each(names)('of %s gives the same bytes from the same source, zips included', async (environment) => {
    await synthesize(environment, 'first');
    await project.run('scripts/build.ts', [], env);
    await synthesize(environment, 'second');
    const [first, second] = ['first', 'second'].map((name) => bytesIn(path.join(project.folder, name)));
    expect(first?.size).toBeGreaterThanOrEqual(9);
    expect(second).toEqual(first);
  });

  it('names no path of the machine that it ran on', async () => {
    await synthesize('prod', 'portable', state);
    const found = [...bytesIn(path.join(project.folder, 'portable'))].filter(([name, bytes]) => {
      const text = name.endsWith('.json') ? Buffer.from(bytes, 'base64').toString('utf8') : '';
      return text.includes(project.folder) || text.includes(process.cwd()) || text.includes(path.resolve(__dirname, '../..'));
    });
    expect(found.map(([name]) => name)).toEqual([]);
  });
});

/** DESIGN asks for both locks; Terraform 1.11 would have only the newer one, and says so. */
const expectedWarning = 'The parameter "dynamodb_table" is deprecated. Use parameter "use_lockfile" instead.';

describeWhere(validationProblem(), 'terraform validate', () => {
  it.each(names)('takes every stack of %s, with no other warning than the known one', async (environment) => {
    await synthesize(environment, 'validated', state);
    const stacks = readdirSync(path.join(project.folder, 'validated/stacks'));
    expect(stacks).toHaveLength(3);
    for (const stack of stacks) {
      const chdir = path.join(project.folder, 'validated/stacks', stack);
      await runTerraform(['init', '-backend=false', '-input=false'], { chdir, env });
      const { stdout } = await runTerraform(['validate', '-json'], { chdir, env, accept: [0, 1] });
      const { valid, diagnostics } = v.parse(validation, JSON.parse(stdout));
      expect(diagnostics.filter(({ detail }) => detail !== expectedWarning)).toEqual([]);
      expect(valid).toBe(true);
    }
    rmSync(path.join(project.folder, 'validated'), { recursive: true });
  });
});
