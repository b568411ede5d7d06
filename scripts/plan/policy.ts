import { isRecord, strings } from './values';

/** One thing that a policy says: one principal, one action, one resource, under the statement's conditions. */
export interface Grant {
  readonly effect: 'Allow' | 'Deny';
  /** `*`, `Service:sqs.amazonaws.com`, `AWS:arn…`; empty in the policy of a role, where the role itself is meant. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** The grants of a policy document, or undefined when the text is no policy in JSON. */
export function parsePolicy(text: string): readonly Grant[] | undefined {
  const document = parseRecord(text);
  if (document === undefined) return undefined;
  const statement = document['Statement'];
  return (Array.isArray(statement) ? statement : [statement]).filter(isRecord).flatMap(grantsOf);
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function grantsOf(statement: Readonly<Record<string, unknown>>): Grant[] {
  const effect = statement['Effect'] === 'Deny' ? 'Deny' : 'Allow';
  const conditions = conditionsOf(statement['Condition']);
  const resources = either(statement, 'Resource', strings, ['*']);
  const actions = either(statement, 'Action', strings, []);
  return either(statement, 'Principal', principalsOf, ['']).flatMap((principal) =>
    actions.flatMap((action) => resources.map((resource) => ({ effect, principal, action, resource, conditions }))),
  );
}

/** `NotAction` and its like have no patterns to compare, so the whole list stands as one name that only itself covers. */
function either(
  statement: Readonly<Record<string, unknown>>,
  key: string,
  read: (value: unknown) => readonly string[],
  missing: readonly string[],
): readonly string[] {
  const excluded = statement[`Not${key}`];
  if (excluded !== undefined) return [`all but ${[...read(excluded)].sort().join(', ')}`];
  return statement[key] === undefined ? missing : read(statement[key]);
}

function principalsOf(value: unknown): readonly string[] {
  if (!isRecord(value)) return strings(value);
  return Object.entries(value).flatMap(([kind, names]) => strings(names).map((name) => (name === '*' ? '*' : `${kind}:${name}`)));
}

function conditionsOf(value: unknown): readonly Condition[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([operator, keys]) =>
    isRecord(keys) ? Object.entries(keys).map(([key, values]) => ({ operator, key, values: scalars(values) })) : [],
  );
}

function scalars(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** What a change of a policy allows that was not allowed before. */
export interface PolicyDifference {
  /** Grants that nothing before covers. */
  readonly allowed: readonly Grant[];
  /** Prohibitions that nothing after covers. */
  readonly noLongerDenied: readonly Grant[];
}

/** Compares what two policies mean, not how they are written: order, lists of one and narrower grants are no difference. */
export function comparePolicies(before: readonly Grant[], after: readonly Grant[]): PolicyDifference {
  const uncovered = (wanted: readonly Grant[], by: readonly Grant[], effect: Grant['effect']): Grant[] =>
    wanted.filter((grant) => grant.effect === effect && !by.some((other) => other.effect === effect && covers(other, grant)));
  return { allowed: uncovered(after, before, 'Allow'), noLongerDenied: uncovered(before, after, 'Deny') };
}

function covers(wide: Grant, narrow: Grant): boolean {
  return (
    matches(wide.principal, narrow.principal) &&
    matches(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    matches(wide.resource, narrow.resource) &&
    wide.conditions.every((condition) => narrow.conditions.some((other) => conditionCovers(condition, other)))
  );
}

function conditionCovers(wide: Condition, narrow: Condition): boolean {
  if (wide.operator !== narrow.operator || wide.key.toLowerCase() !== narrow.key.toLowerCase()) return false;
  if (wide.operator.includes('Not')) return wide.values.every((value) => narrow.values.includes(value));
  const patterns = /Like|Arn/.test(wide.operator);
  return narrow.values.every((value) => wide.values.some((other) => (patterns ? matches(other, value) : other === value)));
}

/** A pattern covers a text, or another pattern that is at most as wide. */
function matches(pattern: string, text: string): boolean {
  if (pattern === text) return true;
  if (text.startsWith('all but ')) return pattern === '*';
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '[^*]')}$`, 's').test(text);
}

/** Conditions that tie a grant to known callers although its principal is everybody. */
const bindingKeys =
  /^(aws:(sourcearn|sourceaccount|sourceorgid|principalarn|principalaccount|principalorgid|sourcevpce?|sourceip)|kms:calleraccount|lambda:sourcefunctionarn)$/i;

/** True when anybody may use the grant: every principal, and no condition that says who. */
export function isPublic(grant: Grant): boolean {
  const everybody = grant.principal === '*' || grant.principal.startsWith('all but ');
  const bound = grant.conditions.some(({ operator, key }) => bindingKeys.test(key) && !/Not|IfExists|Null/.test(operator));
  return grant.effect === 'Allow' && everybody && !bound;
}

/** Actions that AWS cannot scope to a resource; `*` is their only possible resource. */
const unscopable =
  /^(xray:(put|get)\w+|dynamodb:liststreams|cloudwatch:putmetricdata|ec2:((create|delete)networkinterface|(un)?assignprivateipaddresses|describe\w+)|logs:(create|get|update|delete|list)logdelivery\w*|logs:describe(loggroups|resourcepolicies))$/i;

/** True for a wildcard where a name could stand: all actions of a service, or all resources. */
export function isBroad(grant: Grant): boolean {
  if (grant.effect !== 'Allow') return false;
  const isAccountRootOfKey = /^AWS:arn:[^:]+:iam::[^:]+:root$/.test(grant.principal) && grant.action === 'kms:*';
  if (isAccountRootOfKey) return false;
  const everyAction = /^(\*|[\w-]+:\*)$/.test(grant.action) || grant.action.startsWith('all but ');
  const everyResource = grant.principal === '' && grant.resource === '*' && !unscopable.test(grant.action);
  return everyAction || everyResource || grant.resource.startsWith('all but ');
}

/** A grant as a sentence. */
export function describeGrant({ effect, principal, action, resource, conditions }: Grant): string {
  const who = principal === '' ? '' : `${principal} `;
  const when = conditions.map(({ operator, key, values }) => ` when ${key} ${operator} ${values.join(' or ')}`).join(' and');
  return `${effect} ${who}${action} on ${resource}${when}`;
}
