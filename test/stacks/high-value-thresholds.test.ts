import { describe, expect, it } from '@jest/globals';
import { exponentOf } from '../../functions/shared/domain/iso-4217';
import { highValueThresholds } from '../../stacks/high-value-thresholds';

describe('high-value thresholds', () => {
  it('name only currencies that we know', () => {
    const currencies = Object.keys(highValueThresholds).filter((currency) => currency !== 'default');
    expect(currencies.filter((currency) => exponentOf(currency) === undefined)).toEqual([]);
  });

  it('fit into a standard parameter', () => {
    expect(JSON.stringify(highValueThresholds).length).toBeLessThan(3500);
  });
});
