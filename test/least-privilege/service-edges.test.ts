import { beforeAll, describe, expect, it } from '@jest/globals';
import { environmentFrom, environments } from '../../stacks/environments';
import { synthesize, withEverything } from '../stacks/synthesized';
import { oneOfEachKind } from '../support/subscribers';
import { edgesOf, isPublic, type Edge } from './service-edges';
import { judge, policyKeyOf, stranger, withStatement, type Attempt, type Verdict } from './simulation';
import { accountId, text, worldOf, type Policies, type Statement, type World } from './world';

/** With subscribers, so that topics have something to give up. */
const emails = { ALERT_EMAILS: 'payments@example.com', OPERATIONS_EMAILS: 'on-call@example.com' };
const suffixes = [...environments.keys(), withEverything];
const variablesOf = (suffix: string) =>
  suffix === withEverything ? { ...emails, SUBSCRIBERS: JSON.stringify(oneOfEachKind), ALERT_ENDPOINTS: 'true' } : emails;

/** Where anybody may invoke the health check, the API's own permission to do so adds nothing. */
const beatenByPublicInvoke = 'webhookapigethealthpermission';

/** Whoever deploys: allowed everything, in our account. */
const deployer = `arn:aws:iam::${accountId}:role/deployer`;

describe.each(suffixes)('in %s', (suffix) => {
  let world: World;

  beforeAll(async () => {
    const applied = await worldOf(suffix, synthesize(environmentFrom(suffix, variablesOf(suffix))));
    const everything: Statement = { Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} };
    world = { ...applied, policies: { ...applied.policies, roles: new Map([...applied.policies.roles, [deployer, [everything]]]) } };
  });

  it('has edges of every kind', () => {
    const services = new Set(edgesOf(world).flatMap(({ attempts }) => attempts.map(({ principal }) => principal)));
    for (const service of ['cloudwatch', 'events', 'sns', `logs.${world.region}`, 'apigateway', 'lambda', 'delivery.logs']) {
      expect(services).toContain(`${service}.amazonaws.com`);
    }
  });

  it('lets every service do what it has to', async () => {
    const attempts = edgesOf(world).flatMap(({ name, page, attempts: all }) => all.map((attempt) => ({ ...attempt, name, page })));
    const verdicts = await Promise.all(attempts.map(async (attempt) => ({ attempt, verdict: await judge(world.policies, attempt) })));
    expect(verdicts.filter(({ verdict }) => verdict !== 'Allowed')).toEqual([]);
  });

  it('refuses the same for another account, rule, bus, topic, log group or route, or for none', async () => {
    expect(await allowed(world.policies, edgesOf(world).flatMap(foreigners))).toEqual([]);
  });

  it('refuses the same to other services and to other accounts', async () => {
    const closed = edgesOf(world).flatMap(({ attempts }) => attempts.filter(({ resource }) => !isPublic(world, resource)));
    const others = closed.flatMap((attempt) => ['s3.amazonaws.com', stranger].map((principal) => ({ ...attempt, principal })));
    expect(await allowed(world.policies, others)).toEqual([]);
  });

  it('lets only the health check be invoked by everybody, and only where its URL is public', async () => {
    const invocations = world.of('aws_lambda_function').map((lambda) => ({
      principal: stranger,
      action: 'lambda:InvokeFunction',
      resource: text(lambda, 'arn'),
    }));
    const open = environmentFrom(suffix).functionUrlAuth === 'NONE' ? [expect.stringContaining(`function:health-check-${suffix}`)] : [];
    expect(await allowed(world.policies, invocations)).toEqual(open);
  });

  it('lets whoever deploys give Lambda and DynamoDB grants on the key, and nobody else', async () => {
    const [key] = world.of('aws_kms_key').map((one) => text(one, 'arn'));
    const grants = [deployer, stranger, 'lambda.amazonaws.com', ...world.of('aws_iam_role').map((role) => text(role, 'arn'))].map(
      (principal) => ({ principal, action: 'kms:CreateGrant', resource: key ?? '' }),
    );
    expect(await allowed(world.policies, grants)).toEqual([`${deployer}: kms:CreateGrant on ${key ?? ''}`]);
  });

  it('refuses plain HTTP at every queue, topic and bucket, even to whoever deploys', async () => {
    const attempts = [
      ...world.of('aws_sqs_queue').map((queue) => ({ action: 'sqs:ReceiveMessage', resource: text(queue, 'arn') })),
      ...world.of('aws_sns_topic').map((topic) => ({ action: 'sns:Publish', resource: text(topic, 'arn') })),
      ...world.of('aws_s3_bucket').map((bucket) => ({ action: 's3:GetObject', resource: `${text(bucket, 'arn')}/x` })),
      ...world.of('aws_s3_bucket').map((bucket) => ({ action: 's3:ListBucket', resource: text(bucket, 'arn') })),
    ].map((attempt) => ({ ...attempt, principal: deployer }));
    expect(attempts.length).toBeGreaterThan(10);
    expect(await allowed(world.policies, attempts)).toHaveLength(attempts.length);
    const plain = attempts.map((attempt) => ({ ...attempt, context: { 'aws:SecureTransport': 'false' } }));
    expect(await allowed(world.policies, plain)).toEqual([]);
  });

  it('has no statement in a resource policy that nothing needs', async () => {
    const grant = world.of('aws_kms_key').map((key) => ({ principal: deployer, action: 'kms:CreateGrant', resource: text(key, 'arn') }));
    const open = world.of('aws_lambda_function').filter((lambda) => isPublic(world, text(lambda, 'arn')));
    const call = open.map((lambda) => ({ principal: stranger, action: 'lambda:InvokeFunction', resource: text(lambda, 'arn') }));
    const needed = [...representatives().flatMap(({ attempts }) => attempts), ...grant, ...call];
    const idle = await changedStatements(
      () => undefined,
      async (policies, owner) => !(await some(policies, ofOwner(needed, owner), (verdict) => verdict !== 'Allowed')),
    );
    expect(idle).toEqual(open.map(() => beatenByPublicInvoke));
  });

  it('has no condition in a resource policy that keeps nobody out', async () => {
    const outsiders = representatives().flatMap(foreigners);
    const idle: string[] = [];
    for (const key of conditionKeys(world.policies)) {
      const changed = await changedStatements(
        (statement) => (hasCondition(statement, key) ? without(statement, key) : statement),
        async (policies, owner, statement) =>
          hasCondition(statement, key) && !(await some(policies, ofOwner(outsiders, owner), (verdict) => verdict === 'Allowed')),
      );
      idle.push(...changed);
    }
    expect(idle).toEqual(environmentFrom(suffix).functionUrlAuth === 'NONE' ? [beatenByPublicInvoke] : []);
  });

  it('has no role beside those of the functions but for flow logs, which may write their log, for the API, and for rules that need one', async () => {
    const functions = new Set(world.of('aws_lambda_function').map((lambda) => text(lambda, 'role')));
    const others = world.of('aws_iam_role').filter((role) => !functions.has(text(role, 'arn')));
    const flowLogs = world.of('aws_flow_log').map((flowLog) => text(flowLog, 'iam_role_arn'));
    expect(others.map(({ path }) => path).toSorted()).toEqual([
      ...flowLogs.map(() => 'network/flow-logs/role'),
      ...(suffix === withEverything ? ['subscriber-ledger/role', 'subscriber-warehouse/role'] : []),
      'webhook-api/logging/role',
    ]);
    for (const flowLog of world.of('aws_flow_log')) {
      const group = text(flowLog, 'log_destination');
      const needs = [
        { action: 'logs:CreateLogStream', resource: `${group}:log-stream:eni-0123456789abcdef0-all` },
        { action: 'logs:PutLogEvents', resource: `${group}:log-stream:eni-0123456789abcdef0-all` },
        { action: 'logs:DescribeLogStreams', resource: group },
      ];
      const principal = text(flowLog, 'iam_role_arn');
      expect(
        await allowed(
          world.policies,
          needs.map((need) => ({ ...need, principal })),
        ),
      ).toHaveLength(needs.length);
      const granted = (world.policies.roles.get(principal) ?? []).flatMap(({ Action }) => Action);
      expect(granted.toSorted()).toEqual(needs.map(({ action }) => action).toSorted());
    }
  });

  it('lets the role of a rule do the one thing that its target needs', () => {
    const targets = world.of('aws_cloudwatch_event_target').filter(({ values }) => values['role_arn'] !== undefined);
    expect(targets).toHaveLength(suffix === withEverything ? 2 : 0);
    for (const target of targets) {
      const granted = world.policies.roles.get(text(target, 'role_arn')) ?? [];
      expect(granted.map(({ Resource }) => Resource)).toEqual([[text(target, 'arn')]]);
      expect(granted.flatMap(({ Action }) => Action)).toHaveLength(1);
    }
  });

  it('has one managed policy: the one without which API Gateway refuses the role that it logs with', () => {
    // It is wide, and AWS's own: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    const attachments = world.of('aws_iam_role_policy_attachment');
    expect(attachments.map((attachment) => [text(attachment, 'role'), text(attachment, 'policy_arn')])).toEqual([
      [`webhook-api-logging-${suffix}`, 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'],
    ]);
  });

  /** One edge of each kind. */
  function representatives(): readonly Edge[] {
    return [...new Map(edgesOf(world).map((edge) => [edge.kind ?? edge.name, edge])).values()];
  }

  /** Sids of the allowing statements for which the check holds when they are changed, or taken out. */
  async function changedStatements(
    change: (statement: Statement) => Statement | undefined,
    check: (policies: Policies, owner: string, statement: Statement) => Promise<boolean>,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    for (const [owner, statements] of world.policies.resources) {
      for (const [index, statement] of statements.entries()) {
        if (statement.Effect === 'Deny') continue;
        const changed = withStatement(world.policies, 'resources', owner, index, change);
        if (await check(changed, owner, statement)) found.push(statement.Sid ?? owner);
      }
    }
    return found;
  }
});

