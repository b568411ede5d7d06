import * as v from 'valibot';
import { resolveValue, type Lookup } from '../../scripts/local/expressions';
import { isObject, type Json, type JsonObject } from '../../scripts/local/json';
import type { Synthesized } from '../stacks/synthesized';

/** Where the stacks are looked at as if they were applied. */
export const accountId = '123456789012';

/** A resource as Terraform would know it after an apply, as far as policies and their reasons need it. */
export interface Applied {
  readonly type: string;
  /** Construct ids below the stack. */
  readonly path: string;
  readonly values: JsonObject;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: readonly string[];
  /** None in a trust policy, which is about its role. */
  readonly Resource?: readonly string[];
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Every statement that has a say, by whom or what it is attached to. */
export interface Policies {
  /** The environment that their names end in. */
  readonly suffix: string;
  /** By the ARN of the role. */
  readonly roles: ReadonlyMap<string, readonly Statement[]>;
  /** By the ARN of the queue, topic, bucket, key, function or (trust) role; those of the account's log groups under `logs`. */
  readonly resources: ReadonlyMap<string, readonly Statement[]>;
}

export interface World {
  readonly region: string;
  readonly policies: Policies;
  of(type: string): readonly Applied[];
}

/** Types whose policies, edges or settings the proof reads. */
const types = [
  'aws_api_gateway_integration',
  'aws_api_gateway_stage',
  'aws_cloudwatch_event_bus',
  'aws_cloudwatch_event_rule',
  'aws_cloudwatch_event_target',
  'aws_cloudwatch_log_group',
  'aws_cloudwatch_log_resource_policy',
  'aws_cloudwatch_metric_alarm',
  'aws_dynamodb_table',
  'aws_flow_log',
  'aws_iam_role',
  'aws_iam_role_policy',
  'aws_iam_role_policy_attachment',
  'aws_kms_key',
  'aws_lambda_event_source_mapping',
  'aws_lambda_function',
  'aws_lambda_function_event_invoke_config',
  'aws_lambda_permission',
  'aws_s3_bucket',
  'aws_s3_bucket_policy',
  'aws_s3_bucket_server_side_encryption_configuration',
  'aws_secretsmanager_secret',
  'aws_sns_topic',
  'aws_sns_topic_policy',
  'aws_sns_topic_subscription',
  'aws_sqs_queue',
  'aws_sqs_queue_policy',
  'aws_ssm_parameter',
];

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value): readonly string[] => [value].flat()),
);
const policySchema = v.object({
  Version: v.literal('2012-10-17'),
  Statement: v.array(
    v.object({
      Sid: v.optional(v.string()),
      Effect: v.picklist(['Allow', 'Deny']),
      Principal: v.optional(v.unknown()),
      Action: oneOrMore,
      Resource: v.optional(oneOrMore),
      Condition: v.optional(v.record(v.string(), v.record(v.string(), v.union([v.string(), v.array(v.string())]))), {}),
    }),
  ),
});

type StackJson = Synthesized['pipeline'];
type Attributes = (value: (name: string) => string, arn: (service: string, resource: string) => string) => JsonObject;

