/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** The text or number at a path inside, as text; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((current, name) => (isObject(current) ? current[name] : undefined), value);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
}

/** Throws a SyntaxError when the text is no JSON. */
export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  return toJson(value);
}

/** The object in the text, or undefined when it holds anything else. Never throws. */
export function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What JSON.parse returned, as the type that it really has. */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (isJsonArray(value)) return value;
  if (isObject(value)) return value;
  throw new TypeError(`not a JSON value: ${typeof value}`);
}
