import { describe, expect, it } from '@jest/globals';
import { isPrivate, parseCidr } from '../../stacks/cidr';
import { trustedProviderRanges } from '../../stacks/trusted-provider-ranges';

const ranges = Object.entries(trustedProviderRanges);

describe('trusted provider ranges', () => {
  it.each(ranges)('of %s name their source and day', (_, range) => {
    expect(range.source).toMatch(/^https:\/\//);
    expect(range.date).toMatch(/^2026-\d\d(-\d\d)?$/);
  });

  it.each(ranges)('of %s are single public addresses, each once', (_, range) => {
    for (const text of range.cidrs) {
      const cidr = parseCidr(text);
      expect({ text, prefix: cidr?.prefix, reachable: cidr !== undefined && !isPrivate(cidr) }).toEqual({
        text,
        prefix: 32,
        reachable: true,
      });
    }
    expect(new Set(range.cidrs).size).toBe(range.cidrs.length);
  });

  it('trust no address of PayPal, which publishes none', () => {
    expect(ranges.map(([, range]) => range.provider)).not.toContain('paypal');
  });
});
