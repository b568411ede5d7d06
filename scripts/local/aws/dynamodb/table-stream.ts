import { randomUUID } from 'node:crypto';
import type { AttributeValue, Item, KeyElement } from 'dynalite/db';
import { AwsError } from '../aws-error';
import type { Account } from '../service';
import type { Change } from './change-hook';

const DAY_MS = 24 * 60 * 60 * 1000;
const ITERATOR_MS = 15 * 60 * 1000;
// Read records are kept up to this size, so that a failed batch can be fetched again by its sequence numbers.
const KEPT_BYTES = 32 * 1024 * 1024;
const PAGE_BYTES = 1024 * 1024;

/** What a stream's records show of an item. */
export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';

interface StoredRecord {
  /** The record as JSON: text is smaller than objects, and is sent as it is. */
  text: string;
  at: number;
}

interface Chain {
  position: number;
  usedAt: number;
}

/** Where a reader goes on: the token on the wire is this in base64. */
interface Iterator {
  chain: string;
  position: number;
  issuedAt: number;
}

/** Sequence numbers have one width, so that they order as text too. */
export function sequenceNumber(position: number): string {
  return `1${String(position).padStart(20, '0')}`;
}

function isSameSet(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value) => right.includes(value));
}

/** Whether two values are the same to DynamoDB: maps and sets have no order. */
function isSame(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  const entries: [string, unknown][] = Object.entries(left);
  const others = new Map<string, unknown>(Object.entries(right));
  return (
    entries.length === others.size &&
    entries.every(([name, value]) => {
      const other = others.get(name);
      if (['SS', 'NS', 'BS'].includes(name) && Array.isArray(value) && Array.isArray(other)) return isSameSet(value, other);
      return isSame(value, other);
    })
  );
}

function keysOf(item: Item, schema: readonly KeyElement[]): Item {
  const pairs = schema.flatMap(({ AttributeName }): [string, AttributeValue][] => {
    const value = item[AttributeName];
    return value === undefined ? [] : [[AttributeName, value]];
  });
  return Object.fromEntries(pairs);
}

/** The stream of one table: one shard, records in the order of the writes. */
export class TableStream {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly shardId = 'shardId-00000000000000000001-local';

  readonly #account: Account;
  readonly #records: StoredRecord[] = [];
  readonly #chains = new Map<string, Chain>();
  #first = 1;
  #bytes = 0;

  constructor(account: Account, tableName: string, viewType: StreamViewType) {
    this.#account = account;
    this.tableName = tableName;
    this.viewType = viewType;
    this.label = new Date(account.clock.now()).toISOString().slice(0, 23);
    this.arn = `arn:aws:dynamodb:${account.region}:${account.accountId}:table/${tableName}/stream/${this.label}`;
  }

