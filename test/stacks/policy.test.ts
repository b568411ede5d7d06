import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { environments } from '../../stacks/environments';
import { rules } from './rules';
import { rulesPage } from './rules/page';
import { judge } from './rules/rule';
import { synthesized, withEverything } from './synthesized';

const suffixes = [...environments.keys(), withEverything];

describe('rules over all resources', () => {
  it('have ids of their own', () => {
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  it('are in docs/rules.md as they are here: after a change run npm run rules', () => {
    expect(readFileSync('docs/rules.md', 'utf8')).toBe(rulesPage(rules));
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
