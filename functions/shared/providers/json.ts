/** A JSON object of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>;

const utf8 = new TextDecoder();

/** The object that the bytes are the JSON of, or undefined. A byte order mark is skipped and invalid UTF-8 replaced: the raw bytes are kept elsewhere. */
export function parseJsonObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The value at this path of own properties and array indices, or undefined where the path ends early. */
export function valueAt(from: unknown, ...path: readonly (string | number)[]): unknown {
  let value = from;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** The object at this path, or undefined. */
export function objectAt(from: unknown, ...path: readonly (string | number)[]): JsonObject | undefined {
  const value = valueAt(from, ...path);
  return isJsonObject(value) ? value : undefined;
}

/** The list at this path; empty where there is none. */
export function listAt(from: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = valueAt(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** The text at this path, or null where it is absent, blank or not text. A whole number counts as its digits, for some senders' ids are numbers. */
export function textAt(from: unknown, ...path: readonly (string | number)[]): string | null {
  const value = valueAt(from, ...path);
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  return Number.isSafeInteger(value) ? String(value) : null;
}

/** The boolean at this path, or null. */
export function booleanAt(from: unknown, ...path: readonly (string | number)[]): boolean | null {
  const value = valueAt(from, ...path);
  return typeof value === 'boolean' ? value : null;
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