  get #next(): number {
    return this.#first + this.#records.length;
  }

  get startingSequenceNumber(): string {
    return sequenceNumber(this.#first);
  }

  /** Adds the record of a change; a write that changes nothing has none, as on AWS. */
  add({ table, before, after, isExpiry }: Change): void {
    if (before !== undefined && after !== undefined && isSame(before, after)) return;
    const { clock, observers, region } = this.#account;
    const eventName = before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY';
    const position = this.#next;
    const SequenceNumber = sequenceNumber(position);
    const showsNew = this.viewType === 'NEW_IMAGE' || this.viewType === 'NEW_AND_OLD_IMAGES';
    const showsOld = this.viewType === 'OLD_IMAGE' || this.viewType === 'NEW_AND_OLD_IMAGES';
    const images = {
      ...(showsNew && after !== undefined && { NewImage: after }),
      ...(showsOld && before !== undefined && { OldImage: before }),
    };
    const imagesText = JSON.stringify(images);
    const withoutImages = JSON.stringify({
      eventID: randomUUID().replaceAll('-', ''),
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      ...(isExpiry && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
      dynamodb: {
        // Whole seconds, as on AWS.
        ApproximateCreationDateTime: Math.floor(clock.now() / 1000),
        Keys: keysOf(after ?? before ?? {}, table.KeySchema),
        SequenceNumber,
        SizeBytes: imagesText.length,
        StreamViewType: this.viewType,
      },
    });
    // Images may be large: their text is made once, and goes before the two braces at the end.
    const text = imagesText === '{}' ? withoutImages : `${withoutImages.slice(0, -2)},${imagesText.slice(1)}}`;
    this.#records.push({ text, at: clock.now() });
    this.#bytes += text.length;
    this.#trim();
    observers.emit('stream-record', { tableName: this.tableName, eventName, sequenceNumber: SequenceNumber });
  }

  /** A token to read from there on. */
  iterator(type: string, sequence: string | undefined): string {
    const { clock } = this.#account;
    const chain = randomUUID();
    const position = this.#startOf(type, sequence);
    this.#chains.set(chain, { position, usedAt: clock.now() });
    return this.#token({ chain, position, issuedAt: clock.now() });
  }

  /** The records from an iterator on, as the JSON text of the answer. */
  read({ chain, position, issuedAt }: Iterator, limit: number): string {
    const now = this.#account.clock.now();
    if (now - issuedAt > ITERATOR_MS) throw new AwsError('ExpiredIteratorException', 'The shard iterator has expired.');
    if (position < this.#first) throw trimmed();
    this.#chains.set(chain, { position, usedAt: now });
    const texts: string[] = [];
    let bytes = 0;
    for (let index = position - this.#first; index < this.#records.length && texts.length < limit && bytes < PAGE_BYTES; index += 1) {
      const text = this.#records[index]?.text ?? '';
      bytes += text.length;
      texts.push(text);
    }
    const next = this.#token({ chain, position: position + texts.length, issuedAt: now });
    return `{"Records":[${texts.join(',')}],"NextShardIterator":${JSON.stringify(next)}}`;
  }

  #startOf(type: string, sequence: string | undefined): number {
    if (type === 'TRIM_HORIZON') return this.#first;
    if (type === 'LATEST') return this.#next;
    const position = Number(sequence?.slice(1)) + (type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
    if (!Number.isInteger(position) || position > this.#next) {
      throw new AwsError('ValidationException', `Invalid SequenceNumber ${sequence ?? ''} for ${type}.`);
    }
    if (position < this.#first) throw trimmed();
    return position;
  }

  #token(iterator: Iterator): string {
    return `${this.arn}|1|${Buffer.from(JSON.stringify(iterator)).toString('base64url')}`;
  }

  /** Forgets what is over a day old, and beyond the kept size what every reader has passed. */
  #trim(): void {
    const now = this.#account.clock.now();
    const oldest = now - DAY_MS;
    const first = this.#records[0];
    if (first === undefined || (first.at >= oldest && this.#bytes <= KEPT_BYTES * 1.1)) return;
    for (const [id, { usedAt }] of this.#chains) {
      if (now - usedAt > ITERATOR_MS) this.#chains.delete(id);
    }
    const passed = Math.min(...[...this.#chains.values()].map(({ position }) => position));
    let count = 0;
    for (const { text, at } of this.#records) {
      const isTooMuch = this.#bytes > KEPT_BYTES && this.#first + count < passed;
      if (at >= oldest && !isTooMuch) break;
      this.#bytes -= text.length;
      count += 1;
    }
    this.#records.splice(0, count);
    this.#first += count;
  }
}

function trimmed(): AwsError {
  return new AwsError('TrimmedDataAccessException', 'The record is older than what the stream keeps.');
}

/** Takes a token apart; undefined where it is none. */
export function parseIterator(token: string): { streamArn: string; iterator: Iterator } | undefined {
  const [streamArn, , encoded] = token.split('|');
  if (streamArn === undefined || encoded === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return isIterator(parsed) ? { streamArn, iterator: parsed } : undefined;
  } catch {
    return undefined;
  }
}

function isIterator(value: unknown): value is Iterator {
  return typeof value === 'object' && value !== null && 'chain' in value && 'position' in value && 'issuedAt' in value;
}
