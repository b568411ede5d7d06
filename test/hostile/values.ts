import { cardNumbers } from './canaries';
import type { Random } from './random';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  ' ',
  '0',
  'id',
  'type',
  'data',
  'amount',
];

const texts = [
  ...names,
  ...cardNumbers,
  'Declined: card 4242 4242 4242 4242 is not valid',
  'order-4242424242424242',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff',
  'a\ud83dz',
  '\ufffe\uffff',
  '\ufeff',
  '\u202eabc\u2066',
  '\u2028\u2029',
  'line\r\nbreak',
  '\u001b[31m',
  '../../../etc/passwd',
  '%00%2e%2e%2f',
  '{"$ref":"#"}',
  '${jndi:ldap://127.0.0.1/a}',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '1e400',
  '-0',
  'NaN',
  'Infinity',
  '0.1',
  '00.10',
  '99999999999999999999999999.99',
  '-5',
  '9999-12-31T23:59:59.999Z',
  '9999-99-99T99:99:99.999Z',
  '0000-00-00T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-12-31T23:59:60Z',
  '275760-09-13T00:00:00.001Z',
  'XXX',
  'usd',
  'USD',
  'JPY',
  'XAU',
  'constructor',
  'payment.failed',
  'refund.failed',
  'dispute.opened',
  'succeeded',
  'sha256:0000000000000000000000000000000000000000000000000000000000000000',
  'event#',
  '\u00e9'.repeat(200),
  '\ud83d\ude00'.repeat(200),
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(257),
  'x'.repeat(5000),
];

/** Written into the JSON as they stand. */
const rawNumbers = [
  '1e400',
  '-1e400',
  '-0',
  '0.0',
  '1e-400',
  '9007199254740993',
  '123456789012345678901234567890',
  '1E+2',
  '0.1',
  '4242424242424242',
];
const numbers = [
  0,
  1,
  -1,
  5,
  10_000,
  1_000_001,
  1.5,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1_730_800_000,
  1_730_800_000_000,
  8.64e15,
  253402300799,
];

const rawMark = '@raw@';

/** A text that something somewhere does not expect. */
export function hostileText(random: Random): string {
  if (random.chance(0.002)) return random.pick(['x', '4242 ', '\u00e9', '\ud800', '../']).repeat(20_000);
  if (random.chance(0.15)) return random.times(random.below(12), () => String.fromCharCode(random.below(0x10000))).join('');
  return random.pick(texts);
}

/** A JSON value that something somewhere does not expect. */
export function hostileValue(random: Random): Json {
  const kind = random.below(20);
  if (kind < 9) return hostileText(random);
  if (kind < 12) return random.pick(numbers);
  if (kind < 14) return rawMark + random.pick(rawNumbers) + rawMark;
  if (kind === 14) return random.pick([null, true, false]);
  if (kind === 15) return [];
  if (kind === 16) return {};
  if (kind === 17) return nested(random, 1 + random.below(60));
  if (kind === 18) return Object.fromEntries(random.times(random.below(40), () => [hostileText(random), random.pick(numbers)]));
  return random.times(random.below(6), () => hostileValue(random));
}

function nested(random: Random, depth: number): Json {
  const inner = depth === 0 ? hostileText(random) : nested(random, depth - 1);
  return random.chance(0.5) ? [inner] : Object.fromEntries([[random.pick(names), inner]]);
}

/** The same value with something in it replaced, taken away, added or put in another shape. */
export function mutated(random: Random, value: Json): Json {
  if (Array.isArray(value)) return mutatedList(random, value);
  if (typeof value !== 'object' || value === null || random.chance(0.02)) return hostileValue(random);
  const entries = Object.entries(value);
  const chosen = random.below(entries.length + 1);
  const entry = entries[chosen];
  if (entry === undefined) return Object.fromEntries([...entries, [hostileText(random), hostileValue(random)]]);
  const change = random.below(10);
  if (change === 0) return Object.fromEntries(entries.filter((_, index) => index !== chosen));
  if (change === 1)
    return Object.fromEntries(entries.map(([name, inner], index) => (index === chosen ? [hostileText(random), inner] : [name, inner])));
  if (change === 2) return Object.fromEntries(entries.map(([name, inner], index) => [name, index === chosen ? [inner] : inner]));
  return Object.fromEntries(entries.map(([name, inner], index) => [name, index === chosen ? mutated(random, inner) : inner]));
}

function mutatedList(random: Random, list: readonly Json[]): Json {
  if (list.length === 0 || random.chance(0.3)) return random.chance(0.5) ? [...list, hostileValue(random)] : hostileValue(random);
  const chosen = random.below(list.length);
  return list.map((inner, index) => (index === chosen ? mutated(random, inner) : inner));
}

/** JSON text of a value that was mutated, with its raw numbers. */
export function jsonText(value: Json): string {
  return JSON.stringify(value)
    .replaceAll(/"@raw@([^"@]*)@raw@"/g, '$1')
    .replaceAll(rawMark, '');
}

/** Arrays or objects in one another, far deeper than a stack is. */
export function deepJson(random: Random): string {
  const depth = random.pick([1000, 10_000, 100_000]);
  return random.chance(0.5) ? '['.repeat(depth) + ']'.repeat(depth) : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
}

/** One object with very many members. */
export function wideJson(random: Random): string {
  const count = random.pick([1000, 20_000]);
  return `{${random.times(count, (index) => `"k${index}":${index}`).join(',')}}`;
}

/** The object that a text is the JSON of; throws for anything else. */
export function jsonObject(text: string): { [name: string]: Json } {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value)) throw new TypeError('not a JSON object');
  return value;
}

function isJsonObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
