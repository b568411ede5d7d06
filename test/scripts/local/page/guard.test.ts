import { describe, expect, it } from '@jest/globals';
import { refusalOf, type Visit } from '../../../../scripts/local/page/guard';

const token = 'the-token';
const good: Visit = {
  method: 'POST',
  path: '/api/send',
  headers: {
    host: '127.0.0.1:3001',
    origin: 'http://127.0.0.1:3001',
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
  },
};
const statusOf = (change: Partial<Visit>, headers: Visit['headers'] = {}): number | undefined =>
  refusalOf({ ...good, ...change, headers: { ...good.headers, ...headers } }, 3001, token)?.status;
const without = (name: string): Visit['headers'] => Object.fromEntries(Object.entries(good.headers).filter(([known]) => known !== name));

describe('refusalOf', () => {
  it('lets the page itself through, by either name of loopback', () => {
    expect(statusOf({})).toBeUndefined();
    expect(statusOf({}, { host: 'localhost:3001', origin: 'http://localhost:3001' })).toBeUndefined();
  });

  it.each([
    'evil.example',
    'evil.example:3001',
    '127.0.0.1',
    '127.0.0.1:3002',
    '127.0.0.1:3001.evil.example',
    '',
    '[::1]:3001',
    '0.0.0.0:3001',
  ])('refuses the host "%s"', (host) => {
    expect(statusOf({}, { host, origin: `http://${host}` })).toBe(403);
    expect(statusOf({ method: 'GET', path: '/' }, { host })).toBe(403);
  });

  it.each(['http://evil.example', 'https://127.0.0.1:3001', 'http://127.0.0.1:3000', 'http://localhost:3001', 'null', ''])(
    'refuses the origin "%s", for reading as for sending',
    (origin) => {
      expect(statusOf({}, { origin })).toBe(403);
      expect(statusOf({ method: 'GET', path: '/api/setup' }, { origin })).toBe(403);
    },
  );

  it('refuses to send where there is no origin, and reads without one', () => {
    expect(refusalOf({ ...good, headers: without('origin') }, 3001, token)?.status).toBe(403);
    expect(refusalOf({ method: 'GET', path: '/api/setup', headers: without('origin') }, 3001, token)).toBeUndefined();
  });

  it.each([undefined, '', 'Bearer ', 'Bearer the-toke', 'Bearer the-tokenx', 'bearer the-token', 'Basic the-token', 'the-token'])(
    'refuses the authorization %j',
    (authorization) => {
      const sent = { ...without('authorization'), ...(authorization !== undefined && { authorization }) };
      for (const method of ['GET', 'POST']) expect(refusalOf({ ...good, method, headers: sent }, 3001, token)?.status).toBe(401);
    },
  );

  it('gives the page without a token, for nothing secret is in it', () => {
    expect(refusalOf({ method: 'GET', path: '/', headers: { host: '127.0.0.1:3001' } }, 3001, token)).toBeUndefined();
  });

  it('refuses other methods and what is no JSON', () => {
    expect(statusOf({ method: 'OPTIONS' })).toBe(405);
    expect(statusOf({ method: 'DELETE' })).toBe(405);
    expect(statusOf({}, { 'content-type': 'text/plain' })).toBe(415);
    expect(statusOf({}, { 'content-type': 'application/jsonp' })).toBe(415);
  });
});
