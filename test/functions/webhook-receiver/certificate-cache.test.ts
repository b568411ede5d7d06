import { beforeEach, describe, expect, it } from '@jest/globals';
import { certificateCache } from '../../../functions/webhook-receiver/certificate-cache';
import type { CertificateSource } from '../../../functions/webhook-receiver/certificate-cache';
import { World } from '../../support/fakes';

const hours = (count: number): number => count * 3_600_000;

let world: World;
let cache: CertificateSource;
beforeEach(() => {
  world = new World();
  world.certificatePems.set('https://a', 'pem a');
  cache = certificateCache(world.certificateFetcher, world.clock);
});
const fetches = () => world.calls.length;

describe('get', () => {
  it('keeps a certificate for 24 hours, and not longer', async () => {
    expect(await cache.get('https://a')).toBe('pem a');
    world.certificatePems.set('https://a', 'pem a2');
    world.now += hours(24) - 1;
    expect(await cache.get('https://a')).toBe('pem a');
    world.now += 1;
    expect(await cache.get('https://a')).toBe('pem a2');
    expect(fetches()).toBe(2);
  });

  it('fetches once for all who ask at the same time, and again after that fetch failed', async () => {
    expect(await Promise.all([cache.get('https://a'), cache.get('https://a')])).toEqual(['pem a', 'pem a']);
    expect(fetches()).toBe(1);
    const failing = await Promise.allSettled([cache.get('https://b'), cache.get('https://b')]);
    expect(failing.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(fetches()).toBe(2);
  });

  it('does not ask again for a minute after a failure, then does', async () => {
    await expect(cache.get('https://b')).rejects.toThrow('404');
    world.certificatePems.set('https://b', 'pem b');
    world.now += 59_999;
    await expect(cache.get('https://b')).rejects.toThrow('404');
    expect(fetches()).toBe(1);
    world.now += 1;
    expect(await cache.get('https://b')).toBe('pem b');
  });

  it('does not ask again for a minute where there is none, then does', async () => {
    let calls = 0;
    const fetchPem = (): Promise<string | undefined> => Promise.resolve(calls++ === 0 ? undefined : 'pem');
    const source = certificateCache({ fetchPem }, world.clock);
    expect(await source.get('https://a')).toBeUndefined();
    world.now += 59_999;
    expect(await source.get('https://a')).toBeUndefined();
    expect(calls).toBe(1);
    world.now += 1;
    expect(await source.get('https://a')).toBe('pem');
  });

  // Found by hostile input: other certificates of the host pushed out the one in use.
  it('keeps a certificate that is in use, however many others are named', async () => {
    await cache.get('https://a');
    for (let index = 0; index < 40; index += 1) {
      world.now += 30_000;
      world.certificatePems.set(`https://c${index}`, `pem ${index}`);
      await cache.get(`https://c${index}`);
      await cache.get('https://a');
    }
    expect(fetches()).toBe(41);
  });

  it('keeps at most 16 certificates, the one that was not used for longest goes first', async () => {
    for (let index = 0; index < 17; index += 1) {
      world.now += 30_000;
      world.certificatePems.set(`https://c${index}`, `pem ${index}`);
      await cache.get(`https://c${index}`);
    }
    const before = fetches();
    await cache.get('https://c16');
    await cache.get('https://c1');
    expect(fetches()).toBe(before);
    world.now += 30_000;
    await cache.get('https://c0');
    expect(fetches()).toBe(before + 1);
  });

  it('does not let made-up URLs push out a real certificate, nor grow without end', async () => {
    await cache.get('https://a');
    for (let index = 0; index < 200; index += 1) {
      // So slowly that each is asked for, and within the minute in which the last one is remembered.
      world.now += 30_000;
      await cache.get(`https://made-up/${index}`).catch(() => undefined);
    }
    world.now += 30_000;
    const before = fetches();
    expect(await cache.get('https://a')).toBe('pem a');
    await cache.get('https://made-up/199').catch(() => undefined);
    expect(fetches()).toBe(before);
    await cache.get('https://made-up/0').catch(() => undefined);
    expect(fetches()).toBe(before + 1);
  });

  it('goes on with the certificate of the day before while its host cannot be reached, and asks again every minute', async () => {
    await cache.get('https://a');
    world.certificatePems.delete('https://a');
    world.now += hours(24);
    expect(await cache.get('https://a')).toBe('pem a');
    world.now += 59_999;
    expect(await cache.get('https://a')).toBe('pem a');
    expect(fetches()).toBe(2);
    world.certificatePems.set('https://a', 'pem a2');
    world.now += 1;
    expect(await cache.get('https://a')).toBe('pem a2');
  });

  it('drops a certificate whose host says that it is gone', async () => {
    const answers = ['pem', undefined];
    const source = certificateCache({ fetchPem: () => Promise.resolve(answers.shift()) }, world.clock);
    expect(await source.get('https://a')).toBe('pem');
    world.now += hours(24);
    expect(await source.get('https://a')).toBeUndefined();
    world.now += 59_999;
    expect(await source.get('https://a')).toBeUndefined();
  });

  it('survives a fetcher that throws at once', async () => {
    let calls = 0;
    const fetchPem = (): Promise<string> => {
      calls += 1;
      if (calls === 1) throw new Error('at once');
      return Promise.resolve('pem');
    };
    const source = certificateCache({ fetchPem }, world.clock);
    await expect(source.get('https://a')).rejects.toThrow('at once');
    world.now += 60_000;
    expect(await source.get('https://a')).toBe('pem');
  });
});

describe('reject', () => {
  it('keeps this one for a minute, however often it is rejected, and has it fetched anew then', async () => {
    await cache.get('https://a');
    cache.reject('https://a');
    world.certificatePems.set('https://a', 'pem a2');
    for (let index = 0; index < 10; index += 1) {
      expect(await cache.get('https://a')).toBe('pem a');
      cache.reject('https://a');
      world.now += 5_999;
    }
    expect(fetches()).toBe(1);
    world.now += 10;
    expect(await cache.get('https://a')).toBe('pem a2');
    expect(fetches()).toBe(2);
  });

  it('changes nothing where there is none', async () => {
    cache.reject('https://a');
    expect(await cache.get('https://a')).toBe('pem a');
  });
});

describe('addresses without a good certificate', () => {
  const tooMany = 'too many unknown certificate addresses';

  it('are asked two at once, then one a second', async () => {
    for (const url of ['https://b', 'https://c']) await expect(cache.get(url)).rejects.toThrow('404');
    await expect(cache.get('https://a')).rejects.toThrow(tooMany);
    world.now += 999;
    await expect(cache.get('https://a')).rejects.toThrow(tooMany);
    world.now += 1;
    expect(await cache.get('https://a')).toBe('pem a');
    await expect(cache.get('https://d')).rejects.toThrow(tooMany);
    world.now += 24 * 3_600_000;
    for (const url of ['https://e', 'https://f']) await expect(cache.get(url)).rejects.toThrow('404');
    await expect(cache.get('https://g')).rejects.toThrow(tooMany);
  });

  it('count again after their certificate was rejected', async () => {
    await cache.get('https://a');
    cache.reject('https://a');
    world.now += 60_000;
    for (const url of ['https://b', 'https://c']) await expect(cache.get(url)).rejects.toThrow('404');
    await expect(cache.get('https://a')).rejects.toThrow(tooMany);
  });

  it('never count when a good certificate is a day old', async () => {
    await cache.get('https://a');
    world.now += hours(24);
    for (const url of ['https://b', 'https://c']) await expect(cache.get(url)).rejects.toThrow('404');
    expect(await cache.get('https://a')).toBe('pem a');
  });

  it('are asked as before when the clock goes back', async () => {
    await expect(cache.get('https://b')).rejects.toThrow('404');
    world.now -= hours(1);
    await expect(cache.get('https://c')).rejects.toThrow('404');
    await expect(cache.get('https://d')).rejects.toThrow(tooMany);
  });
});
