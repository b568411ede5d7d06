import { describe, expect, it } from '@jest/globals';
import { comparePolicies, describeGrant, isBroad, isPublic, parsePolicy, type Grant } from '../../../scripts/plan/policy';

const allow = (action: unknown, resource: unknown, more: object = {}) => ({ Effect: 'Allow', Action: action, Resource: resource, ...more });
const deny = (action: unknown, resource: unknown, more: object = {}) => ({ ...allow(action, resource, more), Effect: 'Deny' });
const topic = 'arn:aws:sns:eu-west-1:111122223333:alerts';

function grants(...statements: readonly object[]): readonly Grant[] {
  const parsed = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  if (parsed === undefined) throw new Error('not a policy');
  return parsed;
}

function wider(before: readonly object[], after: readonly object[]): string[] {
  const { allowed, noLongerDenied } = comparePolicies(grants(...before), grants(...after));
  return [...allowed, ...noLongerDenied].map(describeGrant);
}

describe('comparing policies by meaning', () => {
  it.each<[string, object[], object[]]>([
    [
      'another order and lists of one',
      [allow(['s3:GetObject', 's3:PutObject'], ['a'])],
      [allow('s3:PutObject', 'a'), allow('s3:GetObject', 'a')],
    ],
    ['another case of an action', [allow('S3:getobject', 'a')], [allow('s3:GetObject', 'a')]],
    ['a wildcard made narrower', [allow('s3:Get*', 'arn:b/*')], [allow('s3:GetObject', 'arn:b/webhooks/*')]],
    ['an action taken away', [allow(['s3:GetObject', 's3:PutObject'], 'a')], [allow('s3:GetObject', 'a')]],
    ['a condition added', [allow('s3:GetObject', 'a')], [allow('s3:GetObject', 'a', { Condition: { Bool: { x: 'true' } } })]],
    [
      'fewer values in a condition',
      [allow('sns:Publish', topic, { Condition: { StringEquals: { 'aws:SourceAccount': ['1', '2'] } } })],
      [allow('sns:Publish', topic, { Condition: { StringEquals: { 'AWS:SourceAccount': '1' } } })],
    ],
    [
      'a narrower pattern in a condition',
      [allow('sns:Publish', topic, { Condition: { ArnLike: { 'aws:SourceArn': 'arn:alarm:*' } } })],
      [allow('sns:Publish', topic, { Condition: { ArnLike: { 'aws:SourceArn': 'arn:alarm:one' } } })],
    ],
    ['a prohibition added', [allow('s3:*', 'a')], [allow('s3:*', 'a'), deny('s3:DeleteObject', 'a')]],
    ['a prohibition made wider', [deny('s3:DeleteObject', 'a')], [deny('s3:*', '*')]],
  ])('sees nothing wider in %s', (_, before, after) => {
    expect(wider(before, after)).toEqual([]);
  });

  it.each<[string, object[], object[], string[]]>([
    ['a new action', [allow('s3:GetObject', 'a')], [allow(['s3:GetObject', 's3:PutObject'], 'a')], ['Allow s3:PutObject on a']],
    ['a new resource', [allow('s3:GetObject', 'a')], [allow('s3:GetObject', ['a', 'b'])], ['Allow s3:GetObject on b']],
    ['a name that becomes a wildcard', [allow('s3:GetObject', 'a')], [allow('s3:Get*', 'a')], ['Allow s3:Get* on a']],
    ['a question mark that becomes a star', [allow('s3:GetObject?', 'a')], [allow('s3:GetObject*', 'a')], ['Allow s3:GetObject* on a']],
    [
      'a new principal',
      [allow('sns:Publish', topic, { Principal: { Service: 'events.amazonaws.com' } })],
      [allow('sns:Publish', topic, { Principal: { Service: ['events.amazonaws.com', 's3.amazonaws.com'] } })],
      [`Allow Service:s3.amazonaws.com sns:Publish on ${topic}`],
    ],
    [
      'a condition taken away',
      [allow('s3:GetObject', 'a', { Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })],
      [allow('s3:GetObject', 'a')],
      ['Allow s3:GetObject on a'],
    ],
    [
      'more values in a condition',
      [allow('s3:GetObject', 'a', { Condition: { StringEquals: { k: '1' } } })],
      [allow('s3:GetObject', 'a', { Condition: { StringEquals: { k: ['1', '2'] } } })],
      ['Allow s3:GetObject on a when k StringEquals 1 or 2'],
    ],
    [
      'fewer values in a negated condition',
      [allow('s3:GetObject', 'a', { Condition: { StringNotEquals: { k: ['1', '2'] } } })],
      [allow('s3:GetObject', 'a', { Condition: { StringNotEquals: { k: ['1'] } } })],
      ['Allow s3:GetObject on a when k StringNotEquals 1'],
    ],
    [
      'NotAction',
      [allow('s3:GetObject', 'a')],
      [{ Effect: 'Allow', NotAction: 's3:DeleteObject', Resource: 'a' }],
      ['Allow all but s3:DeleteObject on a'],
    ],
    ['a prohibition taken away', [deny('s3:DeleteObject', 'a')], [], ['Deny s3:DeleteObject on a']],
    ['a prohibition made narrower', [deny('s3:*', 'a')], [deny('s3:DeleteObject', 'a')], ['Deny s3:* on a']],
  ])('sees %s', (_, before, after, expected) => {
    expect(wider(before, after)).toEqual(expected);
  });

  it('reads a policy with a single statement, and says so when a text is none', () => {
    expect(parsePolicy(JSON.stringify({ Statement: allow('s3:GetObject', 'a') }))).toHaveLength(1);
    expect(parsePolicy('${data.aws_iam_policy_document.x.json}')).toBeUndefined();
  });
});

