import { describe, expect, it } from '@jest/globals';
import { instantWithin, parseEpochSeconds, parseInstant } from '../../../../functions/shared/providers/time';

describe('parseInstant', () => {
  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2022-07-13T20:30:59.037339943Z', '2022-07-13T20:30:59.037Z'],
    ['2018-08-15T12:13:29-07:00', '2018-08-15T19:13:29.000Z'],
    ['2024-02-29T23:59:59.9+00:00', '2024-02-29T23:59:59.900Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each([
    '2018-19-12T22:20:32.000Z',
    '2023-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01 00:00:00Z',
    '1969-12-31T23:59:59Z',
    '9999-12-31T23:59:59-07:00',
    '1',
    '',
    'now',
    0,
    null,
    undefined,
    {},
  ])('does not read %p', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe('times as numbers', () => {
  it('are read in seconds, with a fraction or without', () => {
    expect(parseEpochSeconds(1_767_225_600)).toBe(1_767_225_600_000);
    expect(parseEpochSeconds(1_767_225_600.123)).toBe(1_767_225_600_123);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15, '1767225600', null])('are not read from %p', (seconds) => {
    expect(parseEpochSeconds(seconds)).toBeUndefined();
  });

  it('stay within the years that ISO 8601 writes with four digits', () => {
    expect(instantWithin(1.9)).toBe(1);
    expect(instantWithin(253_402_300_800_000)).toBeUndefined();
  });
});
