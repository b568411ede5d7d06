import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isPrivate, parseCidr } from '../../stacks/cidr';
import { trustedProviderRanges } from '../../stacks/trusted-ranges';

const ranges = Object.entries(trustedProviderRanges);

it('no module of the stacks has a JSON file of its name: ts-node would load that in its place', () => {
  const names = readdirSync('stacks', { recursive: true, encoding: 'utf8' });
  const modules = names.filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3));
  expect(modules).toContain('trusted-ranges');
  expect(modules.filter((name) => names.includes(`${name}.json`))).toEqual([]);
});

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
