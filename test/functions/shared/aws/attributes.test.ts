import { describe, expect, it } from '@jest/globals';
import { itemFrom, plainOf } from '../../../../functions/shared/aws/attributes';

/** Nobody checks this before a handler either. */
function isItem(value: unknown): value is Parameters<typeof plainOf>[0] {
  return typeof value === 'object';
}

describe('plainOf', () => {
  it('reads every type of attribute', () => {
    const item = {
      text: { S: 'a' },
      number: { N: '1200' },
      decimal: { N: '-1.5' },
      yes: { BOOL: true },
      nothing: { NULL: true },
      map: { M: { inner: { S: 'b' } } },
      list: { L: [{ S: 'c' }, { N: '2' }] },
      texts: { SS: ['d'] },
      numbers: { NS: ['3'] },
      empty: { S: '' },
    };
    expect(plainOf(item)).toEqual({
      text: 'a',
      number: 1200,
      decimal: -1.5,
      yes: true,
      nothing: null,
      map: { inner: 'b' },
      list: ['c', 2],
      texts: ['d'],
      numbers: [3],
      empty: '',
    });
  });

  it('reads bytes from the SDK, and from base64 as a stream has them', () => {
    const bytes = Buffer.from([0, 255, 128]);
    const base64 = bytes.toString('base64');
    expect(plainOf({ a: { B: bytes }, b: { B: base64 }, c: { BS: [base64] } })).toEqual({ a: bytes, b: bytes, c: [bytes] });
  });

  it('keeps a number that JavaScript cannot hold exactly as text', () => {
    expect(plainOf({ a: { N: '90071992547409931' }, b: { N: '1E+126' } })).toEqual({ a: '90071992547409931', b: '1E+126' });
  });

  // Found by hostile input: either threw out of the handler that read a stream with it.
  it('reads as null what is no attribute, and what is nested deeper than DynamoDB nests', () => {
    const parsed: unknown = JSON.parse(
      `{"a":null,"b":"text","c":{"S":1},"d":{"M":null},"e":{"L":{}},"f":${'{"M":{"f":'.repeat(20_000)}1${'}}'.repeat(20_000)}}`,
    );
    const plain = isItem(parsed) ? plainOf(parsed) : undefined;
    expect(plain).toMatchObject({ a: null, b: null, c: null, d: null, e: null });
    expect(JSON.stringify(plain)).toMatch(/"f":(\{"f":){32}null/);
  });

  it('reads a type that it does not know as null', () => {
    expect(plainOf({ a: {} })).toEqual({ a: null });
  });
});

describe('itemFrom', () => {
  it('writes what it reads back', () => {
    const values = { text: 'a', number: 12, zero: 0, no: false, nothing: null, bytes: Buffer.from([1]), map: { inner: 'b' } };
    expect(plainOf(itemFrom(values))).toEqual(values);
  });

  it('leaves out what is undefined', () => {
    expect(itemFrom({ a: undefined, b: 'c' })).toEqual({ b: { S: 'c' } });
  });
});
