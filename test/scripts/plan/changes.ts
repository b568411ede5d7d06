import { outcome, parsePlan, type ResourceChange } from '../../../scripts/plan/plan-file';

type Values = Readonly<Record<string, unknown>>;

/** A resource change as `terraform show -json` would print it: no `before` is a creation, no `after` a destruction. */
export function change(type: string, before: Values | undefined, after: Values | undefined, more: Values = {}): ResourceChange {
  const actions = before === undefined ? ['create'] : after === undefined ? ['delete'] : ['update'];
  const document = {
    format_version: '1.2',
    resource_changes: [
      {
        address: `${type}.it`,
        mode: 'managed',
        type,
        name: 'it',
        change: { actions, before: before ?? null, after: after ?? null, after_unknown: {}, ...more },
      },
    ],
  };
  const [read] = parsePlan(JSON.stringify(document), 'a test').resource_changes;
  if (read === undefined) throw new Error('the change was not read');
  return read;
}

/** The same change with the resource replaced. */
export function replacement(type: string, before: Values, after: Values, unknown: Values = {}): ResourceChange {
  const made = change(type, before, after, { actions: ['delete', 'create'], after_unknown: unknown });
  if (outcome(made) !== 'replaced') throw new Error('not a replacement');
  return made;
}
