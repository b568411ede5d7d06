import type { Remark } from './finding';
import { outcome, type ResourceChange } from './plan-file';
import { comparePolicies, describeGrant, isBroad, isPublic, parsePolicy, type Grant } from './policy';
import { after, before, show, strings, unknownUntilApply } from './values';

/** Where each resource type keeps a policy document. */
const policyAttributes: Readonly<Record<string, string>> = {
  aws_iam_role: 'assume_role_policy',
  aws_iam_role_policy: 'policy',
  aws_iam_policy: 'policy',
  aws_iam_user_policy: 'policy',
  aws_iam_group_policy: 'policy',
  aws_kms_key: 'policy',
  aws_kms_key_policy: 'policy',
  aws_s3_bucket_policy: 'policy',
  aws_sqs_queue_policy: 'policy',
  aws_sns_topic_policy: 'policy',
  aws_secretsmanager_secret_policy: 'policy',
  aws_dynamodb_resource_policy: 'policy',
  aws_cloudwatch_event_bus_policy: 'policy',
  aws_cloudwatch_log_resource_policy: 'policy_document',
  aws_api_gateway_rest_api_policy: 'policy',
  aws_vpc_endpoint: 'policy',
};

/** Creating one of these hands somebody a key to the account. */
const keys: Readonly<Record<string, string>> = {
  aws_iam_user: 'A user who can get long-lived credentials is created.',
  aws_iam_access_key: 'A long-lived access key is created, and its secret half stands in the Terraform state.',
  aws_kms_grant: 'A grant on the key is created, which no policy shows.',
};

export interface AccessContext {
  /** Nothing exists yet, so nothing can be wider than before: only wildcards and public grants are called out. */
  readonly firstDeployment: boolean;
  /** The text of an attribute that Terraform knows only after apply, from the synthesized stack; undefined where it cannot be read. */
  readonly synthesized: (address: string, attribute: string) => string | undefined;
}

/** Access that this change hands out and nobody had before. */
export function accessRemarks(change: ResourceChange, context: AccessContext): readonly Remark[] {
  return [...documents(change, context), ...invocations(change, context), ...attachments(change, context), ...identities(change)];
}

function documents(change: ResourceChange, context: AccessContext): readonly Remark[] {
  const attribute = policyAttributes[change.type];
  if (attribute === undefined) return [];
  const earlier = parsePolicy(textOf(before(change, attribute))) ?? [];
  const planned = after(change, attribute);
  const text = planned === unknownUntilApply ? context.synthesized(change.address, attribute) : textOf(planned);
  const later = text === '' ? [] : parsePolicy(text ?? '');
  return later === undefined ? [unreadable(attribute)] : compare(earlier, later, context);
}

/** A policy that is missing allows and forbids nothing. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unreadable(attribute: string): Remark {
  const says = `Its ${attribute} is known only after apply, and the synthesized stack does not say it in JSON: read it in the source.`;
  return { risk: 'access-widened', says };
}

function compare(earlier: readonly Grant[], later: readonly Grant[], { firstDeployment }: AccessContext): readonly Remark[] {
  const { allowed, noLongerDenied } = comparePolicies(earlier, later);
  const open = allowed.filter(isPublic);
  const broad = allowed.filter((grant) => !isPublic(grant) && isBroad(grant));
  const rest = allowed.filter((grant) => !isPublic(grant) && !isBroad(grant));
  const isTransport = (grant: Grant): boolean => grant.conditions.some(({ key }) => /^(aws:SecureTransport|s3:TlsVersion)$/i.test(key));
  return [
    remark('network-exposed', 'Anybody may do this: the principal is * and no condition says who.', open),
    remark('access-widened', 'A wildcard stands where a name could.', broad),
    remark('access-widened', 'Allowed now, and not before.', firstDeployment ? [] : rest),
    remark('encryption-weakened', 'Plain HTTP or old TLS is no longer refused.', noLongerDenied.filter(isTransport)),
    remark(
      'access-widened',
      'No longer forbidden.',
      noLongerDenied.filter((grant) => !isTransport(grant)),
    ),
  ].flat();
}

function remark(risk: Remark['risk'], says: string, grants: readonly Grant[]): readonly Remark[] {
  return grants.length === 0 ? [] : [{ risk, says, evidence: [...new Set(grants.map(describeGrant))].sort() }];
}

/** `aws_lambda_permission` is one statement of the function's policy, spelt as attributes. */
function invocations(change: ResourceChange, context: AccessContext): readonly Remark[] {
  if (change.type !== 'aws_lambda_permission') return [];
  return compare(statement(change, before), statement(change, after), context);
}

