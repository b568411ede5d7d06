import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WebhookRequest } from '../../../../functions/shared/domain/webhook';
import { signatureRejections } from '../../../../functions/shared/domain/webhook';
import { kinds } from '../../../../functions/shared/domain/payment-event';
import { providerNames } from '../../../../functions/shared/providers';
import { fixture, providers, signingSchemes, verifierOf } from '../../../support/schemes';
import type { SigningScheme } from '../../../support/schemes';

const now = Date.UTC(2026, 0, 1, 12);
const receivedAt = '2026-01-01T12:00:00.000Z';
const body = Buffer.from('{"id":"evt_1","amount":1.0,"name":"Zoë"}', 'utf8');

const genuineBodies: readonly (readonly [string, Buffer])[] = [
  ['plain', body],
  ['with Windows line ends', Buffer.from('{\r\n  "id": "evt_1"\r\n}\r\n')],
  ['with a byte order mark', Buffer.from('\uFEFF{"id":"evt_1"}')],
  ['with astral characters and line separators', Buffer.from('{"id":"😀👩‍👩‍👧 \u2028"}')],
  ['with invalid UTF-8', Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from('"}')])],
  ['with escaped slashes and 1.0', Buffer.from('{"a":1.0,"b":"https:\\/\\/x","c":[\n\n]}')],
  ['that is empty', Buffer.alloc(0)],
  ['of every byte', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
];

function withHeader(request: WebhookRequest, name: string, ...values: readonly string[]): WebhookRequest {
  return { ...request, headers: { ...request.headers, [name]: values } };
}

function withoutHeader(request: WebhookRequest, name: string): WebhookRequest {
  return { ...request, headers: Object.fromEntries(Object.entries(request.headers).filter(([key]) => key !== name)) };
}

function signatureOf(request: WebhookRequest, scheme: SigningScheme): string {
  return request.headers[scheme.signatureHeader]?.[0] ?? '';
}

describe('the registry', () => {
  it('has one adapter per name', () => {
    expect([...providers.keys()]).toEqual([...providerNames]);
    expect([...providers].every(([name, provider]) => provider.name === name)).toBe(true);
  });

  it('has a signing scheme in this suite for every adapter', () => {
    expect(new Set(signingSchemes().map(({ provider }) => provider))).toEqual(new Set(providerNames));
  });
});

