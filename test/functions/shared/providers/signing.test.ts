import { describe, expect, it } from '@jest/globals';
import {
  acceptIf,
  equalInConstantTime,
  hmacSha256,
  refuse,
  requiredHeader,
  staleness,
} from '../../../../functions/shared/providers/signing';

describe('hmacSha256', () => {
  // RFC 4231, test case 2.
  it.each([[['what do ya want for nothing?']], [['what do ya ', Buffer.from('want for '), 'nothing?']]])(
    'is over its parts in order',
    (parts) => {
      expect(hmacSha256('Jefe', ...parts).toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    },
  );
});

describe('equalInConstantTime', () => {
  it.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    // As long in characters, and not in bytes.
    ['\u00e9', 'e', false],
  ])('of %j and %j is %p', (given, expected, equal) => {
    expect(equalInConstantTime(given, expected)).toBe(equal);
  });
});

describe('requiredHeader', () => {
  it.each([
    [undefined, 'signature_missing'],
    [[], 'signature_missing'],
    [[''], 'signature_malformed'],
    [['a', 'b'], 'signature_malformed'],
  ])('with the values %j is %s', (values, reason) => {
    const request = { body: Buffer.from(''), headers: values === undefined ? {} : { signature: values } };
    expect(requiredHeader(request, 'signature')).toEqual({ ok: false, reason });
  });

  it.each([[['a']], [['a', 'a']]])('with the values %j is the one value', (values) => {
    expect(requiredHeader({ body: Buffer.from(''), headers: { signature: values } }, 'signature')).toEqual({ ok: true, value: 'a' });
  });
});

describe('staleness', () => {
  const now = 1_700_000_000_999;
  it.each([
    [-301, 'timestamp_too_old'],
    [-300, undefined],
    [0, undefined],
    [300, undefined],
    [301, 'timestamp_too_new'],
  ])('of a time %i seconds from now is %s', (seconds, reason) => {
    expect(staleness(1_700_000_000 + seconds, now)).toBe(reason);
  });
});

describe('a verdict', () => {
  it('is a reason, or none', () => {
    expect(refuse('timestamp_too_old')).toEqual({ ok: false, reason: 'timestamp_too_old' });
    expect([acceptIf(true), acceptIf(false)]).toEqual([{ ok: true }, { ok: false, reason: 'signature_mismatch' }]);
  });
});
