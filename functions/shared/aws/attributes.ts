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

/** All attributes of an item or a stream image as plain values. Never throws: what is not known becomes null. */
export function plainOf(item: Readonly<Record<string, Attribute>>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(item).map(([name, attribute]) => [name, plainValueOf(attribute)]));
}

function plainValueOf(attribute: Attribute): Plain {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return exactNumber(attribute.N);
  if (attribute.B !== undefined) return bytesOf(attribute.B);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return plainOf(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(plainValueOf);
  if (attribute.SS !== undefined) return attribute.SS;
  if (attribute.NS !== undefined) return attribute.NS.map(exactNumber);
  if (attribute.BS !== undefined) return attribute.BS.map(bytesOf);
  return null;
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
