import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startLocal } from '../../scripts/local/run';
import { environmentFrom, environments } from '../../stacks/environments';
import { functionNames, namesOf, type FunctionName } from '../../stacks/naming';
import { synthesize } from '../stacks/synthesized';
import { preparedRun } from '../support/prepared-run';
import { ProviderApis } from '../support/provider-apis';
import { grantsOf, type Grant } from './grants';
import { onBehalfOf } from './on-behalf';
import { distinct, needsOf, type Need } from './recorded-calls';
import { record, type Recording } from './scenario';
import { judge, stranger, withStatement, type Attempt } from './simulation';
import { unused } from './unused';
import { accountId, text, worldOf, type Applied, type Policies, type World } from './world';

/** The environment whose calls are recorded; the functions make the same ones in every other. */
const recorded = 'dev';
let recording: Recording;
const worlds = new Map<string, World>();
const suffixes = [...environments.keys()];
/** With every function that an environment can have. */
const variables = { ALERT_ENDPOINTS: 'true' };

beforeAll(async () => {
  const workDir = mkdtempSync(path.join(tmpdir(), 'least-privilege-'));
  const apis = await ProviderApis.start();
  const starting = preparedRun(variables).then((prepared) =>
    startLocal({ port: 0, findable: false, workDir, providerApiOrigin: apis.origin, prepared }),
  );
  // Both take their seconds, and the run waits for other processes.
  const applying = Promise.all(
    suffixes.map(async (suffix) => worlds.set(suffix, await worldOf(suffix, synthesize(environmentFrom(suffix, variables))))),
  );
  const run = await starting;
  try {
    await applying;
    recording = await record(run, apis);
  } finally {
    await Promise.all([run.stop(), apis.close()]);
    rmSync(workDir, { recursive: true, force: true });
  }
}, 240_000);

describe('the recording', () => {
  it.each(functionNames)('has calls of %s', (name) => {
    expect(callsOf(recorded, name)).not.toEqual([]);
  });

  it('has both ways of the relay and of the receiver to a bucket or a dead letter', () => {
    const called = (name: FunctionName) =>
      callsOf(recorded, name).map(({ action, resource }) => `${action} ${resource.split(':').at(-1)?.split('/')[0] ?? ''}`);
    expect(called('event-relay')).toEqual(
      expect.arrayContaining(['sqs:SendMessage event-relay-dead-letters-dev', 'sqs:SendMessage payment-processing-dev']),
    );
    expect(called('webhook-receiver')).toContain(`s3:PutObject webhook-archive-dev-${accountId}`);
    expect(called('audit-logger')).toContain('sns:Publish payment-alerts-dev');
    expect(called('reconciler')).toEqual(
      expect.arrayContaining([
        'dynamodb:Query table',
        'dynamodb:PutItem table',
        'sqs:SendMessage payment-processing-dev',
        `s3:PutObject webhook-archive-dev-${accountId}`,
      ]),
    );
  });

  it('refuses a call that nobody has looked up in IAM', () => {
    const call = { service: 'dynamodb', operation: 'BatchExecuteStatement', input: {} } as const;
    expect(() => needsOf(worldIn(recorded), call)).toThrow('which IAM action does dynamodb:BatchExecuteStatement need?');
  });
});

