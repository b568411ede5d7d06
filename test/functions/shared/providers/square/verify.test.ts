import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WebhooksHelper } from 'square';
import { square } from '../../../../../functions/shared/providers/square';
import { describeWithCorpus, vectorBody, vectors } from '../../../../support/corpus';
import { verifierOf } from '../../../../support/schemes';
import { requestOf, signSquare } from '../../../../support/signers';

const header = 'x-square-hmacsha256-signature';
const signatureKey = 'signature-key';
const notificationUrl = 'https://example.com/webhook/square';
const body = '{"event_id":"1"}';

function verdict(bytes: Uint8Array | string, signature: string, subscription = { signatureKey, notificationUrl }) {
  const result = verifierOf('square', { subscriptions: [subscription] }).verify(requestOf(bytes, { [header]: signature }), 0);
  return result.ok ? 'ok' : result.reason;
}

describe('the secret of Square', () => {
  it.each([
    [7, 'the secret must be an object'],
    [{}, 'subscriptions is missing'],
    [{ subscriptions: [] }, 'subscriptions must have at least one entry'],
    [{ subscriptions: [7] }, 'subscriptions.0 must be an object'],
    [
      { subscriptions: [{ signatureKey, notificationUrl: 'ftp://x/https://y' }] },
      'subscriptions.0.notificationUrl must begin with https://',
    ],
  ])('%j is told what is wrong', (secret, problem) => {
    expect(square.verifierFrom(JSON.stringify(secret))).toEqual({ ok: false, problem });
  });

  it('is about the one header that is signed', () => {
    expect([square.name, square.signedHeaders]).toEqual(['square', [header]]);
  });
});

describe('the signature of Square', () => {
  const [genuine = ''] = signSquare(body, signatureKey, notificationUrl).headers[header] ?? [];

  it.each([
    'http://example.com/webhook/square',
    'https://example.com/webhook/square/',
    'https://Example.com/webhook/square',
    `${notificationUrl}?`,
  ])('is over the registered URL byte for byte, and not over %s', (url) => {
    expect(verdict(body, genuine, { signatureKey, notificationUrl: url })).toBe('signature_mismatch');
  });

  it.each([`x${genuine}`, `${genuine}x`, ` ${genuine}`])('is the whole header, and not a part of %j', (signature) => {
    expect(verdict(body, signature)).toBe('signature_malformed');
  });

  it('is good by any of the subscriptions', () => {
    const other = { signatureKey: 'other', notificationUrl };
    const own = { signatureKey, notificationUrl };
    for (const subscriptions of [
      [own, other],
      [other, own],
    ]) {
      expect(verifierOf('square', { subscriptions }).verify(requestOf(body, { [header]: genuine }), 0)).toEqual({ ok: true });
    }
  });

  it('never takes the URL from a header', () => {
    const forged = signSquare(body, signatureKey, 'https://evil.example/webhook/square');
    const headers = { ...forged.headers, host: ['evil.example'], 'x-forwarded-host': ['evil.example'], 'x-forwarded-proto': ['https'] };
    const verifier = verifierOf('square', { subscriptions: [{ signatureKey, notificationUrl }] });
    expect(verifier.verify({ ...forged, headers }, 0)).toEqual({ ok: false, reason: 'signature_mismatch' });
  });

  it('is not the older SHA-1 header', () => {
    const request = requestOf(body, { 'x-square-signature': genuine });
    expect(verifierOf('square', { subscriptions: [{ signatureKey, notificationUrl }] }).verify(request, 0)).toEqual({
      ok: false,
      reason: 'signature_missing',
    });
  });

  it.each([
    ['without padding', (text: string) => text.slice(0, -1)],
    ['with a line break', (text: string) => `${text}\n`],
    ['in the URL alphabet', (text: string) => `-_${text.slice(2)}`],
    ['in hex', (text: string) => Buffer.from(text, 'base64').toString('hex')],
  ])('is malformed %s', (_, change) => {
    expect(verdict(body, change(genuine))).toBe('signature_malformed');
  });

  it('has one spelling: other bits in the last character do not decode to the same', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = alphabet.indexOf(genuine.charAt(42));
    const twin = `${genuine.slice(0, 42)}${alphabet.charAt(last ^ 1)}=`;
    expect(Buffer.from(twin, 'base64')).toEqual(Buffer.from(genuine, 'base64'));
    expect(verdict(body, twin)).toBe('signature_mismatch');
  });
});

describeWithCorpus('the vectors of Square', () => {
  it.each(vectors().square)('$name', (vector) => {
    const result = verdict(vectorBody(vector), vector.header, vector);
    // The one empty header is malformed rather than a mismatch.
    const expected = vector.expect === 'ok' ? 'ok' : vector.header === '' ? 'signature_malformed' : 'signature_mismatch';
    expect(result).toBe(expected);
  });
});

describe('the official square package', () => {
  it('agrees on any text, key and URL, whole or altered', async () => {
    const text = fc.string({ unit: 'grapheme' });
    const key = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((one) => one.trim() === one);
    const url = fc.webUrl({ withQueryParameters: true });
    await fc.assert(
      fc.asyncProperty(text, key, url, fc.constantFrom('', ' ', '=', 'A'), async (requestBody, anyKey, anyUrl, added) => {
        const [signature = ''] = signSquare(requestBody, anyKey, anyUrl).headers[header] ?? [];
        const given = { requestBody: requestBody + added, signatureHeader: signature, signatureKey: anyKey, notificationUrl: anyUrl };
        const ours = verdict(requestBody + added, signature, { signatureKey: anyKey, notificationUrl: anyUrl }) === 'ok';
        expect(ours).toBe(await WebhooksHelper.verifySignature(given));
        expect(ours).toBe(added === '');
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees on any text as a signature', async () => {
    const [genuine = ''] = signSquare(body, signatureKey, notificationUrl).headers[header] ?? [];
    const signature = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.nat({ max: 43 }).map((at) => genuine.slice(0, at) + genuine.slice(at + 1)),
      fc.constant(genuine),
    );
    await fc.assert(
      fc.asyncProperty(signature, async (signatureHeader) => {
        const expected = await WebhooksHelper.verifySignature({ requestBody: body, signatureHeader, signatureKey, notificationUrl });
        expect(verdict(body, signatureHeader) === 'ok').toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a body that is not UTF-8, for it takes a text only, and we verify what was signed', () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x7d]);
    const [signature = ''] = signSquare(bytes, signatureKey, notificationUrl).headers[header] ?? [];
    expect(verdict(bytes, signature)).toBe('ok');
  });

  it.each(['', 'ftp://example.com', 'example.com', ' https://example.com'])(
    'has no opinion on the URL %j, and we refuse the secret',
    (url) => {
      expect(() => verifierOf('square', { subscriptions: [{ signatureKey, notificationUrl: url }] })).toThrow(
        'subscriptions.0.notificationUrl',
      );
    },
  );
});
