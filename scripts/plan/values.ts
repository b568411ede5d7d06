import type { ResourceChange } from './plan-file';

/** Stands for a value that Terraform learns only while it applies. */
export const unknownUntilApply = Symbol('known only after apply');

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows a dotted path (`rule.0.enabled`) into a JSON value; undefined where it ends early. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isRecord(inner) ? inner[key] : undefined;
  }, value);
}

/** The value before the change; undefined and null both as undefined. */
export function before({ change }: ResourceChange, path: string): unknown {
  return at(change.before, path) ?? undefined;
}

/** The value after the change, or `unknownUntilApply`; undefined and null both as undefined. */
export function after({ change }: ResourceChange, path: string): unknown {
  return isUnknown(change.after_unknown, path) ? unknownUntilApply : (at(change.after, path) ?? undefined);
}

function isUnknown(unknowns: unknown, path: string): boolean {
  const keys = path.split('.');
  return keys.some((_, index) => at(unknowns, keys.slice(0, index + 1).join('.')) === true);
}

/** The blocks under a path as a list: Terraform writes a block as a list of one. */
export function blocks(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The strings of a list; a single string is a list of one. */
export function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** A value as a person reads it in a review. */
export function show(value: unknown): string {
  if (value === unknownUntilApply) return '(known after apply)';
  if (value === undefined || value === null || value === '') return '(none)';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}
