import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Stripe from 'stripe';
import type { WebhookRequest } from '../../../../../functions/shared/domain/webhook';
import { stripe } from '../../../../../functions/shared/providers/stripe';
import { describeWithCorpus, vectorBody, vectors } from '../../../../support/corpus';
import { verifierOf } from '../../../../support/schemes';
import { requestOf, signStripe } from '../../../../support/signers';

const now = 1_492_774_577_000;
const secret = 'whsec_test_secret';
const body = '{"id":"evt_1","object":"event"}';
const genuine = signStripe(body, now, secret);
const [genuineHeader = ''] = genuine.headers['stripe-signature'] ?? [];
const genuineHex = genuineHeader.slice(-64);
const seconds = String(now / 1000);

function verdict(header: string, bytes: Uint8Array | string = body, at = now, signingSecrets = [secret]) {
  const result = verifierOf('stripe', { signingSecrets }).verify(requestOf(bytes, { 'stripe-signature': header }), at);
  return result.ok ? 'ok' : result.reason;
}

function oracle(request: WebhookRequest, at: number, payload: string | Buffer = Buffer.from(request.body)): boolean {
  try {
    const header = request.headers['stripe-signature']?.[0] ?? '';
    return Stripe.webhooks.signature?.verifyHeader(payload, header, secret, 300, undefined, at) ?? false;
  } catch {
    return false;
  }
}

describe('the secret of Stripe', () => {
  it.each([
    [7, 'the secret must be an object'],
    [{}, 'signingSecrets is missing'],
    [{ signingSecrets: [' whsec_x'] }, 'signingSecrets.0 must not begin or end with white space'],
  ])('%j is told what is wrong', (value, problem) => {
    expect(stripe.verifierFrom(JSON.stringify(value))).toEqual({ ok: false, problem });
  });

  it('is about the one header that is signed', () => {
    expect([stripe.name, stripe.signedHeaders]).toEqual(['stripe', ['stripe-signature']]);
  });
});

describe('the header of Stripe', () => {
  it.each([
    ['the scheme v0 alone', `t=${seconds},v0=${genuineHex}`, 'signature_missing'],
    ['no scheme', `t=${seconds}`, 'signature_missing'],
    ['no time', `v1=${genuineHex}`, 'signature_malformed'],
    ['an empty time', `t=,v1=${genuineHex}`, 'signature_malformed'],
    ['a time with letters', `t=${seconds}x,v1=${genuineHex}`, 'signature_malformed'],
    ['a signed time', `t=+${seconds},v1=${genuineHex}`, 'signature_malformed'],
    ['a time of 13 digits', `t=${seconds}000,v1=${genuineHex}`, 'signature_malformed'],
    ['the time twice', `t=${seconds},t=${seconds},v1=${genuineHex}`, 'signature_malformed'],
    ['a second equals sign', `t=${seconds}=0,v1=${genuineHex}`, 'signature_malformed'],
    ['a space after the comma', `t=${seconds}, v1=${genuineHex}`, 'signature_missing'],
    ['another scheme', `t=${seconds},v2=${genuineHex}`, 'signature_missing'],
    ['an empty v1', `t=${seconds},v1=`, 'signature_mismatch'],
    ['a v1 of non-ASCII letters', `t=${seconds},v1=${'é'.repeat(64)}`, 'signature_mismatch'],
    ['an upper-case v1', `t=${seconds},v1=${genuineHex.toUpperCase()}`, 'signature_mismatch'],
  ])('is refused with %s', (_, header, reason) => {
    expect(verdict(header)).toBe(reason);
  });

  it.each([
    ['junk after it', `${genuineHeader},v1=potato`],
    ['an empty v1 before it', `t=${seconds},v1=,v1=${genuineHex}`],
    ['a bare v1 before it', `t=${seconds},v1,v1=${genuineHex}`],
    ['a v0 beside it', `${genuineHeader},v0=${'0'.repeat(64)}`],
    ['an unknown part', `${genuineHeader},later=1`],
    ['a wrong v1 before it', `t=${seconds},v1=${'0'.repeat(64)},v1=${genuineHex}`],
    ['the time at the end', `v1=${genuineHex},t=${seconds}`],
  ])('is accepted with a good v1 and %s', (_, header) => {
    expect(verdict(header)).toBe('ok');
  });

  it('verifies a rolled secret from either side', () => {
    const [rolled = ''] = signStripe(body, now, 'whsec_old', secret).headers['stripe-signature'] ?? [];
    expect(verdict(rolled)).toBe('ok');
    expect(verdict(rolled, body, now, ['whsec_old'])).toBe('ok');
    expect(verdict(genuineHeader, body, now, ['whsec_old', secret])).toBe('ok');
  });

  it('keeps whsec_ in the key, unlike Standard Webhooks', () => {
    expect(verdict(genuineHeader, body, now, [secret.slice('whsec_'.length)])).toBe('signature_mismatch');
  });
});

