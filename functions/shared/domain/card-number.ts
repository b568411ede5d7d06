/** As cards print their number: unbroken, or in groups with the same space or dash between them. Letters, digits and `_` on either side make it part of an id. */
const pattern =
  /(?<![\p{L}\p{N}_])(?:\d{13,19}|\d{4}([ \u00a0\u2010-\u2013-])\d{4}\1\d{4}\1(?:\d{4}\1\d{1,3}|\d{1,7})|\d{4}([ \u00a0\u2010-\u2013-])\d{6}\2\d{4,5})(?![\p{L}\p{N}_])/uy;

/** The same with nothing after a fourth group of four, so that `4242 4242 4242 4242 123` still holds a card's number. */
const fourGroups = /(?<![\p{L}\p{N}_])\d{4}([ \u00a0\u2010-\u2013-])\d{4}\1\d{4}\1\d{4}(?![\p{L}\p{N}_])/uy;

/**
 * First digits and lengths that the card networks use: Visa, Mastercard, American Express, Diners Club, Discover, JCB, UnionPay, Mir and
 * Maestro. Other numbers of the same length (times in micro- or nanoseconds, most order numbers) begin otherwise.
 * https://www.iso.org/standard/70484.html
 */
const networks: readonly (readonly [firstDigits: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(0[0-5]|095|[689])/, [14, 16, 19]],
  [/^6(011|4[4-9]|5|22)/, [16, 19]],
  [/^35(2[89]|[3-8])/, [16, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16, 17, 18, 19]],
  [/^(5018|5020|5038|5893|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]],
];

const standsIn = '[card number]';

/** The text with every payment card number in it replaced by `[card number]`. Recognised by its form, the network's first digits and length, and its check digit. */
export function withoutCardNumbers(text: string): string {
  if (!/\d{4}/.test(text)) return text;
  let result = '';
  let copied = 0;
  for (const { index } of text.matchAll(/(?<!\d)\d{4}/g)) {
    if (index < copied) continue;
    const length = cardNumberLengthAt(text, index);
    if (length === 0) continue;
    result += text.slice(copied, index) + standsIn;
    copied = index + length;
  }
  return result + text.slice(copied);
}

/** Whether there is a payment card number in the text. */
export function hasCardNumber(text: string): boolean {
  return withoutCardNumbers(text) !== text;
}

function cardNumberLengthAt(text: string, index: number): number {
  for (const form of [pattern, fourGroups]) {
    form.lastIndex = index;
    const [match] = form.exec(text) ?? [];
    if (match !== undefined && isCardNumber(match.replaceAll(/\D/g, ''))) return match.length;
  }
  return 0;
}

function isCardNumber(digits: string): boolean {
  return networks.some(([first, lengths]) => lengths.includes(digits.length) && first.test(digits)) && hasCheckDigit(digits);
}

/** The Luhn check. */
function hasCheckDigit(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => total + weighted(Number(digit), index % 2 === 1), 0);
  return sum % 10 === 0;
}

function weighted(digit: number, doubled: boolean): number {
  if (!doubled) return digit;
  return digit > 4 ? digit * 2 - 9 : digit * 2;
}
