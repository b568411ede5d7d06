import { createHash, randomBytes } from 'node:crypto';
import type { JsonObject } from '../json';

/** What a sample event is made from. */
export interface SampleInput {
  /** Decimal text in major units. */
  readonly amount: string;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** The provider's id of the payment that the event belongs to; a new one where it is absent. */
  readonly payment: string | undefined;
  readonly now: Date;
}

/** One kind of event of one provider. */
export interface Sample {
  /** What it stands for, in a few words. */
  readonly about: string;
  body(input: SampleInput): JsonObject;
}

export type Catalogue = Readonly<Record<string, Sample>>;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

let bytes: (length: number) => Uint8Array = randomBytes;

/** Random letters and digits behind a prefix, as providers make ids. */
export function randomId(prefix: string, length: number): string {
  return prefix + [...bytes(length)].map((byte) => letters.charAt(byte % letters.length)).join('');
}

export function uuid(): string {
  const hex = Buffer.from(bytes(16)).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Does the work with ids that are the same every time for the same seed. The work must not wait for anything. */
export function withRepeatableIds<T>(seed: string, work: () => T): T {
  let calls = 0;
  bytes = (length) => {
    calls += 1;
    const count = Math.ceil(length / 32);
    const blocks = Array.from({ length: count }, (_, block) => createHash('sha256').update(`${seed}/${calls}/${block}`).digest());
    return Buffer.concat(blocks).subarray(0, length);
  };
  try {
    return work();
  } finally {
    bytes = randomBytes;
  }
}

export function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** Integer of the smallest unit that has `digits` decimals. Throws when the amount has more decimals than that, or is no amount. */
export function toMinorUnits(amount: string, digits: number): number {
  const [, whole = '', decimals = ''] = /^(\d{1,12})(?:\.(\d+))?$/.exec(amount) ?? [];
  if (whole === '') throw new Error(`"${amount}" is no amount: write it like 12000 or 49.90`);
  if (decimals.length > digits) throw new Error(`"${amount}" has more decimals than the currency: at most ${digits}`);
  return Number(whole + decimals.padEnd(digits, '0'));
}
