import { describe, expect, it } from '@jest/globals';
import { environments } from '../../stacks/environments';
import { dataRules } from './rules/data';
import { functionRules } from './rules/functions';
import { messagingRules } from './rules/messaging';
import { permissionRules } from './rules/permissions';
import { judge, type Rule } from './rules/rule';
import { synthesized } from './synthesized';

const rules: readonly Rule[] = [...messagingRules, ...permissionRules, ...dataRules, ...functionRules];
const suffixes = [...environments.keys()];

describe('rules over all resources', () => {
  it('have ids of their own', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  describe.each(rules.map((rule) => [rule.id, rule.what, rule] as const))('%s: %s', (_id, _what, rule) => {
    it.each(suffixes)('holds in %s', (suffix) => {
      expect(judge(rule, synthesized(suffix).resources).findings).toEqual([]);
    });

    it('finds what breaks it', () => {
      expect(rule.bad.length).toBeGreaterThan(0);
      for (const fixture of rule.bad) expect(judge(rule, fixture).findings).not.toEqual([]);
    });

    it('has no exception that nothing needs', () => {
      const needed = suffixes.flatMap((suffix) => judge(rule, synthesized(suffix).resources).excused);
      expect((rule.exceptions ?? []).filter((exception) => !needed.includes(exception))).toEqual([]);
    });
  });
});
