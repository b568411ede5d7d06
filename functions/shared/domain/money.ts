import { exponentOf } from './iso-4217';

/** An exact amount: an integer in ISO 4217 minor units. Negative where the provider states it so. */
export interface Money {
  readonly minor: bigint;
  /** ISO 4217 code in upper case. */
  readonly currency: string;
}

/** Why an amount as the provider stated it is not money here. Nothing is rounded and nothing is guessed: the raw webhook still has it. */
export const amountProblems = [
  'amount_missing',
  'amount_not_a_number',
  /** Finer than the currency's ISO minor unit, such as UGX 5.50. */
  'amount_not_exact',
  /** Beyond Number.MAX_SAFE_INTEGER minor units, which JSON cannot carry. */
  'amount_too_large',
  'currency_unknown',
] as const;
export type AmountProblem = (typeof amountProblems)[number];

export type MoneyReading = { readonly ok: true; readonly money: Money } | { readonly ok: false; readonly problem: AmountProblem };

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const decimalPattern = /^(-?)(\d*)(?:\.(\d+))?$/;
const maxDecimalLength = 32;

/** Reads an integer as JSON.parse gives it. `scaleOf` says how many of its digits are decimals where that differs from ISO 4217. */
export function moneyFromInteger(
  amount: unknown,
  currency: unknown,
  scaleOf: (currency: string) => number | undefined = exponentOf,
): MoneyReading {
  if (amount === undefined || amount === null) return { ok: false, problem: 'amount_missing' };
  if (typeof amount !== 'number' || !Number.isInteger(amount)) return { ok: false, problem: 'amount_not_a_number' };
  // Above this JSON.parse has rounded already.
  if (!Number.isSafeInteger(amount)) return { ok: false, problem: 'amount_too_large' };
  const code = currencyCode(currency);
  const scale = code === undefined ? undefined : scaleOf(code);
  if (code === undefined || scale === undefined) return { ok: false, problem: 'currency_unknown' };
  return exactMoney({ digits: BigInt(amount), scale }, code);
}

/** Reads a decimal string in major units: `-?[0-9]+` or `-?[0-9]*.[0-9]+`, at most 32 characters. */
export function moneyFromDecimal(amount: unknown, currency: unknown): MoneyReading {
  if (amount === undefined || amount === null) return { ok: false, problem: 'amount_missing' };
  const decimal = typeof amount === 'string' ? parseDecimal(amount) : undefined;
  if (decimal === undefined) return { ok: false, problem: 'amount_not_a_number' };
  const code = currencyCode(currency);
  if (code === undefined) return { ok: false, problem: 'currency_unknown' };
  return exactMoney(decimal, code);
}

/** The amount in major units with all the currency's decimals: `20.00`, `500`, `-0.005`. Throws RangeError for a code that is no currency. */
export function formatMajorUnits(money: Money): string {
  const exponent = knownExponent(money.currency);
  const sign = money.minor < 0n ? '-' : '';
  const digits = absolute(money.minor)
    .toString()
    .padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  return exponent === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-exponent)}`;
}

/** Compares with a decimal string in major units, exactly, however many decimals it has. Throws RangeError where either is malformed. */
export function compareToMajorUnits(money: Money, threshold: string): -1 | 0 | 1 {
  const other = parseDecimal(threshold);
  if (other === undefined) throw new RangeError('not a decimal number');
  const exponent = knownExponent(money.currency);
  const scale = Math.max(exponent, other.scale);
  const left = money.minor * powerOfTen(scale - exponent);
  const right = other.digits * powerOfTen(scale - other.scale);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The same amount without its sign: providers state a refund as 5.00 or as -5.00. */
export function withoutSign(reading: MoneyReading): MoneyReading {
  return reading.ok ? { ok: true, money: { ...reading.money, minor: absolute(reading.money.minor) } } : reading;
}

function exactMoney(decimal: Decimal, currency: string): MoneyReading {
  const exponent = exponentOf(currency);
  if (exponent === undefined) return { ok: false, problem: 'currency_unknown' };
  const minor = rescale(decimal, exponent);
  if (minor === undefined) return { ok: false, problem: 'amount_not_exact' };
  if (absolute(minor) > BigInt(Number.MAX_SAFE_INTEGER)) return { ok: false, problem: 'amount_too_large' };
  return { ok: true, money: { minor, currency } };
}

function rescale({ digits, scale }: Decimal, exponent: number): bigint | undefined {
  if (scale <= exponent) return digits * powerOfTen(exponent - scale);
  const divisor = powerOfTen(scale - exponent);
  return digits % divisor === 0n ? digits / divisor : undefined;
}

function parseDecimal(text: string): Decimal | undefined {
  if (text.length > maxDecimalLength) return undefined;
  const [, sign = '', whole = '', fraction = ''] = decimalPattern.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

function currencyCode(currency: unknown): string | undefined {
  return typeof currency === 'string' && /^[A-Za-z]{3}$/.test(currency) ? currency.toUpperCase() : undefined;
}

function knownExponent(currency: string): number {
  const exponent = exponentOf(currency);
  if (exponent === undefined) throw new RangeError('not an ISO 4217 currency');
  return exponent;
}

function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
