import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencies, exponentOf } from '../../../../functions/shared/domain/iso-4217';
import {
  compareToMajorUnits,
  formatMajorUnits,
  moneyFromDecimal,
  moneyFromInteger,
  withoutSign,
} from '../../../../functions/shared/domain/money';

const someMoney = fc.record({ minor: fc.maxSafeInteger().map(BigInt), currency: fc.constantFrom(...currencies) });

describe('an amount in minor units', () => {
  it.each([
    [2000, 'usd', '20.00'],
    [500, 'JPY', '500'],
    [5124, 'KWD', '5.124'],
    [12345, 'CLF', '1.2345'],
    [-5, 'USD', '-0.05'],
    [0, 'EUR', '0.00'],
    [Number.MAX_SAFE_INTEGER, 'USD', '90071992547409.91'],
  ])('reads %p %s as %s', (amount, currency, text) => {
    const reading = moneyFromInteger(amount, currency);
    expect(reading.ok && formatMajorUnits(reading.money)).toBe(text);
  });

  it.each([
    [undefined, 'USD', 'amount_missing'],
    [null, 'USD', 'amount_missing'],
    ['2000', 'USD', 'amount_not_a_number'],
    [20.5, 'USD', 'amount_not_a_number'],
    [Number.NaN, 'USD', 'amount_not_a_number'],
    [Number.POSITIVE_INFINITY, 'USD', 'amount_not_a_number'],
    [2 ** 53, 'USD', 'amount_too_large'],
    [2000, 'XAU', 'currency_unknown'],
    [2000, 'US', 'currency_unknown'],
    [2000, undefined, 'currency_unknown'],
    [2000, 840, 'currency_unknown'],
  ])('does not read %p %p: %s', (amount, currency, problem) => {
    expect(moneyFromInteger(amount, currency)).toEqual({ ok: false, problem });
  });

  it('rescales exactly where the sender counts other decimals than ISO 4217', () => {
    expect(moneyFromInteger(500, 'MGA', () => 0)).toEqual({ ok: true, money: { minor: 50000n, currency: 'MGA' } });
    expect(moneyFromInteger(500, 'UGX', () => 2)).toEqual({ ok: true, money: { minor: 5n, currency: 'UGX' } });
  });

  it('neither rounds nor guesses what is finer than the minor unit', () => {
    expect(moneyFromInteger(550, 'UGX', () => 2)).toEqual({ ok: false, problem: 'amount_not_exact' });
  });

  it('says so where rescaling leaves what JSON can carry', () => {
    expect(moneyFromInteger(Number.MAX_SAFE_INTEGER, 'MGA', () => 0)).toEqual({ ok: false, problem: 'amount_too_large' });
  });

  it('knows no currency that the sender cannot count in', () => {
    expect(moneyFromInteger(1, 'USD', () => undefined)).toEqual({ ok: false, problem: 'currency_unknown' });
    expect(moneyFromInteger(1, 'XAU', () => 2)).toEqual({ ok: false, problem: 'currency_unknown' });
  });
});

describe('a decimal amount', () => {
  it.each([
    ['20.00', 'USD', 2000n],
    ['100', 'USD', 10000n],
    ['.5', 'USD', 50n],
    ['-0.01', 'USD', -1n],
    ['-.5', 'USD', -50n],
    ['007.10', 'USD', 710n],
    ['220000', 'JPY', 220000n],
    ['100.00', 'JPY', 100n],
    ['1.234', 'TND', 1234n],
    ['100', 'HUF', 10000n],
    ['10.0000000', 'USD', 1000n],
    ['0.1', 'USD', 10n],
  ])('reads %s %s', (text, currency, minor) => {
    expect(moneyFromDecimal(text, currency)).toEqual({ ok: true, money: { minor, currency } });
  });

  it.each(['1.', '.', '', '-', '+1', '1e3', ' 1', '1 ', '1,00', '0x10', '١', '1'.repeat(33), 20, {}, true])('does not read %p', (text) => {
    expect(moneyFromDecimal(text, 'USD')).toEqual({ ok: false, problem: 'amount_not_a_number' });
  });

  it.each([
    [undefined, 'USD', 'amount_missing'],
    ['1.005', 'USD', 'amount_not_exact'],
    ['100.5', 'JPY', 'amount_not_exact'],
    ['90071992547409.92', 'USD', 'amount_too_large'],
    ['1', 'XXX', 'currency_unknown'],
    ['1', null, 'currency_unknown'],
  ])('does not read %p %p: %s', (text, currency, problem) => {
    expect(moneyFromDecimal(text, currency)).toEqual({ ok: false, problem });
  });

  it('comes back the same after being formatted, in every currency', () => {
    fc.assert(
      fc.property(someMoney, (money) => {
        expect(moneyFromDecimal(formatMajorUnits(money), money.currency)).toEqual({ ok: true, money });
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps amounts that a double cannot', () => {
    const reading = moneyFromDecimal('70368744177664.07', 'USD');
    expect(reading.ok && formatMajorUnits(reading.money)).toBe('70368744177664.07');
  });
});

describe('formatting', () => {
  it('always has exactly the decimals of the currency', () => {
    fc.assert(
      fc.property(someMoney, (money) => {
        const decimals = formatMajorUnits(money).split('.')[1]?.length ?? 0;
        expect(decimals).toBe(exponentOf(money.currency));
      }),
    );
  });

  it('throws for what is no currency', () => {
    expect(() => formatMajorUnits({ minor: 1n, currency: 'XXX' })).toThrow(RangeError);
  });
});

describe('comparing with major units', () => {
  it.each([
    [1000000n, 'USD', '10000', 0],
    [1000001n, 'USD', '10000', 1],
    [999999n, 'USD', '10000', -1],
    [10000n, 'JPY', '10000', 0],
    [10001n, 'JPY', '10000.5', 1],
    [10000n, 'JPY', '10000.0000000001', -1],
    [-1n, 'USD', '-0.01', 0],
    [10000001n, 'KWD', '10000', 1],
  ] as const)('%p %s against %s is %i', (minor, currency, threshold, result) => {
    expect(compareToMajorUnits({ minor, currency }, threshold)).toBe(result);
  });

  it('agrees with comparing whole numbers', () => {
    fc.assert(
      fc.property(someMoney, fc.maxSafeInteger().map(BigInt), ({ minor, currency }, other) => {
        const result = compareToMajorUnits({ minor, currency }, formatMajorUnits({ minor: other, currency }));
        expect(result).toBe(minor === other ? 0 : minor < other ? -1 : 1);
      }),
    );
  });

  it.each(['', 'ten', '1e4', '10,000'])('throws for the threshold %p', (threshold) => {
    expect(() => compareToMajorUnits({ minor: 1n, currency: 'USD' }, threshold)).toThrow(RangeError);
  });
});

describe('withoutSign', () => {
  it('turns a negative amount over and leaves the rest alone', () => {
    expect(withoutSign({ ok: true, money: { minor: -5n, currency: 'USD' } })).toEqual({ ok: true, money: { minor: 5n, currency: 'USD' } });
    expect(withoutSign({ ok: true, money: { minor: 5n, currency: 'USD' } })).toEqual({ ok: true, money: { minor: 5n, currency: 'USD' } });
    expect(withoutSign({ ok: false, problem: 'amount_missing' })).toEqual({ ok: false, problem: 'amount_missing' });
  });
});