describe.each(signingSchemes())('signatures of $name', (scheme) => {
  const verifier = verifierOf(scheme.provider, scheme.secret);
  const verify = (request: WebhookRequest, at = now) => verifier.verify(request, at, scheme.certificatePem);
  const genuine = scheme.sign(body, now);

  it.each(genuineBodies)('accepts a genuine body %s', (_, bytes) => {
    expect(verify(scheme.sign(bytes, now))).toEqual({ ok: true });
  });

  it('accepts any bytes that were signed, and none that were not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (bytes, position) => {
        const request = scheme.sign(bytes, now);
        expect(verify(request)).toEqual({ ok: true });
        const altered = Buffer.concat([bytes, Buffer.from([0])]);
        altered[position % altered.length] = (altered[position % altered.length] ?? 0) ^ 1;
        expect(verify({ ...request, body: altered })).toEqual({ ok: false, reason: 'signature_mismatch' });
      }),
      { numRuns: 60 },
    );
  });

  it('lists the headers that it needs, so that the archived bytes verify again', () => {
    const needed = providers.get(scheme.provider)?.signedHeaders ?? [];
    const kept = Object.fromEntries(Object.entries(genuine.headers).filter(([name]) => needed.includes(name)));
    expect(verify({ headers: kept, body: genuine.body })).toEqual({ ok: true });
  });

  it('refuses a body cut short, added to, or written anew by a JSON library', () => {
    for (const bytes of [
      body.subarray(0, -1),
      Buffer.concat([body, Buffer.from(' ')]),
      Buffer.from(JSON.stringify(JSON.parse(body.toString()))),
      Buffer.alloc(0),
    ]) {
      expect(verify({ ...genuine, body: bytes })).toEqual({ ok: false, reason: 'signature_mismatch' });
    }
  });

  it('refuses another key, and accepts both while a key is rotated', () => {
    const other = verifierOf(scheme.provider, scheme.otherSecret);
    expect(other.verify(genuine, now, scheme.certificatePem)).toEqual({ ok: false, reason: 'signature_mismatch' });
    const both = verifierOf(scheme.provider, scheme.bothSecrets);
    expect(both.verify(genuine, now, scheme.certificatePem)).toEqual({ ok: true });
  });

  it('refuses a request without the signature, and one without any header', () => {
    expect(verify(withoutHeader(genuine, scheme.signatureHeader))).toEqual({ ok: false, reason: 'signature_missing' });
    expect(verify(withHeader({ headers: {}, body }, scheme.signatureHeader))).toEqual({ ok: false, reason: 'signature_missing' });
    expect(verify({ headers: {}, body })).toEqual({ ok: false, reason: 'signature_missing' });
  });

  it('refuses a request without any one of the headers that are signed', () => {
    for (const name of Object.keys(genuine.headers).filter((header) =>
      (providers.get(scheme.provider)?.signedHeaders ?? []).includes(header),
    )) {
      expect(verify(withoutHeader(genuine, name)).ok).toBe(false);
    }
  });

  it.each(['', ' ', 'not a signature', 'null', ',', '=', 'ä'.repeat(64), '\u0000', 'A'.repeat(100_000)])(
    'refuses the signature %j',
    (signature) => {
      expect(verify(withHeader(genuine, scheme.signatureHeader, signature)).ok).toBe(false);
    },
  );

  it('refuses a signature of which one character is wrong, missing or too many', () => {
    const signature = signatureOf(genuine, scheme);
    const at = signature.length - 6;
    const other = signature[at] === 'a' ? 'b' : 'a';
    for (const wrong of [signature.slice(0, at) + other + signature.slice(at + 1), signature.slice(0, -1), `${signature}0`]) {
      expect(verify(withHeader(genuine, scheme.signatureHeader, wrong)).ok).toBe(false);
    }
  });

  it('refuses a header that was sent twice with different values, and accepts it twice with the same', () => {
    const signature = signatureOf(genuine, scheme);
    expect(verify(withHeader(genuine, scheme.signatureHeader, signature, 'other'))).toEqual({ ok: false, reason: 'signature_malformed' });
    expect(verify(withHeader(genuine, scheme.signatureHeader, signature, signature))).toEqual({ ok: true });
  });

  it('answers every request with a verdict, and never throws', () => {
    const names = [...(providers.get(scheme.provider)?.signedHeaders ?? []), 'other'];
    const headers = fc.dictionary(
      fc.constantFrom(...names),
      fc.array(fc.oneof(fc.string(), fc.constantFrom('t=1,v1=', '1', 'v1,')), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(headers, fc.double(), (given, at) => {
        const verdict = verify({ headers: given, body }, at);
        expect(verdict.ok || signatureRejections.some((reason) => reason === verdict.reason)).toBe(true);
        const url = verifier.certificateUrl?.({ headers: given, body }, at);
        expect(url === undefined || !url.ok || url.url.startsWith('https://')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  const { tolerance } = scheme;
  if (tolerance === undefined) {
    it('signs no time, so that replays are left to deduplication', () => {
      expect(verify(genuine, 0)).toEqual({ ok: true });
      expect(verify(genuine, now + 1e12)).toEqual({ ok: true });
    });
  } else {
    it('refuses what is older or newer than its tolerance by a second, and accepts the edge', () => {
      const { pastSeconds, futureSeconds } = tolerance;
      expect(verify(genuine, now + pastSeconds * 1000)).toEqual({ ok: true });
      expect(verify(genuine, now + (pastSeconds + 1) * 1000)).toEqual({ ok: false, reason: 'timestamp_too_old' });
      expect(verify(genuine, now - futureSeconds * 1000)).toEqual({ ok: true });
      expect(verify(genuine, now - (futureSeconds + 1) * 1000)).toEqual({ ok: false, reason: 'timestamp_too_new' });
    });
  }
});

describe.each(signingSchemes())('the secret of $name', (scheme) => {
  const read = (text: string) => providers.get(scheme.provider)?.verifierFrom(text);

  it('may have keys that are not ours', () => {
    expect(read(JSON.stringify({ ...scheme.secret, apiKey: 'kept for later' }))?.ok).toBe(true);
  });

  it.each(['', 'undefined', '{', '\uFEFF{}'])('is refused when it is %j, which is no JSON', (text) => {
    expect(read(text)).toEqual({ ok: false, problem: 'the secret is not JSON' });
  });

  it.each(['null', '[]', '"whsec_one"', '5', '{}', '{"__proto__":{"signingSecrets":["a"]}}'])('is refused when it is %s', (text) => {
    expect(read(text)?.ok).toBe(false);
  });

  it('is refused with the name of the field, and without its value', () => {
    const [field = ''] = Object.keys(scheme.secret);
    for (const value of [undefined, null, 'VALUE', [], [null], [7], [''], [' '], ['VALUE ', 'x'], ['\nVALUE']]) {
      const result = read(JSON.stringify({ ...scheme.secret, [field]: value }));
      expect(result).toMatchObject({ ok: false });
      expect(result?.ok === true ? '' : result?.problem).toMatch(new RegExp(`^${field}\\b`));
      expect(JSON.stringify(result)).not.toContain('VALUE');
    }
  });
});

const bodies: Readonly<Record<(typeof providerNames)[number], Buffer>> = {
  stripe: fixture('stripe/payment-intent-succeeded.json'),
  paypal: fixture('paypal/capture-completed.json'),
  square: fixture('square/payment-failed.json'),
  generic: fixture('generic/payment.json'),
};

describe.each([...providers.values()])('normalizing for $name', (provider) => {
  const normalize = (bytes: Uint8Array | string) => provider.normalize({ headers: {}, body: Buffer.from(bytes) }, receivedAt);
  const known = Object.entries(bodies).find(([name]) => name === provider.name)?.[1] ?? Buffer.alloc(0);

  it.each(['', ' ', '{', 'null', 'true', '5', '"text"', '[]', '[{}]', '\u0000', '{"a":1}}', '['.repeat(100_000)])(
    'cannot read the body %.20j',
    (text) => {
      expect(normalize(text)).toEqual({ ok: false, unreadable: { reason: 'body_not_json_object' } });
    },
  );

  it('names the field that is missing', () => {
    const result = normalize('{}');
    expect(result).toMatchObject({ ok: false, unreadable: { reason: 'field_missing', problem: 'is missing' } });
  });

  it('reads a body with a byte order mark, and one with an invalid byte in a text', () => {
    expect(normalize(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), known]))).toEqual(normalize(known));
    const opened = known.indexOf('{') + 1;
    const odd = Buffer.concat([
      known.subarray(0, opened),
      Buffer.from('"odd":"'),
      Buffer.from([0xff]),
      Buffer.from('",'),
      known.subarray(opened),
    ]);
    expect(normalize(odd).ok).toBe(true);
  });

  it('gives one payment event, ready for JSON and bounded', () => {
    const result = normalize(known);
    if (!result.ok) throw new Error('the body is known');
    const { event, dedupeId } = result.normalized;
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
    expect(event).toMatchObject({ schemaVersion: 1, provider: provider.name, receivedAt, needsFetch: false });
    expect(event.paymentId.startsWith(`${provider.name}:`)).toBe(true);
    expect(event.occurredAt).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
    expect(dedupeId).toContain(event.eventId);
  });

  it('gives the same event for the same body', () => {
    expect(normalize(known)).toEqual(normalize(known));
  });

  it('bounds everything, whatever is sent, and never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ minLength: 600, maxLength: 900, unit: 'binary' }),
      fc.constantFrom('\ud800', '__proto__'),
    );
    const value = fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }));
    const parsed: unknown = JSON.parse(known.toString('utf8'));
    const paths = pathsOf(parsed);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), value), { minLength: 1, maxLength: 6 }), (changes) => {
        const altered = changes.reduce((whole, [path, replacement]) => replaceAt(whole, path, replacement), parsed);
        const result = normalize(JSON.stringify(altered));
        if (!result.ok) return;
        const { event, dedupeId } = result.normalized;
        const json = JSON.stringify(event);
        expect([
          kinds.includes(event.kind),
          Buffer.byteLength(dedupeId) <= 300,
          Buffer.byteLength(event.paymentId) <= 270,
          Buffer.byteLength(json) < 16_000,
          Buffer.from(json, 'utf8').toString('utf8') === json,
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(event.occurredAt),
          [event.amountMinor, event.currency, event.amount].filter((part) => part === null).length % 3 === 0,
          event.amountMinor === null || Number.isSafeInteger(event.amountMinor),
        ]).not.toContain(false);
      }),
      { numRuns: 1000 },
    );
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}

function replaceAt(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((child: unknown, index) => (String(index) === key ? replaceAt(child, rest, replacement) : child));
  return { ...value, [key]: replaceAt(Reflect.get(value, key), rest, replacement) };
}
