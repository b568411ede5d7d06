import { describe, expect, it } from '@jest/globals';
import { currencies, exponentOf } from '../../../../functions/shared/domain/iso-4217';

describe('the currency table', () => {
  it.each([
    ['JPY', 0],
    ['ISK', 0],
    ['UGX', 0],
    ['UYI', 0],
    ['USD', 2],
    ['HUF', 2],
    ['MGA', 2],
    ['TWD', 2],
    ['KWD', 3],
    ['IQD', 3],
    ['CLF', 4],
    ['UYW', 4],
    ['CHE', 2],
    ['BGN', 2],
  ])('gives %s %i decimals', (currency, exponent) => {
    expect(exponentOf(currency)).toBe(exponent);
  });

  it.each(['XAU', 'XDR', 'XTS', 'XXX', 'usd', 'US', 'BTC', '__proto__', ''])('knows no currency %p', (currency) => {
    expect(exponentOf(currency)).toBeUndefined();
  });

  it('has every code once, well formed, and misses no currency that Unicode lists', () => {
    expect(new Set(currencies).size).toBe(currencies.length);
    expect(currencies.every((currency) => /^[A-Z]{3}$/.test(currency))).toBe(true);
    const withoutMinorUnit = ['XDR', 'XSU', 'XUA'];
    const missing = Intl.supportedValuesOf('currency').filter((code) => exponentOf(code) === undefined && !withoutMinorUnit.includes(code));
    expect(missing).toEqual([]);
  });
});
