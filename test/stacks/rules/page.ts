import type { Rule } from './rule';

const introduction = `# Rules over all resources

What holds for every resource of every environment: \`npx jest test/stacks/policy.test.ts\` synthesizes dev, staging and prod and asks each rule.
Neither \`terraform validate\` nor the provider reports any of it. Each rule also has resources that break it, which it has to find, and an
exception that nothing needs any more fails the test. Known as: the same idea at Checkov (CKV) or in a standard of Security Hub; a rule here may
ask for more. Written by \`npm run rules\` from [the rules](../test/stacks/rules).
`;

/** docs/rules.md: every rule, then every exception with its reason. */
export function rulesPage(rules: readonly Rule[]): string {
  const lines = rules.map(
    ({ id, what, where, knownAs = [] }) =>
      `| \`${id}\` | ${what}${where === undefined ? '' : ` (${where.join(', ')})`} | ${knownAs.join(', ')} |`,
  );
  const exceptions = rules.flatMap(({ id, exceptions: excused = [] }) =>
    excused.map(({ place, reason }) => `| \`${id}\` | \`${place}\` | ${reason} |`),
  );
  return [
    introduction,
    '| rule | what holds | known as |',
    '|---|---|---|',
    ...lines,
    '',
    '## Exceptions',
    '',
    '| rule | where | why |',
    '|---|---|---|',
    ...exceptions,
    '',
  ].join('\n');
}
