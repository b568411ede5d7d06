import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** A DynamoDB attribute as the SDK gives it and as a stream hands it to Lambda, where bytes are base64 text. */
export interface Attribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly B?: string | Uint8Array | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly M?: Readonly<Record<string, Attribute>> | undefined;
  readonly L?: readonly Attribute[] | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly BS?: readonly (string | Uint8Array)[] | undefined;
}

/** The same as a plain value. A number that JavaScript cannot hold exactly stays text. */
export type Plain = string | number | boolean | null | Uint8Array | readonly Plain[] | { readonly [name: string]: Plain };

/** DynamoDB nests no deeper. */
const maxDepth = 32;

/** All attributes of an item or a stream image as plain values. Never throws: what is not known becomes null. */
export function plainOf(item: Readonly<Record<string, Attribute>>): Record<string, Plain> {
  return plainMapOf(item, 0);
}

function plainMapOf(item: object, depth: number): Record<string, Plain> {
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, plainValueOf(attribute, depth)]));
}

/** A stream's record is JSON that nobody has checked. */
function plainValueOf(attribute: unknown, depth: number): Plain {
  if (!isObject(attribute) || depth > maxDepth) return null;
  const { S: text, N: number, B: bytes, BOOL: bool, M: map, L: list, SS: texts, NS: numbers, BS: blobs } = attribute;
  if (typeof text === 'string') return text;
  if (typeof number === 'string') return exactNumber(number);
  if (isBinary(bytes)) return bytesOf(bytes);
  if (typeof bool === 'boolean') return bool;
  if (isObject(map)) return plainMapOf(map, depth + 1);
  if (isList(list)) return list.map((value) => plainValueOf(value, depth + 1));
  if (isList(texts)) return texts.filter((value) => typeof value === 'string');
  if (isList(numbers)) return numbers.filter((value) => typeof value === 'string').map(exactNumber);
  return isList(blobs) ? blobs.filter(isBinary).map(bytesOf) : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isBinary(value: unknown): value is string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array;
}

function exactNumber(text: string): number | string {
  const value = Number(text);
  return String(value) === text ? value : text;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : value;
}

/** A value that a row of ours is made of. */
export type Writable = string | number | boolean | null | Uint8Array | { readonly [name: string]: Writable };

/** An item from plain values; what is undefined is left out. By hand, because util-dynamodb would cost the receiver a kilobyte. */
export function itemFrom(values: Readonly<Record<string, Writable | undefined>>): Record<string, AttributeValue> {
  const entries = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, attributeOf(value)] as const]));
  return Object.fromEntries(entries);
}

function attributeOf(value: Writable): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return value instanceof Uint8Array ? { B: value } : { M: itemFrom(value) };
}
