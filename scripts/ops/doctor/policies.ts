import { isJsonArray, isObject, parseJsonObject, textAt, type Json, type JsonObject } from '../../local/json';

/** The statements of a policy document; undefined where it is none. */
export function statementsIn(policy: string): readonly JsonObject[] | undefined {
  const statements = parseJsonObject(policy)?.['Statement'];
  if (isObject(statements)) return [statements];
  return isJsonArray(statements) ? statements.filter(isObject) : undefined;
}

/** Statements that are wanted and not there as they are wanted, by their Sid. */
export function missingStatements(
  wanted: readonly JsonObject[],
  live: readonly JsonObject[],
): readonly { readonly sid: string; readonly how: string }[] {
  return wanted.flatMap((statement) => {
    const sid = textAt(statement, 'Sid');
    const there = live.filter((other) => textAt(other, 'Sid') === sid);
    if (there.some((other) => canonical(other) === canonical(statement))) return [];
    return [{ sid, how: there.length === 0 ? `${sid} is missing` : `${sid} was changed` }];
  });
}

/** One text for all ways to write the same statement: AWS writes lists of one as their only item, and in its own order. */
function canonical(value: Json): string {
  if (isJsonArray(value)) return value.length === 1 ? canonical(value[0] ?? null) : `[${value.map(canonical).sort().join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, inner]) => `${name}:${canonical(inner)}`).join()}}`;
}