/** Every attempt of an edge, with one of its condition keys foreign or missing. */
function foreigners({ attempts, foreign }: Edge): readonly Attempt[] {
  return attempts.flatMap((attempt) =>
    Object.entries(foreign).flatMap(([key, values]) => {
      const rest = Object.fromEntries(Object.entries(attempt.context ?? {}).filter(([name]) => name !== key));
      return [{ ...attempt, context: rest }, ...values.map((value) => ({ ...attempt, context: { ...rest, [key]: value } }))];
    }),
  );
}

function ofOwner(attempts: readonly Attempt[], owner: string): readonly Attempt[] {
  return attempts.filter(({ resource }) => policyKeyOf(resource) === owner);
}

function hasCondition({ Condition }: Statement, key: string): boolean {
  return Object.values(Condition).some((test) => key in test);
}

function conditionKeys({ resources }: Policies): readonly string[] {
  const tests = [...resources.values()].flat().flatMap(({ Effect, Condition }) => (Effect === 'Allow' ? Object.values(Condition) : []));
  return [...new Set(tests.flatMap((test) => Object.keys(test)))];
}

function without(statement: Statement, key: string): Statement {
  const Condition = Object.fromEntries(
    Object.entries(statement.Condition)
      .map(([operator, test]) => [operator, Object.fromEntries(Object.entries(test).filter(([name]) => name !== key))] as const)
      .filter(([, test]) => Object.keys(test).length > 0),
  );
  return { ...statement, Condition };
}

async function some(policies: Policies, attempts: readonly Attempt[], holds: (verdict: Verdict) => boolean): Promise<boolean> {
  for (const attempt of attempts) if (holds(await judge(policies, attempt))) return true;
  return false;
}

async function allowed(policies: Policies, attempts: readonly Attempt[]): Promise<readonly string[]> {
  const lines = await Promise.all(
    attempts.map(async (attempt) => {
      const { principal, action, resource } = attempt;
      return (await judge(policies, attempt)) === 'Allowed' ? [`${principal}: ${action} on ${resource}`] : [];
    }),
  );
  return lines.flat();
}
