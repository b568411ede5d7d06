import { describe, expect, it } from '@jest/globals';
import { valueBandOf } from '../../../../functions/shared/domain/value-band';

const thresholds = { default: '10000', JPY: '1500000', KWD: '3000.5' };
const kind = 'payment.succeeded';

describe('the value band', () => {
  it.each([
    [1000000, 'USD', 'standard'],
    [1000001, 'USD', 'high'],
    [0, 'USD', 'standard'],
    [-2000000, 'USD', 'standard'],
    [12000, 'JPY', 'standard'],
    [1500000, 'JPY', 'standard'],
    [1500001, 'JPY', 'high'],
    [3000500, 'KWD', 'standard'],
    [3000501, 'KWD', 'high'],
    [10001, 'KRW', 'high'],
  ])('of %i minor units of %s is %s', (amountMinor, currency, band) => {
    expect(valueBandOf({ kind, amountMinor, currency }, thresholds)).toBe(band);
  });

  it('is none where no money moved', () => {
    expect(valueBandOf({ kind, amountMinor: null, currency: null }, thresholds)).toBe('none');
    expect(valueBandOf({ kind: 'other', amountMinor: 2000000, currency: 'USD' }, thresholds)).toBe('none');
  });

  it('throws for a currency that is none, which no stored event has', () => {
    expect(() => valueBandOf({ kind, amountMinor: 1, currency: 'XXX' }, thresholds)).toThrow(RangeError);
  });
});