describe.each(suffixes)('in %s', (suffix) => {
  describe.each(functionNames)('the role of %s', (name) => {
    it('allows every call that the function makes, and all that AWS does in its name', async () => {
      expect(await refusedOf(suffix, attempts(suffix, name))).toEqual([]);
    });

    it('has no statement whose loss goes unnoticed', async () => {
      const { policies } = worldIn(suffix);
      const role = roleOf(suffix, name);
      const unnoticed: string[] = [];
      for (const [index, { Sid, Effect, Action }] of (policies.roles.get(role) ?? []).entries()) {
        const lost = withStatement(policies, 'roles', role, index, () => undefined);
        const concerned = attempts(suffix, name).filter(({ action }) => Action.includes(action));
        if (Effect === 'Allow' && (await refusedBy(lost, concerned)).length === 0) unnoticed.push(Sid ?? '');
      }
      expect(unnoticed).toEqual([]);
    });

    it('allows nothing that is not used, but for a reason', async () => {
      const excused = unused
        .filter(({ functions }) => functions.includes(name))
        .flatMap(({ actions, through }) => actions.map((action) => `${action} through ${through}`));
      expect((await unusedGrants(suffix, name)).toSorted()).toEqual(excused.toSorted());
    });

    it('allows nothing that only other functions do', async () => {
      const own = new Set(needsIn(suffix, name).map(kindOf));
      const foreign = functionNames.flatMap((other) => needsIn(suffix, other)).filter((need) => !own.has(kindOf(need)));
      expect(foreign.length).toBeGreaterThan(10);
      const role = roleOf(suffix, name);
      expect(
        await allowedOf(
          suffix,
          foreign.map((need) => ({ ...need, principal: role })),
        ),
      ).toEqual([]);
    });

    it('lets nobody of another account do the same', async () => {
      // Actions on anything in one's own account are no business of ours.
      const ours = attempts(suffix, name).filter(({ resource }) => resource !== '*' && !resource.startsWith('arn:aws:ec2:'));
      expect(
        await allowedOf(
          suffix,
          ours.map((attempt) => ({ ...attempt, principal: stranger })),
        ),
      ).toEqual([]);
    });

    it('allows nothing over plain HTTP that a queue, topic or bucket is asked for', async () => {
      const asked = attempts(suffix, name).filter(({ action }) => /^(sqs|sns|s3):/.test(action));
      const plain = asked.map((attempt) => ({ ...attempt, context: { ...attempt.context, 'aws:SecureTransport': 'false' } }));
      expect(await allowedOf(suffix, plain)).toEqual([]);
    });

    it('lets Lambda attach the function to the network, and not the code', async () => {
      const network = attempts(suffix, name).filter(({ action }) => action.startsWith('ec2:'));
      expect(network.length).toBeGreaterThan(5);
      const context = { 'lambda:SourceFunctionArn': text(lambdaOf(suffix, name), 'arn') };
      expect(
        await allowedOf(
          suffix,
          network.map((attempt) => ({ ...attempt, context })),
        ),
      ).toEqual([]);
    });
  });

  it('lets the receiver read secrets, the reconciler those with an API key, the forwarder its endpoints, and nobody else', async () => {
    const world = worldIn(suffix);
    const secrets = world.of('aws_secretsmanager_secret').map((secret) => text(secret, 'arn'));
    expect(secrets).toHaveLength(5);
    const reads = world
      .of('aws_iam_role')
      .flatMap((role) => secrets.map((resource) => ({ principal: text(role, 'arn'), action: 'secretsmanager:GetSecretValue', resource })));
    const readers = new Set((await allowedOf(suffix, reads)).map((line) => line.split(': ')[0]));
    const forwarder = roleOf(suffix, 'alert-forwarder');
    expect(readers).toEqual(new Set([roleOf(suffix, 'webhook-receiver'), roleOf(suffix, 'reconciler'), forwarder]));
    const ofEndpoints = (await allowedOf(suffix, reads)).filter((line) => line.includes('/alert-endpoints-'));
    expect(ofEndpoints).toEqual([expect.stringContaining(`${forwarder}: `)]);
    expect((await allowedOf(suffix, reads)).filter((line) => line.startsWith(forwarder))).toHaveLength(1);
    const generic = secrets.filter((arn) => arn.includes('/generic-'));
    expect(generic).toHaveLength(1);
    // It has no list of past events, and so no API key.
    const read = { principal: roleOf(suffix, 'reconciler'), action: 'secretsmanager:GetSecretValue', resource: generic[0] ?? '' };
    expect(await allowedOf(suffix, [read])).toEqual([]);
  });
});

describe('the table of what is granted and not used', () => {
  it('has a reason with a source for every line', () => {
    expect(unused.filter(({ reason }) => !reason.includes('https://'))).toEqual([]);
  });
});

