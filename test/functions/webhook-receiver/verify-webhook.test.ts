import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '../../../functions/shared/domain/unavailable';
import type { Provider } from '../../../functions/shared/providers/provider';
import { certificateCache } from '../../../functions/webhook-receiver/certificate-cache';
import { verifierCache } from '../../../functions/webhook-receiver/verifier-cache';
import { verifyWebhook } from '../../../functions/webhook-receiver/verify-webhook';
import { makeCertificate } from '../../support/certificates';
import type { TestCertificate } from '../../support/certificates';
import { World } from '../../support/fakes';
import { genericBody } from '../../support/receiving';
import { providers } from '../../support/schemes';
import { paypalChain, requestOf, sandboxCommonName, signOwnHeader, signPaypal } from '../../support/signers';

const url = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb';
const old = JSON.stringify({ signingSecrets: ['old'] });
const rotated = JSON.stringify({ signingSecrets: ['new'] });

let world: World;
let verify: (provider: string, request: ReturnType<typeof requestOf>) => ReturnType<typeof verifyWebhook>;
beforeEach(() => {
  world = new World();
  world.secretTexts.set('generic', old);
  world.secretTexts.set('paypal', JSON.stringify({ webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox' }));
  world.certificatePems.set(url, paypalChain().pem);
  const deps = {
    verifiers: verifierCache(world.secrets, world.clock),
    certificates: certificateCache(world.certificateFetcher, world.clock),
    issuers: certificateCache(world.issuerFetcher, world.clock),
  };
  verify = (provider, request) => verifyWebhook(deps, providerOf(provider), request, world.now);
});

function providerOf(name: string): Provider {
  const provider = providers.get(name);
  if (provider === undefined) throw new Error(name);
  return provider;
}

const reads = () => world.calls.filter((call) => call === 'secrets.read').length;
const fetches = () => world.calls.filter((call) => call === 'certificates.fetchPem').length;
const issuerFetches = () => world.calls.filter((call) => call === 'issuers.fetchPem').length;
const signedWith = (secret: string) => signOwnHeader(genericBody(), secret);
const paypal = (signing = {}) => signPaypal('{"id":"x"}', world.now, { webhookId: 'WEBHOOK_ONE', leaf: paypalChain().leaf, ...signing });

describe('a secret that was rotated', () => {
  beforeEach(async () => {
    expect(await verify('generic', signedWith('old'))).toEqual({ ok: true });
    world.secretTexts.set('generic', rotated);
  });

  it('is read again when a signature fails against a copy older than 30 seconds', async () => {
    world.now += 30_001;
    expect(await verify('generic', signedWith('new'))).toEqual({ ok: true });
    expect(reads()).toBe(2);
  });

  it('is not read again for a copy of 30 seconds', async () => {
    world.now += 30_000;
    expect(await verify('generic', signedWith('new'))).toEqual({ ok: false, reason: 'signature_mismatch' });
    expect(reads()).toBe(1);
  });

  it('is read again at most once in 30 seconds, however many forgeries come', async () => {
    world.now += 60_000;
    for (let index = 0; index < 20; index += 1) expect(await verify('generic', signedWith('guess'))).toMatchObject({ ok: false });
    expect(reads()).toBe(2);
  });

  it('is read once for failures at the same time', async () => {
    world.now += 60_000;
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => verify('generic', signedWith('new'))));
    expect(verdicts).toEqual(Array(5).fill({ ok: true }));
    expect(reads()).toBe(2);
  });

  it('is not read for what no secret could make right', async () => {
    world.now += 60_000;
    expect(await verify('generic', requestOf(genericBody(), {}))).toEqual({ ok: false, reason: 'signature_missing' });
    expect(reads()).toBe(1);
  });

  it('makes the answer undecided when it cannot be read just then, and for as long as it is not asked again', async () => {
    world.now += 60_000;
    world.fail('secrets.read');
    await expect(verify('generic', signedWith('new'))).rejects.toThrow('secrets.read failed');
    await expect(verify('generic', signedWith('new'))).rejects.toThrow('secrets.read failed');
    expect(reads()).toBe(2);
    expect(await verify('generic', signedWith('old'))).toEqual({ ok: true });
    world.heal();
    world.now += 30_000;
    expect(await verify('generic', signedWith('new'))).toEqual({ ok: true });
  });
});

describe('a signature by certificate', () => {
  it('is checked with a certificate that is fetched once', async () => {
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
    expect(fetches()).toBe(1);
  });

  it('is refused without any fetch when its URL is not allowed', async () => {
    expect(await verify('paypal', paypal({ certificateUrl: 'https://evil.example/v1/notifications/certs/CERT-1' }))).toEqual({
      ok: false,
      reason: 'certificate_url_rejected',
    });
    expect(fetches()).toBe(0);
  });

  it('is undecided when the certificate cannot be had', async () => {
    world.certificatePems.clear();
    await expect(verify('paypal', paypal())).rejects.toMatchObject({ name: 'Unavailable', reason: 'certificate_unreachable' });
  });

  // Found by hostile input: a made-up certificate URL was answered 503.
  it('is refused, and not undecided, when there is no such certificate', async () => {
    world.certificateFetcher.fetchPem = () => Promise.resolve(undefined);
    expect(await verify('paypal', paypal())).toEqual({ ok: false, reason: 'certificate_rejected' });
  });

  it('is refused when a fresh certificate says no', async () => {
    expect(await verify('paypal', paypal({ webhookId: 'WEBHOOK_TWO' }))).toEqual({ ok: false, reason: 'signature_mismatch' });
  });

  it('has its certificate fetched anew a minute after that one was rejected, and not at each webhook', async () => {
    world.certificatePems.set(url, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    for (let index = 0; index < 20; index += 1)
      expect(await verify('paypal', paypal())).toEqual({ ok: false, reason: 'certificate_rejected' });
    expect(fetches()).toBe(1);
    world.certificatePems.set(url, paypalChain().pem);
    world.now += 60_000;
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
  });

  it('keeps a good certificate whatever is signed wrongly in its name', async () => {
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
    for (let index = 0; index < 20; index += 1)
      expect(await verify('paypal', paypal({ webhookId: 'GUESS' }))).toEqual({ ok: false, reason: 'signature_mismatch' });
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
    expect(fetches()).toBe(1);
  });
});

describe('a certificate under an issuer that is new', () => {
  const { root } = paypalChain();
  const issuerUrl = 'https://cacerts.digicert.com/NewIssuer.crt';
  const issuer = makeCertificate({ commonName: 'New Issuer', authority: true, issuer: root });
  const leaf = makeCertificate({ commonName: sandboxCommonName, issuer, issuerUrl: issuerUrl.replace('https', 'http') });
  const genuine = () => paypal({ leaf });
  beforeEach(() => {
    world.certificatePems.set(url, leaf.pem);
    world.issuerPems.set(issuerUrl, issuer.pem);
  });
  const unknown = { name: 'Unavailable', reason: 'issuer_unknown', message: 'issuer_unknown: CN=New Issuer' };

  it('is accepted with the issuer that it names, which is fetched once', async () => {
    for (let index = 0; index < 5; index += 1) expect(await verify('paypal', genuine())).toEqual({ ok: true });
    expect([fetches(), issuerFetches()]).toEqual([1, 1]);
  });

  it('is accepted with the issuer that is in the secret, which is not fetched', async () => {
    const intermediates = [issuer.pem];
    world.secretTexts.set('paypal', JSON.stringify({ webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox', intermediates }));
    expect(await verify('paypal', genuine())).toEqual({ ok: true });
    expect(issuerFetches()).toBe(0);
  });

  it('is accepted once the secret has the issuer, without a restart', async () => {
    world.issuerPems.clear();
    await expect(verify('paypal', genuine())).rejects.toMatchObject(unknown);
    const intermediates = [issuer.pem];
    world.secretTexts.set('paypal', JSON.stringify({ webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox', intermediates }));
    world.now += 30_001;
    expect(await verify('paypal', genuine())).toEqual({ ok: true });
  });

  it.each<[string, () => void]>([
    [
      'DigiCert has no such file',
      () => {
        world.issuerPems.clear();
      },
    ],
    [
      'DigiCert does not answer',
      () => {
        world.fail('issuers.fetchPem', new Error('ETIMEDOUT'));
      },
    ],
    ['it is a leaf', () => world.issuerPems.set(issuerUrl, leaf.pem)],
    ['it is another issuer', () => world.issuerPems.set(issuerUrl, paypalChain().intermediate.pem)],
    [
      'it has expired',
      () => {
        const notAfter = new Date(world.now - 1000);
        const old = makeCertificate({ commonName: 'New Issuer', authority: true, issuer: root, keys: keysOf(issuer), notAfter });
        world.issuerPems.set(issuerUrl, old.pem);
      },
    ],
    [
      'its root is another',
      () => {
        const other = makeCertificate({ commonName: root.name, authority: true });
        const own = makeCertificate({ commonName: 'New Issuer', authority: true, issuer: other, keys: keysOf(issuer) });
        world.issuerPems.set(issuerUrl, own.pem);
      },
    ],
    ['the leaf names no address at DigiCert', () => world.certificatePems.set(url, withoutAddress(issuer))],
  ])('is undecided, and never refused, when %s', async (_, broken) => {
    broken();
    for (let index = 0; index < 20; index += 1) await expect(verify('paypal', genuine())).rejects.toMatchObject(unknown);
    expect(issuerFetches()).toBeLessThanOrEqual(1);
    expect(fetches()).toBe(1);
    world.heal();
    world.certificatePems.set(url, leaf.pem);
    world.issuerPems.set(issuerUrl, issuer.pem);
    world.now += 24 * 3_600_000;
    expect(await verify('paypal', genuine())).toEqual({ ok: true });
  });

  it('says why its issuer could not be fetched', async () => {
    world.fail('issuers.fetchPem', new Error('ETIMEDOUT'));
    await expect(verify('paypal', genuine())).rejects.toMatchObject({ cause: { message: 'ETIMEDOUT' } });
  });

  it('is looked for again a minute after an issuer that did not serve', async () => {
    world.issuerPems.set(issuerUrl, paypalChain().intermediate.pem);
    await expect(verify('paypal', genuine())).rejects.toMatchObject(unknown);
    world.issuerPems.set(issuerUrl, issuer.pem);
    world.now += 60_000;
    expect(await verify('paypal', genuine())).toEqual({ ok: true });
  });

  it('is refused, and its issuer not looked for, when its key did not sign the webhook', async () => {
    for (let index = 0; index < 20; index += 1)
      expect(await verify('paypal', paypal({ leaf, webhookId: 'GUESS' }))).toEqual({ ok: false, reason: 'signature_mismatch' });
    expect([fetches(), issuerFetches()]).toEqual([1, 0]);
  });
});

describe('forgeries', () => {
  const day = 24 * 3_600_000;
  const madeUp = (index: number) => url.replace(/[^-]+$/, String(index));
  const shapes: readonly [string, (index: number) => ReturnType<typeof paypal>][] = [
    [
      'too old',
      (index) => signPaypal('{}', world.now - 5 * day, { webhookId: 'GUESS', leaf: paypalChain().leaf, certificateUrl: madeUp(index) }),
    ],
    ['from the future', () => signPaypal('{}', world.now + day, { webhookId: 'GUESS', leaf: paypalChain().leaf })],
    ['under made-up certificates', (index) => paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index) })],
    ['under the real certificate', () => paypal({ webhookId: 'GUESS' })],
    ['under a real certificate that has expired', () => paypal({ certificateUrl: madeUp(1) })],
  ];
  const attempt = (request: ReturnType<typeof paypal>) =>
    verify('paypal', request).then(
      (verification) => (verification.ok ? 'accepted' : verification.reason),
      (error: unknown) => (error instanceof Unavailable ? error.reason : 'failed'),
    );
  beforeEach(() => {
    const served = new Map([
      [url, paypalChain().pem],
      [madeUp(1), expiredPem()],
    ]);
    world.certificateFetcher.fetchPem = (address) => {
      world.calls.push('certificates.fetchPem');
      return Promise.resolve(served.get(address));
    };
  });

  it.each([...shapes, ['of all shapes', (index: number) => shapes[index % shapes.length]?.[1](index) ?? paypal()] as const])(
    'cost at most two fetches, 200 of them: %s',
    async (_, forge) => {
      for (let index = 0; index < 200; index += 1) expect(await attempt(forge(index))).not.toBe('accepted');
      expect(fetches()).toBeLessThanOrEqual(2);
      expect(issuerFetches()).toBe(0);
    },
  );

  it('cost at most two fetches when they come at once', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => attempt(paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index) }))));
    expect(fetches()).toBe(2);
  });

  it('with too old a time cost none', async () => {
    for (let index = 0; index < 200; index += 1) {
      const request = signPaypal('{}', world.now - 5 * day, {
        webhookId: 'GUESS',
        leaf: paypalChain().leaf,
        certificateUrl: madeUp(index),
      });
      expect(await attempt(request)).toBe('timestamp_too_old');
    }
    expect(fetches()).toBe(0);
  });

  it('do not keep a genuine webhook waiting where its certificate is known, a day later too', async () => {
    expect(await attempt(paypal())).toBe('accepted');
    for (let index = 0; index < 200; index += 1) await attempt(paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index) }));
    expect(await attempt(paypal())).toBe('accepted');
    world.now += day;
    for (let index = 0; index < 200; index += 1) await attempt(paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index) }));
    expect(await attempt(paypal())).toBe('accepted');
  });

  it('put a genuine webhook off where its certificate is new, for a second after a burst', async () => {
    for (let index = 0; index < 200; index += 1) await attempt(paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index) }));
    expect(await attempt(paypal())).toBe('certificate_unreachable');
    world.now += 1000;
    expect(await attempt(paypal())).toBe('accepted');
  });

  it('never put it off while they come slower than one a second', async () => {
    for (let index = 0; index < 200; index += 1) {
      await attempt(paypal({ webhookId: 'GUESS', certificateUrl: madeUp(index + 2) }));
      world.now += 1001;
    }
    expect(await attempt(paypal())).toBe('accepted');
  });
});

function keysOf({ pem, privateKey }: TestCertificate) {
  return { publicKey: new X509Certificate(pem).publicKey, privateKey };
}

function withoutAddress(issuer: TestCertificate): string {
  return makeCertificate({ commonName: sandboxCommonName, issuer }).pem;
}

function expiredPem(): string {
  const { intermediate } = paypalChain();
  return makeCertificate({ commonName: sandboxCommonName, issuer: intermediate, notAfter: new Date('2026-01-01') }).pem;
}
