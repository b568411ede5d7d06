import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasCardNumber, withoutCardNumbers } from '../../../../functions/shared/domain/card-number';
import { providers } from '../../../support/schemes';
import { corpusBytes, corpusFiles, describeWithCorpus } from '../../../support/corpus';

/** Published test numbers, one per network and length. */
const testNumbers = [
  '4242424242424242',
  '4222222222222',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '30569309025904',
  '6011111111111117',
  '3566002020360505',
  '6200000000000005',
  '6759649826438453',
  '2200000000000004',
];

const inGroups = (digits: string, separator: string): string => (digits.match(/\d{1,4}/g) ?? []).join(separator);

describe('withoutCardNumbers', () => {
  it.each(testNumbers)('takes %s out, whole or in groups', (number) => {
    expect(withoutCardNumbers(number)).toBe('[card number]');
    for (const separator of [' ', '-', '\u00a0', '\u2011']) expect(withoutCardNumbers(inGroups(number, separator))).toBe('[card number]');
  });

  it.each([
    ['card 4242424242424242, please', 'card [card number], please'],
    ['3782 822463 10005 is the card', '[card number] is the card'],
    ['3056 930902 5904', '[card number]'],
    ['4242 4242 4242 4242 123', '[card number] 123'],
    ['4242 4242 4242 4242 12/29', '[card number] 12/29'],
    ['4242-4242-4242-4242-1234', '[card number]-1234'],
    ['1234 4242 4242 4242 4242', '1234 [card number]'],
    ['4242424242424242 5555555555554444', '[card number] [card number]'],
    ['order-4242424242424242', 'order-[card number]'],
    ['\u00fcber:4242424242424242\n', '\u00fcber:[card number]\n'],
  ])('makes %j into %j', (text, expected) => {
    expect(withoutCardNumbers(text)).toBe(expected);
  });

  it.each([
    ['a wrong check digit', '4242424242424241'],
    ['no network that begins so', '1234567812345670'],
    ['a length that the network does not have', '424242424242424'],
    ['a number that is longer', '42424242424242424242424242424242'],
    ['letters before it', 'pi4242424242424242'],
    ['letters after it', '4242424242424242ab'],
    ['an id with an underscore', 'ord_4242424242424242'],
    ['different separators', '4242-4242 4242-4242'],
    ['groups that no card has', '42424242-4242-4242'],
    ['a time in milliseconds', '1730800000000'],
    ['a time in microseconds', '1730800000000000'],
    ['a time in nanoseconds', '1730800000000000000'],
    ['a phone number', '+49 30 1234 5678 90'],
    ['an IBAN', 'DE89 3704 0044 0532 0130 00'],
    ['no digit at all', 'Your card was declined.'],
    ['nothing', ''],
  ])('leaves %s alone', (_, text) => {
    expect(withoutCardNumbers(text)).toBe(text);
  });

  it('finds every card number that stands by itself, wherever it is', () => {
    const apart = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\p{L}\p{N}_-]/u.test(text));
    fc.assert(
      fc.property(apart, fc.constantFrom(...testNumbers), apart, (before, number, after) => {
        expect(withoutCardNumbers(`${before} ${number} ${after}`)).toBe(`${before} [card number] ${after}`);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves UUIDs and hexadecimal digests alone', () => {
    const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(fc.uuid(), hex, (uuid, digest) => !hasCardNumber(uuid) && !hasCardNumber(`sha256:${digest}`)),
      { numRuns: 500, seed: 1 },
    );
  });

  it('leaves nothing to find the second time', () => {
    const digits = fc.stringMatching(/^[0-9 -]{0,60}$/);
    fc.assert(
      fc.property(digits, (text) => !hasCardNumber(withoutCardNumbers(text))),
      { numRuns: 1000 },
    );
  });

  it('looks at each place once, however long the text is', () => {
    expect(withoutCardNumbers('4242 '.repeat(60_000))).toContain('[card number]');
    expect(withoutCardNumbers('4'.repeat(300_000))).toHaveLength(300_000);
  });
});

describeWithCorpus('withoutCardNumbers over the corpus', () => {
  const files = ['stripe', 'paypal', 'square', 'derived/stripe', 'derived/paypal', 'derived/square'].flatMap((folder) =>
    corpusFiles(folder),
  );

  it('changes no text of any real body', () => {
    const found = files.flatMap((file) =>
      textsIn(JSON.parse(corpusBytes(file).toString('utf8')))
        .filter(hasCardNumber)
        .map((text) => `${file}: ${text}`),
    );
    expect(files.length).toBeGreaterThan(90);
    expect(found).toEqual([]);
  });

  it('lets every id of every real event through as it is', () => {
    const ids = files.flatMap((file) => {
      const [name = ''] = file.replace('derived/', '').split('/');
      const read = providers.get(name)?.normalize({ headers: {}, body: corpusBytes(file) }, '2026-11-23T00:00:00.000Z');
      return read?.ok === true ? [read.normalized.event.eventId, read.normalized.event.paymentId, read.normalized.event.objectId] : [];
    });
    expect(ids.length).toBeGreaterThan(200);
    expect(ids.filter((id) => id.includes('sha256:'))).toEqual([]);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