function worldIn(suffix: string): World {
  const world = worlds.get(suffix);
  if (world === undefined) throw new Error(`${suffix} was not synthesized`);
  return world;
}

function lambdaOf(suffix: string, name: FunctionName): Applied {
  const found = worldIn(suffix)
    .of('aws_lambda_function')
    .find((lambda) => text(lambda, 'function_name') === namesOf(suffix, accountId).ofFunction(name));
  if (found === undefined) throw new Error(`there is no function ${name} in ${suffix}`);
  return found;
}

function roleOf(suffix: string, name: FunctionName): string {
  return text(lambdaOf(suffix, name), 'role');
}

/** The recorded calls, under the names of this environment. */
function callsOf(suffix: string, name: FunctionName): readonly Need[] {
  const calls = recording.get(namesOf(recorded, accountId).ofFunction(name)) ?? [];
  const needs = distinct(calls.flatMap((call) => needsOf(worldIn(recorded), call)));
  return needs.map((need) => ({ ...need, resource: need.resource.replaceAll(/(?<=[/-])dev(?=[/-]|$)/g, suffix) }));
}

function needsIn(suffix: string, name: FunctionName): readonly Need[] {
  const calls = callsOf(suffix, name);
  return distinct([...calls, ...onBehalfOf(worldIn(suffix), lambdaOf(suffix, name), calls)]);
}

function attempts(suffix: string, name: FunctionName): readonly (Need & Attempt)[] {
  const principal = roleOf(suffix, name);
  return needsIn(suffix, name).map((need) => ({ ...need, principal }));
}

/** Two needs of one kind differ in nothing that a policy could tell apart; objects differ by their first folder. */
function kindOf({ action, resource, context }: Need): string {
  const kind = /^arn:aws:s3:::[^/]+\/[^/]+/.exec(resource)?.[0] ?? resource;
  return JSON.stringify([action, kind, context]);
}

function refusedOf(suffix: string, all: readonly (Attempt & Need)[]): Promise<readonly string[]> {
  return refusedBy(worldIn(suffix).policies, all);
}

async function refusedBy(policies: Policies, all: readonly (Attempt & Need)[]): Promise<readonly string[]> {
  const lines = await Promise.all(
    all.map(async (attempt) => {
      const verdict = await judge(policies, attempt);
      return verdict === 'Allowed' ? [] : [`${verdict}: ${attempt.action} on ${attempt.resource}, because ${attempt.because}`];
    }),
  );
  return lines.flat();
}

async function allowedOf(suffix: string, all: readonly Attempt[]): Promise<readonly string[]> {
  const lines = await Promise.all(
    all.map(async (attempt) => {
      const verdict = await judge(worldIn(suffix).policies, attempt);
      return verdict === 'Allowed' ? [`${attempt.principal}: ${attempt.action} on ${attempt.resource}`] : [];
    }),
  );
  return lines.flat();
}

/** Grants without which the function could do all that it does. */
async function unusedGrants(suffix: string, name: FunctionName): Promise<readonly string[]> {
  const { policies } = worldIn(suffix);
  const role = roleOf(suffix, name);
  const wanted = attempts(suffix, name);
  const used = async ({ action, statement }: Grant): Promise<boolean> => {
    const alone = { ...policies, roles: new Map([[role, [statement]]]) };
    const candidates = wanted.filter((attempt) => attempt.action === action);
    const verdicts = await Promise.all(candidates.map((attempt) => judge(alone, attempt)));
    return verdicts.includes('Allowed');
  };
  const grants = await grantsOf(policies.roles.get(role) ?? []);
  const lines = await Promise.all(grants.map(async (grant) => ((await used(grant)) ? [] : [described(grant)])));
  return lines.flat();
}

function described({ action, resource, statement }: Grant): string {
  const service = statement.Condition['StringEquals']?.['kms:ViaService'];
  return typeof service === 'string' ? `${action} through ${service.split('.')[0] ?? ''}` : `${action} on ${resource}`;
}
