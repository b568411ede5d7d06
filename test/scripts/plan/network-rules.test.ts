import { describe, expect, it } from '@jest/globals';
import { networkRemarks } from '../../../scripts/plan/network-rules';
import { change } from './changes';

type Values = Readonly<Record<string, unknown>>;
const ingress = (cidr: string, from: number, to: number): Values => ({ cidr_ipv4: cidr, ip_protocol: 'tcp', from_port: from, to_port: to });
const inline = (...rules: readonly Values[]): Values => ({ name: 'functions', ingress: rules });
const block = (cidr: string, port: number): Values => ({
  cidr_blocks: [cidr],
  protocol: 'tcp',
  from_port: port,
  to_port: port,
  self: false,
});
const flags = { block_public_acls: true, block_public_policy: true, ignore_public_acls: true, restrict_public_buckets: true };
const acl = (action: string, limit: number, otherwise = 'allow'): Values => ({
  default_action: [{ [otherwise]: [{}] }],
  rule: [{ name: 'rate', action: [{ [action]: [{}] }], statement: [{ rate_based_statement: [{ limit }] }] }],
});

const wider: [string, Values | undefined, Values | undefined][] = [
  ['aws_vpc_security_group_ingress_rule', undefined, ingress('0.0.0.0/0', 443, 443)],
  ['aws_vpc_security_group_ingress_rule', ingress('10.0.0.0/16', 443, 443), ingress('0.0.0.0/0', 443, 443)],
  ['aws_vpc_security_group_ingress_rule', ingress('10.0.0.0/16', 443, 443), ingress('10.0.0.0/16', 22, 443)],
  ['aws_vpc_security_group_ingress_rule', ingress('10.0.0.0/16', 443, 443), { cidr_ipv4: '10.0.0.0/16', ip_protocol: '-1' }],
  ['aws_vpc_security_group_egress_rule', ingress('0.0.0.0/0', 443, 443), ingress('0.0.0.0/0', 0, 65_535)],
  [
    'aws_vpc_security_group_ingress_rule',
    undefined,
    { referenced_security_group_id: 'sg-1', ip_protocol: 'tcp', from_port: 443, to_port: 443 },
  ],
  ['aws_security_group', inline(), inline(block('10.0.0.0/8', 443))],
  ['aws_security_group', inline(block('10.0.0.0/8', 443)), inline(block('10.0.0.0/8', 443), block('0.0.0.0/0', 22))],
  ['aws_security_group_rule', undefined, { type: 'ingress', ...block('0.0.0.0/0', 22) }],
  ['aws_lambda_function_url', { authorization_type: 'AWS_IAM' }, { authorization_type: 'NONE' }],
  ['aws_lambda_function_url', undefined, { authorization_type: 'NONE' }],
  ['aws_api_gateway_method', { authorization: 'AWS_IAM' }, { authorization: 'NONE' }],
  ['aws_s3_bucket_public_access_block', flags, { ...flags, block_public_policy: false }],
  ['aws_s3_bucket_public_access_block', undefined, { ...flags, ignore_public_acls: false }],
  ['aws_s3_bucket_acl', { acl: 'private' }, { acl: 'public-read' }],
  ['aws_wafv2_web_acl_association', { resource_arn: 'stage' }, undefined],
  ['aws_wafv2_web_acl', acl('block', 600), acl('count', 600)],
  ['aws_wafv2_web_acl', acl('block', 600), acl('block', 60_000)],
  ['aws_wafv2_web_acl', acl('block', 600), { default_action: [{ allow: [{}] }], rule: [] }],
  ['aws_wafv2_web_acl', acl('block', 600, 'block'), acl('block', 600, 'allow')],
  ['aws_wafv2_web_acl', acl('block', 600), undefined],
  ['aws_wafv2_ip_set', { addresses: ['192.0.2.0/24'] }, { addresses: ['192.0.2.0/24', '0.0.0.0/1'] }],
  ['aws_subnet', { map_public_ip_on_launch: false }, { map_public_ip_on_launch: true }],
  ['aws_lambda_function', { vpc_config: [{ subnet_ids: ['subnet-1'] }] }, { vpc_config: [] }],
];

describe('network exposure', () => {
  it.each(wider)('is called out for %s from %j to %j', (type, before, after) => {
    const remarks = networkRemarks(change(type, before, after));
    expect(remarks.map(({ risk }) => risk)).toEqual(['network-exposed']);
    expect(remarks[0]?.evidence).not.toEqual([]);
  });

  it.each(wider.filter(([, before, after]) => before !== undefined && after !== undefined))(
    'is not called out for %s the other way, nor when nothing changes',
    (type, before, after) => {
      expect(networkRemarks(change(type, after, before))).toEqual([]);
      expect(networkRemarks(change(type, after, after))).toEqual([]);
    },
  );

  it.each<[string, Values | undefined, Values | undefined]>([
    ['aws_lambda_function_url', undefined, { authorization_type: 'AWS_IAM' }],
    ['aws_s3_bucket_public_access_block', undefined, flags],
    ['aws_wafv2_web_acl', undefined, acl('block', 600)],
    ['aws_wafv2_web_acl_association', undefined, { resource_arn: 'stage' }],
    ['aws_api_gateway_method', undefined, { authorization: 'NONE' }],
    ['aws_security_group', inline(block('0.0.0.0/0', 443)), undefined],
    ['aws_vpc_security_group_ingress_rule', ingress('0.0.0.0/0', 0, 65_535), ingress('10.0.0.0/8', 443, 443)],
  ])('says nothing of %s from %j to %j', (type, before, after) => {
    expect(networkRemarks(change(type, before, after))).toEqual([]);
  });

  it('names the peer, the protocol and the ports', () => {
    const [remark] = networkRemarks(change('aws_vpc_security_group_ingress_rule', undefined, ingress('0.0.0.0/0', 22, 22)));
    expect(remark).toMatchObject({ says: 'More may come in.', evidence: ['ingress 0.0.0.0/0 tcp ports 22-22'] });
  });

  it('counts a peer that is known only after apply as new', () => {
    const unknown = { actions: ['create'], after_unknown: { referenced_security_group_id: true } };
    const rule = { ip_protocol: 'tcp', from_port: 443, to_port: 443 };
    expect(networkRemarks(change('aws_vpc_security_group_ingress_rule', undefined, rule, unknown))).toHaveLength(1);
  });
});
