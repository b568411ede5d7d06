import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Provider } from '../../../functions/shared/providers/provider';
import { certificateCache } from '../../../functions/webhook-receiver/certificate-cache';
import { verifierCache } from '../../../functions/webhook-receiver/verifier-cache';
import { verifyWebhook } from '../../../functions/webhook-receiver/verify-webhook';
import { World } from '../../support/fakes';
import { genericBody } from '../../support/receiving';
import { providers } from '../../support/schemes';
import { paypalChain, requestOf, signOwnHeader, signPaypal } from '../../support/signers';

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

  it('has its certificate fetched anew after that one was rejected', async () => {
    world.certificatePems.set(url, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect(await verify('paypal', paypal())).toEqual({ ok: false, reason: 'certificate_rejected' });
    world.certificatePems.set(url, paypalChain().pem);
    expect(await verify('paypal', paypal())).toEqual({ ok: true });
  });
});
