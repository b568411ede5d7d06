import { describe, expect, it } from '@jest/globals';
import { endpointCache } from '../../../functions/alert-forwarder/endpoint-cache';

const secretOf = (url: string) => JSON.stringify({ alerts: [url] });

function setUp(first: string | undefined | Error) {
  const state = { now: 0, secret: first, reads: 0 };
  const reader = {
    read: (name: string) => {
      expect(name).toBe('alert-endpoints');
      state.reads += 1;
      return state.secret instanceof Error ? Promise.reject(state.secret) : Promise.resolve(state.secret);
    },
  };
  return { state, source: endpointCache(reader, () => state.now, { local: false }) };
}

describe('the endpoints', () => {
  it('are read once for five minutes, and once for readers at one time', async () => {
    const { state, source } = setUp(secretOf('https://a.example/1'));
    await Promise.all([source.current(), source.current()]);
    state.secret = secretOf('https://a.example/2');
    state.now = 299_999;
    expect((await source.current()).alerts).toEqual(['https://a.example/1']);
    expect(state.reads).toBe(1);
    state.now = 300_000;
    expect((await source.current()).alerts).toEqual(['https://a.example/2']);
  });

  it('are read again after a refusal, but not within 30 seconds', async () => {
    const { state, source } = setUp(secretOf('https://a.example/1'));
    await source.current();
    state.secret = secretOf('https://a.example/2');
    state.now = 29_999;
    source.doubt();
    expect((await source.current()).alerts).toEqual(['https://a.example/1']);
    state.now = 30_000;
    source.doubt();
    expect((await source.current()).alerts).toEqual(['https://a.example/2']);
  });

  it('that are missing or wrong are an error that shows none of them, and are looked for again', async () => {
    const { state, source } = setUp(undefined);
    await expect(source.current()).rejects.toThrow('secret_missing: alert-endpoints');
    state.secret = secretOf('http://a.example/hidden');
    await expect(source.current()).rejects.toThrow(/^secret_invalid: alert-endpoints: alerts\[0\] must begin with https:\/\/$/);
    state.secret = new Error('down');
    await expect(source.current()).rejects.toThrow('down');
    state.secret = secretOf('https://a.example/1');
    expect((await source.current()).alerts).toEqual(['https://a.example/1']);
  });
});
