import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { integersAbove, managedGroup, rateLimit, sizeLimit, trustedSender, unknownLength } from '../../../stacks/constructs/web-acl-rules';

describe('integersAbove', () => {
  it('matches exactly the integers above the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 0, max: 99_999_999 }), (limit, value) => {
        expect(new RegExp(integersAbove(limit)).test(String(value))).toBe(value > limit);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([1024, 1_048_576, 4_194_304, 999_999, 9])('is right around %d', (limit) => {
    const pattern = new RegExp(integersAbove(limit));
    expect([limit - 1, limit, limit + 1].map((value) => pattern.test(String(value)))).toEqual([false, false, true]);
  });

  it('is not deceived by leading zeros, signs or text', () => {
    const pattern = new RegExp(integersAbove(1024));
    expect(pattern.test('0002000')).toBe(true);
    expect(['', '0000000000', '-2000', '2000x', '1e9', '12 '].some((text) => pattern.test(text))).toBe(false);
  });

  it('fits into the 512 characters that WAF takes', () => {
    expect(integersAbove(1_111_111_111).length).toBeLessThan(512);
  });
});

describe('trustedSender', () => {
  it("lets addresses through on their own provider's path only", () => {
    expect(trustedSender('stripe', 'stripe', 'arn:ip-set')).toMatchObject({
      action: { allow: {} },
      statement: {
        and_statement: {
          statement: [
            { ip_set_reference_statement: { arn: 'arn:ip-set' } },
            {
              byte_match_statement: {
                search_string: '/webhook/stripe',
                positional_constraint: 'ENDS_WITH',
                field_to_match: { uri_path: {} },
              },
            },
          ],
        },
      },
    });
  });
});

describe('size rules', () => {
  it('answer 413 to a length over the limit', () => {
    const rule = sizeLimit(1_048_576);
    expect(rule.action).toEqual({ block: { customResponse: { responseCode: 413, customResponseBodyKey: 'too-large' } } });
    expect(rule.statement).toMatchObject({ regex_match_statement: { field_to_match: { single_header: { name: 'content-length' } } } });
  });

  it('answer 411 to a body beyond what WAF sees, when no length was announced', () => {
    const rule = unknownLength();
    expect(rule.action).toEqual({ block: { customResponse: { responseCode: 411, customResponseBodyKey: 'length-required' } } });
    expect(rule.statement).toMatchObject({
      and_statement: {
        statement: [
          {
            not_statement: {
              statement: [{ size_constraint_statement: { field_to_match: { single_header: { name: 'content-length' } } } }],
            },
          },
          { size_constraint_statement: { size: 16_384, field_to_match: { body: { oversize_handling: 'MATCH' } } } },
        ],
      },
    });
  });
});

describe('rateLimit', () => {
  it('answers 429 with a time to wait, over a window of 60 seconds', () => {
    const rule = rateLimit(600);
    expect(rule.statement).toEqual({ rate_based_statement: { limit: 600, evaluation_window_sec: 60, aggregate_key_type: 'IP' } });
    expect(rule.action).toMatchObject({
      block: { customResponse: { responseCode: 429, responseHeader: [{ name: 'Retry-After', value: '60' }] } },
    });
  });
});

describe('managedGroup', () => {
  it('only counts with the rules named', () => {
    expect(managedGroup('common-rules', 'AWSManagedRulesCommonRuleSet', ['SizeRestrictions_BODY'])).toMatchObject({
      overrideAction: { none: {} },
      statement: {
        managed_rule_group_statement: {
          vendor_name: 'AWS',
          name: 'AWSManagedRulesCommonRuleSet',
          rule_action_override: [{ name: 'SizeRestrictions_BODY', action_to_use: { count: {} } }],
        },
      },
    });
  });
});
