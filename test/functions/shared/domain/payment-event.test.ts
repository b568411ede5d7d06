import { describe, expect, it } from '@jest/globals';
import { eventKeyOf, kinds } from '../../../../functions/shared/domain/payment-event';

describe('the key of an event', () => {
  it('is told from an alert by its prefix', () => {
    expect(eventKeyOf('evt_1')).toBe('event#evt_1');
  });
});

describe('the kinds', () => {
  it('are all different, so that each has one meaning', () => {
    expect(new Set(kinds).size).toBe(kinds.length);
  });
});