describeWithCorpus('the vectors of Stripe', () => {
  const reasons: Readonly<Record<string, readonly string[]>> = {
    ok: ['ok'],
    signature_ok_then_json_policy: ['ok'],
    timestamp_too_old: ['timestamp_too_old'],
    no_signatures: ['signature_missing'],
    malformed: ['signature_malformed'],
    mismatch: ['signature_mismatch'],
  };
  const policies: Readonly<Record<string, readonly [verdict: string, why: string]>> = {
    'uppercase hex': [
      'signature_mismatch',
      'Stripe sends lower case and its Node library takes nothing else; there is nothing to gain from two spellings',
    ],
    'empty v1 first then valid v1': ['ok', 'a malformed part proves nothing, and refusing would lose a genuine event'],
  };

  it.each(vectors().stripe)('$name', (vector) => {
    const expected = vector.expect === 'policy' ? [policies[vector.name]?.[0]] : reasons[vector.expect];
    expect(expected).toContain(verdict(vector.header, vectorBody(vector), vector.now * 1000, [vector.secret]));
  });
});

describe('the official stripe package', () => {
  const part = fc.oneof(
    { withCrossShrink: true },
    fc.constantFrom(`t=${seconds}`, `v1=${genuineHex}`),
    fc.constantFrom(`v1=${'0'.repeat(64)}`, `v0=${genuineHex}`, 'v1=bad_signature', 'x=y', '', 'V1=a'),
    fc.string().filter((text) => !/[,=]|^(t|v1)$/.test(text)),
  );
  // A second time and an empty v1 are the cases below.
  const header = fc
    .array(part, { maxLength: 6 })
    .filter((parts) => parts.filter((one) => one.startsWith('t=')).length <= 1)
    .map((parts) => parts.join(','));

  it('agrees on any header put together from good and bad parts', () => {
    let accepted = 0;
    fc.assert(
      fc.property(header, (given) => {
        const ok = verdict(given) === 'ok';
        accepted += ok ? 1 : 0;
        expect(ok).toBe(oracle(requestOf(body, { 'stripe-signature': given }), now));
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  it('agrees on any text as a body, signed now or up to the edge of the tolerance, whole or altered', () => {
    const cases = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.integer({ min: 0, max: 301 }), fc.boolean());
    fc.assert(
      fc.property(cases, ([text, age, altered]) => {
        const signed = signStripe(text, now - age * 1000, secret);
        const request = altered ? { ...signed, body: Buffer.from(`${text} `) } : signed;
        const expected = oracle(request, now, Buffer.from(request.body).toString('utf8'));
        expect(verifierOf('stripe', { signingSecrets: [secret] }).verify(request, now).ok).toBe(expected);
        expect(expected).toBe(!altered && age <= 300);
      }),
      { numRuns: 1000 },
    );
  });

  const stricter: readonly (readonly [string, string, WebhookRequest, number])[] = [
    ['a time in the future', 'timestamp_too_new', signStripe(body, now + 301_000, secret), now],
    ['letters after the time', 'signature_malformed', requestOf(body, { 'stripe-signature': genuineHeader.replace(',', 'x,') }), now],
    ['the time twice', 'signature_malformed', requestOf(body, { 'stripe-signature': `t=1,${genuineHeader}` }), now],
    ['a second equals sign in a part', 'signature_mismatch', requestOf(body, { 'stripe-signature': `${genuineHeader}=0` }), now],
    [
      'zeros before a time that was signed without them',
      'signature_mismatch',
      requestOf(body, { 'stripe-signature': `t=0${genuineHeader.slice(2)}` }),
      now,
    ],
  ];

  it.each(stricter)('accepts %s, and we do not: %s', (_, reason, request, at) => {
    expect(oracle(request, at, body)).toBe(true);
    expect(verifierOf('stripe', { signingSecrets: [secret] }).verify(request, at)).toEqual({ ok: false, reason });
  });

  const fairer: readonly (readonly [string, WebhookRequest])[] = [
    ['an empty v1 beside a good one', requestOf(body, { 'stripe-signature': `t=${seconds},v1=,v1=${genuineHex}` })],
    [
      'a v1 of 64 letters that are more bytes',
      requestOf(body, { 'stripe-signature': `t=${seconds},v1=${'é'.repeat(64)},v1=${genuineHex}` }),
    ],
    ['a byte order mark, which it decodes away', signStripe(Buffer.from('\uFEFF{}'), now, secret)],
    ['invalid UTF-8, which it replaces', signStripe(Buffer.from([0x7b, 0xff, 0x7d]), now, secret)],
  ];

  it.each(fairer)('stumbles over %s, and we verify what was signed', (_, request) => {
    expect(oracle(request, now)).toBe(false);
    expect(verifierOf('stripe', { signingSecrets: [secret] }).verify(request, now)).toEqual({ ok: true });
  });
});
