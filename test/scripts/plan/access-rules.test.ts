import { describe, expect, it } from '@jest/globals';
import { accessRemarks, type AccessContext } from '../../../scripts/plan/access-rules';
import { change } from './changes';

type Values = Readonly<Record<string, unknown>>;
const running: AccessContext = { firstDeployment: false, synthesized: () => undefined };
const first: AccessContext = { ...running, firstDeployment: true };
const document = (...statements: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const narrow = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: 'arn:q' };
const everybody = { ...narrow, Principal: '*' };
const tlsOnly = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: 'arn:b',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

const said = (type: string, before: Values | undefined, after: Values | undefined, context = running): string[] =>
  accessRemarks(change(type, before, after), context).map(({ risk, says, evidence }) => [risk, says, ...(evidence ?? [])].join(' | '));

describe('policy documents', () => {
  it.each([
    ['aws_iam_role_policy', 'policy'],
    ['aws_iam_policy', 'policy'],
    ['aws_iam_role', 'assume_role_policy'],
    ['aws_kms_key', 'policy'],
    ['aws_kms_key_policy', 'policy'],
    ['aws_s3_bucket_policy', 'policy'],
    ['aws_sqs_queue_policy', 'policy'],
    ['aws_sns_topic_policy', 'policy'],
    ['aws_secretsmanager_secret_policy', 'policy'],
    ['aws_dynamodb_resource_policy', 'policy'],
    ['aws_cloudwatch_event_bus_policy', 'policy'],
    ['aws_cloudwatch_log_resource_policy', 'policy_document'],
    ['aws_api_gateway_rest_api_policy', 'policy'],
    ['aws_vpc_endpoint', 'policy'],
  ])('are compared for %s', (type, attribute) => {
    const before = { [attribute]: document() };
    const after = { [attribute]: document(narrow) };
    expect(said(type, before, after)).toEqual(['access-widened | Allowed now, and not before. | Allow sqs:SendMessage on arn:q']);
    expect(said(type, after, before)).toEqual([]);
    expect(said(type, after, after)).toEqual([]);
    expect(said(type, after, undefined)).toEqual([]);
  });

  it('count as public when anybody may use them', () => {
    expect(said('aws_sqs_queue_policy', undefined, { policy: document(everybody) }, first)).toEqual([
      'network-exposed | Anybody may do this: the principal is * and no condition says who. | Allow * sqs:SendMessage on arn:q',
    ]);
  });

  it('count as wildcard when a name could stand there', () => {
    const policy = document({ Effect: 'Allow', Action: 'dynamodb:*', Resource: 'arn:t' });
    expect(said('aws_iam_role_policy', undefined, { policy }, first)).toEqual([
      'access-widened | A wildcard stands where a name could. | Allow dynamodb:* on arn:t',
    ]);
  });

  it('of a first deployment are not wider than anything', () => {
    expect(said('aws_iam_role_policy', undefined, { policy: document(narrow) }, first)).toEqual([]);
    expect(said('aws_iam_role_policy', undefined, { policy: document(narrow) })).toHaveLength(1);
  });

  it('weaken encryption when they no longer refuse plain HTTP', () => {
    const [gone] = said('aws_s3_bucket_policy', { policy: document(tlsOnly) }, { policy: document() });
    expect(gone).toMatch(/^encryption-weakened \| Plain HTTP/);
    expect(said('aws_s3_bucket_policy', { policy: document(tlsOnly) }, undefined)).toHaveLength(1);
  });

  it('widen access when another prohibition goes', () => {
    const keep = { Effect: 'Deny', Principal: '*', Action: 's3:DeleteObjectVersion', Resource: 'arn:b/*' };
    const [gone] = said('aws_s3_bucket_policy', { policy: document(keep) }, { policy: document() });
    expect(gone).toMatch(/^access-widened \| No longer forbidden/);
  });
});

describe('policies that are known only after apply', () => {
  const unknown = { actions: ['update'], after_unknown: { policy: true } };
  const asked: string[][] = [];
  const synthesized = (...names: string[]): string => {
    asked.push(names);
    return document(narrow);
  };

  it('are read from the synthesized stack', () => {
    const same = change('aws_iam_role_policy', { policy: document(narrow) }, {}, unknown);
    expect(accessRemarks(same, { ...running, synthesized })).toEqual([]);
    expect(asked).toEqual([['aws_iam_role_policy.it', 'policy']]);
    const wider = change('aws_iam_role_policy', { policy: document() }, {}, unknown);
    expect(accessRemarks(wider, { ...running, synthesized })).toHaveLength(1);
  });

  it('are called out when nothing says what they will be', () => {
    const hidden = change('aws_iam_role_policy', { policy: document(narrow) }, {}, unknown);
    expect(accessRemarks(hidden, running).map(({ says }) => says)).toEqual([expect.stringContaining('known only after apply')]);
  });
});

describe('permissions of a function', () => {
  const permission = {
    principal: 'apigateway.amazonaws.com',
    action: 'lambda:InvokeFunction',
    function_name: 'receiver',
    source_arn: 'arn:api/*',
  };

  it('are a statement like any other', () => {
    expect(said('aws_lambda_permission', undefined, permission)).toEqual([
      'access-widened | Allowed now, and not before. | Allow Service:apigateway.amazonaws.com lambda:InvokeFunction on receiver when aws:SourceArn ArnLike arn:api/*',
    ]);
    expect(said('aws_lambda_permission', permission, { ...permission, source_arn: 'arn:api/prod/POST/webhook' })).toEqual([]);
    expect(said('aws_lambda_permission', permission, { ...permission, source_arn: undefined })).toHaveLength(1);
  });

  it('are public for everybody, also on a first deployment', () => {
    const url = { principal: '*', action: 'lambda:InvokeFunctionUrl', function_name: 'health', function_url_auth_type: 'NONE' };
    expect(said('aws_lambda_permission', undefined, url, first)[0]).toMatch(/^network-exposed/);
  });
});

describe('roles, users and keys', () => {
  it('call out a managed policy that is attached', () => {
    const attachment = { role: 'r', policy_arn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole' };
    expect(said('aws_iam_role_policy_attachment', undefined, attachment)).toHaveLength(1);
    expect(said('aws_iam_role_policy_attachment', undefined, attachment, first)).toEqual([]);
    const admin = { role: 'r', policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
    expect(said('aws_iam_role_policy_attachment', undefined, admin, first)[0]).toContain('nearly everything');
    expect(said('aws_iam_role_policy_attachment', admin, undefined)).toEqual([]);
  });

  it.each(['aws_iam_user', 'aws_iam_access_key', 'aws_kms_grant'])('call out a new %s', (type) => {
    expect(said(type, undefined, { name: 'it' }, first)).toHaveLength(1);
    expect(said(type, { name: 'it' }, undefined)).toEqual([]);
  });

  it('call out a boundary that is taken away and policies that are added to a role', () => {
    expect(said('aws_iam_role', { permissions_boundary: 'b' }, {})).toHaveLength(1);
    expect(said('aws_iam_role', {}, { permissions_boundary: 'b' })).toEqual([]);
    expect(said('aws_iam_role', { managed_policy_arns: ['a'] }, { managed_policy_arns: ['a', 'b'] })).toHaveLength(1);
  });

  it('call out another role of a function', () => {
    expect(said('aws_lambda_function', { role: 'a' }, { role: 'b' })).toEqual([
      'access-widened | The function runs with another role. | a → b',
    ]);
    expect(said('aws_lambda_function', { role: 'a', memory_size: 1 }, { role: 'a', memory_size: 2 })).toEqual([]);
  });
});