/** What AWS makes of a resource, in the form that its service authorization reference gives. */
const attributesOf: Readonly<Record<string, Attributes>> = {
  aws_api_gateway_rest_api: (_value, arn) => ({
    id: 'a1b2c3d4e5',
    execution_arn: arn('execute-api', 'a1b2c3d4e5'),
    root_resource_id: '',
  }),
  aws_api_gateway_method: () => ({}),
  // AWS would make one up; the path says more.
  aws_api_gateway_resource: (value) => ({ id: `${value('parent_id')}/${value('path_part')}` }),
  aws_cloudwatch_event_api_destination: (value, arn) => ({ arn: arn('events', `api-destination/${value('name')}/11112222-3333`) }),
  aws_cloudwatch_event_bus: (value, arn) => ({ arn: arn('events', `event-bus/${value('name')}`) }),
  // The default bus is not in the names of its rules.
  aws_cloudwatch_event_rule: (value, arn) => {
    const bus = value('event_bus_name');
    return { arn: arn('events', `rule/${bus === 'default' ? '' : `${bus}/`}${value('name')}`) };
  },
  aws_cloudwatch_log_group: (value, arn) => ({ arn: arn('logs', `log-group:${value('name')}`) }),
  aws_cloudwatch_metric_alarm: (value, arn) => ({ arn: arn('cloudwatch', `alarm:${value('alarm_name')}`) }),
  aws_dynamodb_table: (value, arn) => ({
    arn: arn('dynamodb', `table/${value('name')}`),
    stream_arn: arn('dynamodb', `table/${value('name')}/stream/2026-01-01T00:00:00.000`),
  }),
  aws_iam_role: (value) => ({ id: value('name'), arn: `arn:aws:iam::${accountId}:role/${value('name')}` }),
  aws_kms_key: (_value, arn) => ({ arn: arn('kms', 'key/0a1b2c3d-1111-2222-3333-444455556666') }),
  aws_lambda_function: (value, arn) => {
    const own = arn('lambda', `function:${value('function_name')}`);
    return { arn: own, invoke_arn: own };
  },
  aws_s3_bucket: (value) => ({ id: value('bucket'), arn: `arn:aws:s3:::${value('bucket')}` }),
  aws_secretsmanager_secret: (value, arn) => ({ arn: arn('secretsmanager', `secret:${value('name')}-a1B2c3`) }),
  aws_sns_topic: (value, arn) => ({ arn: arn('sns', value('name')) }),
  aws_sqs_queue: (value, arn) => ({ arn: arn('sqs', value('name')), url: `https://sqs/${accountId}/${value('name')}` }),
  aws_ssm_parameter: (value, arn) => ({ arn: arn('ssm', `parameter${value('name')}`) }),
};

/** The data and pipeline stacks as if they were applied. Throws when a policy refers to something whose ARN is not known here. */
export async function worldOf(suffix: string, { data, pipeline }: Pick<Synthesized, 'data' | 'pipeline'>): Promise<World> {
  const region = textOf(pipeline.provider.aws[0]?.['region'], 'the region');
  const resolver = new Resolver([data, pipeline], region);
  const applied = await Promise.all(
    [data, pipeline].flatMap((stack) =>
      types.flatMap((type) => Object.keys(stack.resource[type] ?? {}).map((id) => resolver.applied(stack, type, id))),
    ),
  );
  const of = (type: string): readonly Applied[] => applied.filter((resource) => resource.type === type);
  return { region, of, policies: { suffix, ...policiesIn(of) } };
}

/** The text of a property. Throws when it is none. */
export function text({ path, values }: Applied, property: string): string {
  return textOf(values[property], `${path}: ${property}`);
}

class Resolver {
  readonly #stacks: readonly StackJson[];
  readonly #region: string;
  readonly #applied = new Map<string, Promise<Applied>>();

  constructor(stacks: readonly StackJson[], region: string) {
    this.#stacks = stacks;
    this.#region = region;
  }

  /** Each resource is resolved once, however many refer to it. */
  applied(stack: StackJson, type: string, id: string): Promise<Applied> {
    const key = `${this.#stacks.indexOf(stack)} ${type} ${id}`;
    const applied = this.#applied.get(key) ?? this.#resolved(stack, type, id);
    this.#applied.set(key, applied);
    return applied;
  }