describe('grants that stand out', () => {
  const everybody = { Principal: '*' };
  it.each<[string, object, boolean]>([
    ['everybody', allow('sns:Publish', topic, everybody), true],
    ['everybody in AWS', allow('sns:Publish', topic, { Principal: { AWS: '*' } }), true],
    ['everybody but one', allow('sns:Publish', topic, { NotPrincipal: { AWS: 'x' } }), true],
    [
      'everybody of one account',
      allow('sns:Publish', topic, { ...everybody, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
      false,
    ],
    ['everybody over TLS', allow('sns:Publish', topic, { ...everybody, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }), true],
    [
      'everybody outside of one account',
      allow('sns:Publish', topic, { ...everybody, Condition: { StringNotEquals: { 'aws:SourceAccount': '1' } } }),
      true,
    ],
    ['nobody', deny('s3:*', 'a', everybody), false],
    ['a service', allow('sns:Publish', topic, { Principal: { Service: 'events.amazonaws.com' } }), false],
  ])('knows whether %s is public', (_, statement, expected) => {
    expect(grants(statement).some(isPublic)).toBe(expected);
  });

  it.each<[string, object, boolean]>([
    ['all actions', allow('*', 'a'), true],
    ['all actions of a service', allow('dynamodb:*', 'a'), true],
    ['all resources', allow('dynamodb:PutItem', '*'), true],
    ['an action that knows no resource', allow('xray:PutTraceSegments', '*'), false],
    ['another action that knows no resource', allow('dynamodb:ListStreams', '*'), false],
    ['the root of the account in a key policy', allow('kms:*', '*', { Principal: { AWS: 'arn:aws:iam::111122223333:root' } }), false],
    ['a service in a key policy', allow('kms:Decrypt', '*', { Principal: { Service: 'sns.amazonaws.com' } }), false],
    ['one action on one resource', allow('dynamodb:PutItem', 'a'), false],
    ['a prohibition', deny('*', '*'), false],
  ])('knows whether %s is a wildcard', (_, statement, expected) => {
    expect(grants(statement).some(isBroad)).toBe(expected);
  });
});
