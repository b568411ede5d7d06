import { createHmac } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describeWithCorpus, vectorBody, vectors } from '../../../../support/corpus';
import { verifierOf } from '../../../../support/schemes';
import { requestOf, signOwnHeader, signStandardWebhooks } from '../../../../support/signers';

const now = 1_614_265_330_000;
const seconds = String(now / 1000);
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"test": 2432232314}';

function verdict(
  bytes: Uint8Array | string,
  headers: Readonly<Record<string, string>>,
  signingSecrets: readonly string[] = [secret],
  at = now,
) {
  const result = verifierOf('generic', { signingSecrets }).verify(requestOf(bytes, headers), at);
  return result.ok ? 'ok' : result.reason;
}

function headersOf(request: ReturnType<typeof requestOf>): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, [value = '']]) => [name, value]));
}

describe('our own header', () => {
  const hex = createHmac('sha256', 'a secret').update(body).digest('hex');

  it.each([hex, `sha256=${hex}`, hex.toUpperCase(), `SHA256=${hex}`])('is accepted as %s', (signature) => {
    expect(verdict(body, { 'x-webhook-signature': signature }, ['a secret'])).toBe('ok');
  });

  it.each([`sha1=${hex}`, `sha256=${hex},`, ` ${hex}`, `sha256= ${hex}`, `0x${hex}`, Buffer.from(hex, 'hex').toString('base64')])(
    'is malformed as %s',
    (signature) => {
      expect(verdict(body, { 'x-webhook-signature': signature }, ['a secret'])).toBe('signature_malformed');
    },
  );

  it('takes the secret as it stands, whsec_ and all', () => {
    expect(verdict(body, headersOf(signOwnHeader(body, secret)))).toBe('ok');
    expect(verdict(body, headersOf(signOwnHeader(body, secret.slice(6))))).toBe('signature_mismatch');
  });

  it('takes a secret of any letters as UTF-8', () => {
    expect(verdict(body, headersOf(signOwnHeader(body, 'clé 鍵 🔑')), ['clé 鍵 🔑'])).toBe('ok');
  });
});

describe('the two schemes', () => {
  const standard = headersOf(signStandardWebhooks(body, now, secret));
  const own = headersOf(signOwnHeader(body, secret));

  it('share a secret that fits both', () => {
    expect([verdict(body, standard), verdict(body, own)]).toEqual(['ok', 'ok']);
  });

  it('do not lend each other a signature: where both are sent, the one that stops replays has to hold', () => {
    expect(verdict(body, { ...own, ...standard }, [secret], now + 301_000)).toBe('timestamp_too_old');
    expect(verdict(body, { ...own, 'webhook-signature': 'v1,nonsense' })).toBe('signature_malformed');
    expect(verdict(body, { ...own, ...standard, 'webhook-id': 'msg_2' })).toBe('signature_mismatch');
  });

  it('refuse a Standard Webhooks signature when no secret is a key for it', () => {
    expect(verdict(body, standard, ['a secret'])).toBe('signature_mismatch');
  });
});

describe('the secret of the generic provider', () => {
  it.each([
    'whsec_',
    'whsec_short',
    'whsec_not base64 at all, but long enough to decode to more than 24 bytes',
    `${secret}AA`,
    `${secret.slice(0, -4)}_-_-`,
    `whsec_${Buffer.alloc(23).toString('base64')}`,
    `whsec_${Buffer.alloc(65).toString('base64')}`,
  ])('is refused as %s', (text) => {
    expect(() => verifierOf('generic', { signingSecrets: ['fine', text] })).toThrow(
      'signingSecrets.1 must be base64 of 24 to 64 bytes after whsec_',
    );
  });

  it.each([24, 64])('may be %i bytes long for Standard Webhooks, with whsec_ or without', (length) => {
    const key = Buffer.alloc(length, 7).toString('base64');
    const signed = headersOf(signStandardWebhooks(body, now, key));
    expect(verdict(body, signed, [key])).toBe('ok');
    expect(verdict(body, signed, [`whsec_${key}`])).toBe('ok');
  });
});

