import { isJsonArray, isObject, type Json, type JsonObject } from './json';

/**
 * The properties of one resource, from synthesized Terraform or from a Terraform state. Every reader throws an error that names the
 * resource and the property when the value is of another type than asked for.
 */
export class Settings {
  /** Stack and resource, for messages. */
  readonly where: string;
  readonly values: JsonObject;

  constructor(where: string, values: JsonObject) {
    this.where = where;
    this.values = values;
  }

  has(name: string): boolean {
    const value = this.values[name];
    return value !== undefined && value !== null;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.fail(name, 'is missing');
  }

  optionalText(name: string): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value : this.fail(name, 'is not a string');
  }

  number(name: string, absent: number): number {
    return this.optionalNumber(name) ?? absent;
  }

  /** Terraform also takes numbers as text. */
  optionalNumber(name: string): number | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.fail(name, 'is not a number');
  }

  flag(name: string, absent: boolean): boolean {
    const value = this.values[name];
    if (value === undefined || value === null) return absent;
    return typeof value === 'boolean' ? value : this.fail(name, 'is not true or false');
  }

  texts(name: string): readonly string[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    if (!isJsonArray(value)) return this.fail(name, 'is not a list');
    return value.map((item) => (typeof item === 'string' ? item : this.fail(name, 'has something else than strings in it')));
  }

  /** The object of JSON text; undefined when the property is absent. */
  jsonText(name: string): JsonObject | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : this.fail(name, 'holds no JSON object');
  }

  /** String values of a map property. */
  map(name: string): Readonly<Record<string, string>> {
    const value = this.values[name];
    if (value === undefined || value === null) return {};
    if (!isObject(value)) return this.fail(name, 'is not a map');
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, mapText(item) ?? this.fail(`${name}.${key}`, 'is no text')]),
    );
  }

  /** A block that may occur once: written as an object or as a list of one. `known` are the only properties that it may have. */
  block(name: string, known: readonly string[]): Settings | undefined {
    return this.blocks(name, known)[0];
  }

  blocks(name: string, known: readonly string[]): readonly Settings[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    const items = isJsonArray(value) ? value : [value];
    return items.map((item) => {
      if (!isObject(item)) return this.fail(name, 'is not a block');
      const inner = new Settings(`${this.where} ${name}`, item);
      const unknown = Object.keys(item).find((key) => !known.includes(key) && !isEmpty(item[key]));
      return unknown === undefined ? inner : inner.fail(unknown, 'is not understood by the local run');
    });
  }

  fail(name: string, problem: string): never {
    throw new Error(`${this.where}: ${name} ${problem}`);
  }
}

function mapText(value: Json): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** Terraform states carry every property of a block, the unset ones as null, empty or zero. */
function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined || value === null || value === '' || value === 0 || value === false || (isJsonArray(value) && value.length === 0)
  );
}
