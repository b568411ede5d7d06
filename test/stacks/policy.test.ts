import { describe, expect, it } from '@jest/globals';
import { environments } from '../../stacks/environments';
import { dataRules } from './rules/data';
import { functionRules } from './rules/functions';
import { edgeRules } from './rules/edge';
import { messagingRules } from './rules/messaging';
import { operationsRules } from './rules/operations';
import { permissionRules } from './rules/permissions';
import { judge, type Rule } from './rules/rule';
import { synthesized, withEverything } from './synthesized';

const rules: readonly Rule[] = [...messagingRules, ...permissionRules, ...dataRules, ...functionRules, ...edgeRules, ...operationsRules];
const suffixes = [...environments.keys(), withEverything];

describe('rules over all resources', () => {
  it('have ids of their own', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  describe.each(rules.map((rule) => [rule.id, rule.what, rule] as const))('%s: %s', (_id, _what, rule) => {
    it.each(rule.where ?? suffixes)('holds in %s', (suffix) => {
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
