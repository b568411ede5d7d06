/** A setting that cannot be used. */
export interface Problem {
  readonly field: string;
  readonly value: unknown;
  readonly allowed: string;
  /** The rest of a sentence that begins with the field, where neither the value nor a list of what is allowed says it best. */
  readonly sentence?: string;
}

export interface Check extends Problem {
  readonly ok: boolean;
}

export function check(field: string, value: unknown, ok: boolean, allowed: string): Check {
  return { field, value, ok, allowed };
}

export function integer(field: string, value: number, least: number, most: number): Check {
  return check(field, value, Number.isSafeInteger(value) && value >= least && value <= most, `a whole number from ${least} to ${most}`);
}

export function oneOf(field: string, value: string, allowed: readonly string[]): Check {
  return check(field, value, allowed.includes(value), allowed.join(' or '));
}

/** Each value known, and none twice. */
export function someOf(field: string, values: readonly string[], known: readonly string[]): Check {
  const ok = new Set(values).size === values.length && values.every((value) => known.includes(value));
  return check(field, values, ok, `any of ${known.join(', ')}, each once`);
}
