import { randomBytes, randomUUID } from 'node:crypto';
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

/** Random letters and digits behind a prefix, as providers make ids. */
export function randomId(prefix: string, length: number): string {
  return prefix + [...randomBytes(length)].map((byte) => letters.charAt(byte % letters.length)).join('');
}

export function uuid(): string {
  return randomUUID();
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
