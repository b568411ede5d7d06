import { createHash } from 'node:crypto';
import type { Timed } from '../timed-heap';

/** A message attribute as the wire has it; binary in base64. */
interface MessageAttribute {
  DataType: string;
  StringValue?: string | undefined;
  BinaryValue?: string | undefined;
}

/** Message attributes by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a sender gives. */
export interface NewMessage {
  body: string;
  attributes?: MessageAttributes | undefined;
  traceHeader?: string | undefined;
}

/** A message in a queue. */
export interface Message extends Timed {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes | undefined;
  readonly traceHeader: string | undefined;
  readonly sentAt: number;
  readonly enteredAt: number;
  /** The queue that it was dead-lettered from. */
  readonly sourceArn: string | undefined;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** The part of the last receipt handle that is new with each receive. */
  receipt: string | undefined;
  state: 'ready' | 'delayed' | 'in-flight' | 'gone';
}

function md5(bytes: string | Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** MD5 of a body, in hex. */
export function bodyMd5(body: string): string {
  return md5(body);
}

function lengthPrefixed(bytes: Buffer): Buffer[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}

/** MD5 of message attributes as SQS computes it: by name, each part with its length. Undefined where there are none. */
export function attributesMd5(attributes: MessageAttributes | undefined): string | undefined {
  const names = Object.keys(attributes ?? {}).sort();
  if (attributes === undefined || names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const attribute = attributes[name];
    if (attribute === undefined) return [];
    const isBinary = attribute.DataType.startsWith('Binary');
    const value = isBinary ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? '');
    const head = [...lengthPrefixed(Buffer.from(name)), ...lengthPrefixed(Buffer.from(attribute.DataType))];
    return [...head, Buffer.from([isBinary ? 2 : 1]), ...lengthPrefixed(value)];
  });
  return md5(Buffer.concat(parts));
}

/** Bytes that count towards a queue's limit: the body, and names, types and values of attributes. */
export function messageBytes({ body, attributes }: NewMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + Buffer.byteLength(attribute.StringValue ?? '');
    bytes += Buffer.byteLength(attribute.BinaryValue ?? '', 'base64');
  }
  return bytes;
}
