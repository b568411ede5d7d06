import { beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '../../../functions/shared/domain/unavailable';
import type { Provider } from '../../../functions/shared/providers/provider';
import { verifierCache } from '../../../functions/webhook-receiver/verifier-cache';
import type { VerifierSource } from '../../../functions/webhook-receiver/verifier-cache';
import { World } from '../../support/fakes';

/** Its secret is `key:<anything>`. */
const provider: Provider = {
  name: 'fake',
  signedHeaders: [],
  listsEvents: false,
  verifierFrom: (secret) =>
    secret.startsWith('key:') ? { ok: true, verifier: { verify: () => ({ ok: true }) } } : { ok: false, problem: 'key is missing' },
  normalize: () => ({ ok: false, unreadable: { reason: 'body_not_json_object' } }),
};
const outage = new Unavailable('secret_unreadable');

let world: World;
let cache: VerifierSource;
beforeEach(() => {
  world = new World();
  world.secretTexts.set('fake', 'key:1');
  cache = verifierCache(world.secrets, world.clock);
});
const reads = () => world.calls.length;

describe('current', () => {
  it('keeps a verifier for five minutes, and not longer', async () => {
    const first = await cache.current(provider);
    world.now += 299_999;
    expect(await cache.current(provider)).toBe(first);
    world.now += 1;
    expect(await cache.current(provider)).not.toBe(first);
    expect(reads()).toBe(2);
  });

  it('reads once for all who ask at the same time', async () => {
    const copies = await Promise.all([cache.current(provider), cache.current(provider), cache.current(provider)]);
    expect(new Set(copies).size).toBe(1);
    expect(reads()).toBe(1);
  });

  it('keeps providers apart', async () => {
    world.secretTexts.set('other', 'key:2');
    const copies = [await cache.current(provider), await cache.current({ ...provider, name: 'other' })];
    expect(new Set(copies).size).toBe(2);
  });

  it('says which provider has no secret, and asks again only after 30 seconds', async () => {
    world.secretTexts.clear();
    await expect(cache.current(provider)).rejects.toMatchObject({ reason: 'secret_missing', message: 'secret_missing: fake' });
    world.secretTexts.set('fake', 'key:1');
    world.now += 29_999;
    await expect(cache.current(provider)).rejects.toMatchObject({ reason: 'secret_missing' });
    expect(reads()).toBe(1);
    world.now += 1;
    await expect(cache.current(provider)).resolves.toBeDefined();
  });

  it('says what is wrong with a secret, and never what it is', async () => {
    world.secretTexts.set('fake', 'sk_live_4242');
    await expect(cache.current(provider)).rejects.toMatchObject({
      reason: 'secret_invalid',
      message: 'secret_invalid: fake: key is missing',
    });
  });

  it('asks again at once after an outage', async () => {
    world.fail('secrets.read', outage, 1);
    await expect(cache.current(provider)).rejects.toBe(outage);
    await expect(cache.current(provider)).resolves.toBeDefined();
  });

  it('does not go on with an old secret when the new one cannot be read', async () => {
    await cache.current(provider);
    world.now += 300_000;
    world.fail('secrets.read', outage);
    await expect(cache.current(provider)).rejects.toBe(outage);
  });
});

describe('newerThan', () => {
  it('has nothing newer than a copy of 30 seconds', async () => {
    const copy = await cache.current(provider);
    world.now += 30_000;
    expect(await cache.newerThan(provider, copy)).toBeUndefined();
    expect(reads()).toBe(1);
  });

  it('reads the secret again for an older copy, and keeps what it read', async () => {
    const copy = await cache.current(provider);
    world.now += 30_001;
    const newer = await cache.newerThan(provider, copy);
    expect(newer?.readAt).toBe(world.now);
    expect(await cache.current(provider)).toBe(newer);
  });

  it('gives what another already read, without reading', async () => {
    const copy = await cache.current(provider);
    world.now += 30_001;
    const newer = await cache.newerThan(provider, copy);
    expect(await cache.newerThan(provider, copy)).toBe(newer);
    expect(reads()).toBe(2);
  });

  it('tries a failed read again after 30 seconds only', async () => {
    const copy = await cache.current(provider);
    world.now += 60_000;
    world.fail('secrets.read', outage);
    await expect(cache.newerThan(provider, copy)).rejects.toBe(outage);
    world.heal();
    world.now += 29_999;
    await expect(cache.newerThan(provider, copy)).rejects.toBe(outage);
    expect(reads()).toBe(2);
    world.now += 1;
    await expect(cache.newerThan(provider, copy)).resolves.toBeDefined();
  });
});