  async #resolved(stack: StackJson, type: string, id: string): Promise<Applied> {
    const { '//': comment, ...config } = stack.resource[type]?.[id] ?? {};
    const path = comment?.metadata.path.split('/').slice(1).join('/') ?? id;
    const entries = await Promise.all(
      Object.entries(config).map(async ([name, value]) => [name, await resolveValue(jsonOf(value), this.#lookupIn(stack))] as const),
    );
    const values = Object.fromEntries(entries);
    const arn = (service: string, resource: string): string => `arn:aws:${service}:${this.#region}:${accountId}:${resource}`;
    const attributes = attributesOf[type]?.((name) => textOf(values[name], `${path}: ${name}`), arn) ?? {};
    return { type, path, values: { ...values, ...attributes } };
  }

  #lookupIn(stack: StackJson): Lookup {
    return async ([head = '', second = '', third = '', ...rest]) => {
      if (head === 'data') return this.#data(second, third, rest);
      const known = stack.resource[head]?.[second];
      if (known === undefined) throw new Error(`there is no resource ${head}.${second}`);
      if (attributesOf[head] !== undefined) {
        const value = (await this.applied(stack, head, second)).values[third];
        if (value !== undefined) return { value, steps: 3 };
      }
      return { value: `${unknown}${head}.${second}.${third}`, steps: 3 };
    };
  }

  async #data(type: string, third: string, rest: readonly string[]) {
    if (type === 'aws_caller_identity') return { value: { account_id: accountId }, steps: 3 };
    const output = rest[1] ?? '';
    const source = this.#stacks.find((stack) => stack.output?.[output] !== undefined);
    if (type !== 'terraform_remote_state' || source === undefined) throw new Error(`there is no data.${type}.${third}`);
    return { value: await resolveValue(jsonOf(source.output?.[output]?.value), this.#lookupIn(source)), steps: 5 };
  }
}

/** Stands for an attribute that only AWS knows and no policy may depend on. */
const unknown = 'unknown:';

function policiesIn(of: World['of']): Pick<Policies, 'roles' | 'resources'> {
  const attached = (type: string, place: string, document = 'policy') =>
    of(type).map((resource) => [text(resource, place), statementsIn(resource, document)] as const);
  const queueArns = new Map(of('aws_sqs_queue').map((queue) => [text(queue, 'url'), text(queue, 'arn')]));
  const resources = [
    ...attached('aws_kms_key', 'arn'),
    ...attached('aws_sns_topic_policy', 'arn'),
    ...attached('aws_iam_role', 'arn', 'assume_role_policy'),
    ...attached('aws_sqs_queue_policy', 'queue_url').map(([url, statements]) => [queueArns.get(url) ?? url, statements] as const),
    ...attached('aws_s3_bucket_policy', 'bucket').map(([bucket, statements]) => [`arn:aws:s3:::${bucket}`, statements] as const),
    ...of('aws_cloudwatch_log_resource_policy').map((policy) => ['logs', statementsIn(policy, 'policy_document')] as const),
    ...of('aws_lambda_permission').map((permission) => invocationIn(permission, of)),
  ];
  const roles = attached('aws_iam_role_policy', 'role').map(
    ([name, statements]) => [`arn:aws:iam::${accountId}:role/${name}`, statements] as const,
  );
  return { roles: grouped(roles), resources: grouped(resources) };
}

function statementsIn(resource: Applied, document: string): readonly Statement[] {
  const policy = text(resource, document);
  if (policy.includes(unknown)) throw new Error(`${resource.path}: refers to something whose ARN is not known: ${policy}`);
  return v.parse(policySchema, JSON.parse(policy)).Statement.map(({ Sid, Resource, ...statement }) => ({
    ...statement,
    ...(Sid !== undefined && { Sid }),
    ...(Resource !== undefined && { Resource }),
  }));
}

/** The statement that Lambda makes of a permission. */
function invocationIn(permission: Applied, of: World['of']): readonly [string, readonly Statement[]] {
  const name = text(permission, 'function_name');
  const ours = of('aws_lambda_function').find((candidate) => text(candidate, 'function_name') === name);
  // A subscriber's function is named by its ARN, for it is none of ours.
  const target = name.startsWith('arn:') ? name : ours === undefined ? undefined : text(ours, 'arn');
  if (target === undefined) throw new Error(`${permission.path}: there is no function ${name}`);
  const principal = text(permission, 'principal');
  const source = permission.values['source_arn'];
  const statement: Statement = {
    Sid: permission.path.replaceAll(/[^A-Za-z0-9]/g, ''),
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { Service: principal },
    Action: [text(permission, 'action')],
    Resource: [target],
    Condition: source === undefined ? {} : { ArnLike: { 'aws:SourceArn': textOf(source, permission.path) } },
  };
  return [target, [statement]];
}

function grouped(pairs: readonly (readonly [string, readonly Statement[]])[]): ReadonlyMap<string, readonly Statement[]> {
  const map = new Map<string, readonly Statement[]>();
  for (const [key, statements] of pairs) map.set(key, [...(map.get(key) ?? []), ...statements]);
  return map;
}

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${what} is no text`);
}

function jsonOf(value: unknown): Json {
  const json: unknown = JSON.parse(JSON.stringify(value ?? null));
  if (isObject(json) || json === null || typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json;
  if (Array.isArray(json)) return json.map(jsonOf);
  throw new TypeError('no JSON');
}