describeWithCorpus('the vectors of Standard Webhooks', () => {
  const reasons: Readonly<Record<string, string>> = {
    ok: 'ok',
    mismatch: 'signature_mismatch',
    malformed: 'signature_malformed',
    timestamp_too_new: 'timestamp_too_new',
  };
  const policies: Readonly<Record<string, readonly [verdict: string, why: string]>> = {
    'dot ambiguity: id="a.1614265330" ts replaced': [
      'ok',
      'senders use ids with dots; moving the dot needs a body that begins with digits and a dot, which is no JSON object and is answered 400',
    ],
  };

  it.each(vectors().standardWebhooks)('$name', (vector) => {
    const expected = vector.expect === 'policy' ? policies[vector.name]?.[0] : reasons[vector.expect];
    expect(verdict(vectorBody(vector), vector.headers, [vector.secret], vector.now * 1000)).toBe(expected);
  });
});

describe('the official standardwebhooks package', () => {
  const official = new Webhook(secret);
  const genuine = headersOf(signStandardWebhooks(body, now, secret));
  const [, signature = ''] = (genuine['webhook-signature'] ?? '').split(',');

  function oracle(payload: string, headers: Readonly<Record<string, string>>, webhook = official): boolean {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    try {
      webhook.verify(payload, { ...headers }, { jsonParse: false });
      return true;
    } catch {
      return false;
    } finally {
      clock.mockRestore();
    }
  }

  it('agrees on any text, id, key and time, whole or altered', () => {
    const keys = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((key) => Buffer.from(key).toString('base64'));
    const ids = fc.string({ minLength: 1, unit: 'grapheme-ascii' });
    const ages = fc.integer({ min: -302, max: 302 });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), ids, keys, ages, fc.constantFrom('', ' '), (text, id, key, age, added) => {
        const headers = headersOf(signStandardWebhooks(text, now - age * 1000, key, id));
        const ours = verdict(text + added, headers, [key]) === 'ok';
        expect(ours).toBe(oracle(text + added, headers, new Webhook(key)));
        expect(ours).toBe(added === '' && Math.abs(age) <= 300);
      }),
      { numRuns: 1500 },
    );
  });

  it('agrees on any signature header put together from good and bad parts', () => {
    const token = fc.oneof(
      fc.constantFrom(`v1,${signature}`, `v1a,${signature}`, `v2,${signature}`, 'v1,g0hM9', 'v1,', `V1,${signature}`, signature, '', 'v1'),
      fc.string().filter((text) => !/[ ,]/.test(text)),
    );
    const header = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join(' '));
    let accepted = 0;
    fc.assert(
      fc.property(header, (given) => {
        const headers = { ...genuine, 'webhook-signature': given };
        const ours = verdict(body, headers) === 'ok';
        accepted += ours ? 1 : 0;
        expect(ours).toBe(oracle(body, headers));
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(10);
  });

  const stricter: readonly (readonly [string, string, Record<string, string>])[] = [
    ['letters after the time', 'signature_malformed', { ...genuine, 'webhook-timestamp': `${seconds}x` }],
    ['a time with a fraction', 'signature_malformed', { ...genuine, 'webhook-timestamp': `${seconds}.9` }],
    ['a time in spaces', 'signature_malformed', { ...genuine, 'webhook-timestamp': ` ${seconds}` }],
    ['zeros before a time that was signed without them', 'signature_mismatch', { ...genuine, 'webhook-timestamp': `0${seconds}` }],
    ['a third part in a signature', 'signature_mismatch', { ...genuine, 'webhook-signature': `v1,${signature},more` }],
  ];

  it.each(stricter)('accepts %s, and we do not: %s', (_, reason, headers) => {
    expect(oracle(body, headers)).toBe(true);
    expect(verdict(body, headers)).toBe(reason);
  });

  it('accepts a key under 24 bytes, and we refuse the secret', () => {
    const weak = `whsec_${Buffer.from('short').toString('base64')}`;
    expect(oracle(body, headersOf(signStandardWebhooks(body, now, weak)), new Webhook(weak))).toBe(true);
    expect(() => verifierOf('generic', { signingSecrets: [weak] })).toThrow('signingSecrets.0');
  });

  it('takes a body as text only, and we verify the bytes that were signed', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const headers = headersOf(signStandardWebhooks(bytes, now, secret));
    expect(oracle(bytes.toString('utf8'), headers)).toBe(false);
    expect(verdict(bytes, headers)).toBe('ok');
  });
});