function statement(change: ResourceChange, side: typeof before): readonly Grant[] {
  const principal = side(change, 'principal');
  if (typeof principal !== 'string') return [];
  const kind = principal.includes('amazonaws.com') ? 'Service:' : 'AWS:';
  const condition = (attribute: string, operator: string, key: string): Grant['conditions'] => {
    const value = side(change, attribute);
    return value === undefined ? [] : [{ operator, key, values: [show(value)] }];
  };
  return [
    {
      effect: 'Allow',
      principal: principal === '*' ? '*' : `${kind}${principal}`,
      action: show(side(change, 'action')),
      resource: show(side(change, 'function_name')),
      conditions: [
        ...condition('source_arn', 'ArnLike', 'aws:SourceArn'),
        ...condition('source_account', 'StringEquals', 'aws:SourceAccount'),
        ...condition('principal_org_id', 'StringEquals', 'aws:PrincipalOrgID'),
        ...condition('function_url_auth_type', 'StringEquals', 'lambda:FunctionUrlAuthType'),
      ],
    },
  ];
}

function attachments(change: ResourceChange, { firstDeployment }: AccessContext): readonly Remark[] {
  const attribute = { aws_iam_role_policy_attachment: 'policy_arn', aws_iam_user_policy_attachment: 'policy_arn' }[change.type];
  if (attribute === undefined) return [];
  const [earlier, later] = [show(before(change, attribute)), show(after(change, attribute))];
  const wide = /(AdministratorAccess|PowerUserAccess|FullAccess)/.test(later);
  if (outcome(change) === 'destroyed' || earlier === later || (firstDeployment && !wide)) return [];
  const says = wide ? 'A policy that allows nearly everything is attached.' : 'A managed policy is attached that was not there before.';
  return [{ risk: 'access-widened', says, evidence: [later] }];
}

function identities(change: ResourceChange): readonly Remark[] {
  const key = keys[change.type];
  if (key !== undefined && outcome(change) === 'created') return [{ risk: 'access-widened', says: key }];
  if (change.type === 'aws_lambda_function') return otherRole(change);
  if (change.type !== 'aws_iam_role' || outcome(change) === 'destroyed' || outcome(change) === 'created') return [];
  const added = strings(after(change, 'managed_policy_arns')).filter(
    (arn) => !strings(before(change, 'managed_policy_arns')).includes(arn),
  );
  const unbounded = before(change, 'permissions_boundary') !== undefined && after(change, 'permissions_boundary') === undefined;
  return [
    ...(added.length === 0 ? [] : [{ risk: 'access-widened' as const, says: 'Managed policies are attached.', evidence: added }]),
    ...(unbounded ? [{ risk: 'access-widened' as const, says: 'The permissions boundary is taken away.' }] : []),
  ];
}

function otherRole(change: ResourceChange): readonly Remark[] {
  const [earlier, later] = [before(change, 'role'), after(change, 'role')];
  if (outcome(change) !== 'changed' || earlier === later || later === unknownUntilApply) return [];
  return [{ risk: 'access-widened', says: 'The function runs with another role.', evidence: [`${show(earlier)} → ${show(later)}`] }];
}
