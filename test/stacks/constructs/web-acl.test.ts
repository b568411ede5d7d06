import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { WebAcl } from '../../../stacks/constructs/web-acl';
import { trustedProviderRanges } from '../../../stacks/trusted-ranges';
import { onlyResource, resources, synthesized } from '../../support/synthesized-construct';

const stack = synthesized(
  (scope) =>
    new WebAcl(scope, 'web-acl', {
      name: 'payments-test',
      stageArn: 'arn:aws:apigateway:eu-west-1::/restapis/1/stages/prod',
      trustedRanges: trustedProviderRanges,
      requestsPerMinute: 600,
      maxBodyBytes: 1_048_576,
      logGroup: { name: 'aws-waf-logs-payments-test', keyArn: 'arn:aws:kms:eu-west-1:123456789012:key/1', retentionDays: 30 },
    }),
);
const acl = onlyResource(stack, 'aws_wafv2_web_acl');
const rules = v.parse(v.array(v.looseObject({ name: v.string(), priority: v.number(), statement: v.unknown() })), acl['rule']);

function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keysOf(inner)]);
}

describe('WebAcl', () => {
  it('lets trusted senders through first, then limits size and rate, then asks the managed rules', () => {
    const inOrder = rules.toSorted((a, b) => a.priority - b.priority).map((rule) => rule.name);
    expect(inOrder).toEqual([
      'trusted-stripe',
      'trusted-square',
      'trusted-square-sandbox',
      'body-too-large',
      'body-of-unknown-length',
      'rate-limit',
      'common-rules',
      'known-bad-inputs',
    ]);
  });

  it('gives every rule a place of its own', () => {
    expect(new Set(rules.map((rule) => rule.priority)).size).toBe(rules.length);
  });

  it('writes statements in the snake case that Terraform reads', () => {
    expect(rules.flatMap((rule) => keysOf(rule.statement)).filter((key) => /[A-Z]/.test(key))).toEqual([]);
  });

  it('lets everybody else through to the receiver, which checks the signature', () => {
    expect(acl['default_action']).toEqual({ allow: {} });
  });

  it('has every answer that its rules name', () => {
    const bodies = v.parse(v.array(v.looseObject({ key: v.string(), content: v.string() })), acl['custom_response_body']);
    const named = [...JSON.stringify(rules).matchAll(/"custom_response_body_key":"([^"]+)"/g)].map(([, key]) => key);
    expect(bodies.map((body) => body.key).toSorted()).toEqual([...new Set(named)].toSorted());
    for (const body of bodies) expect(JSON.parse(body.content)).toEqual({ error: expect.any(String) });
  });

  it('stands in front of the stage', () => {
    expect(onlyResource(stack, 'aws_wafv2_web_acl_association')['resource_arn']).toContain('/stages/prod');
  });

  it('logs to a group that AWS WAF accepts, without signatures', () => {
    expect(onlyResource(stack, 'aws_cloudwatch_log_group')['name']).toMatch(/^aws-waf-logs-/);
    const logging = JSON.stringify(onlyResource(stack, 'aws_wafv2_web_acl_logging_configuration'));
    for (const header of ['authorization', 'stripe-signature', 'paypal-transmission-sig', 'x-square-hmacsha256-signature']) {
      expect(logging).toContain(`{"single_header":{"name":"${header}"}}`);
    }
    // A record of a counted match would quote the body.
    expect(logging).toContain('BLOCK');
    expect(logging).not.toContain('COUNT');
    for (const header of ['x-webhook-signature', 'webhook-signature']) expect(logging).toContain(`{"single_header":{"name":"${header}"}}`);
  });

  it('keeps no samples, which would show whole headers', () => {
    expect(JSON.stringify(acl)).not.toContain('"sampled_requests_enabled":true');
  });

  it('makes an address set per trusted range', () => {
    const sets = Object.values(resources(stack, 'aws_wafv2_ip_set'));
    expect(new Set(sets.map((set) => set['addresses']))).toEqual(new Set(Object.values(trustedProviderRanges).map((range) => range.cidrs)));
  });
});
