import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { httpsProviderApi } from '../../../functions/reconciler/https-provider-api';
import type { ApiRequest } from '../../../functions/shared/providers/events-api';
import { startLoopbackServer, type LoopbackServer } from '../../support/loopback-server';

let server: LoopbackServer;
beforeAll(async () => {
  server = await startLoopbackServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/hang') return;
    if (path === '/stall') response.writeHead(200).write('{');
    else if (path === '/cut') response.writeHead(200, { 'content-length': '100' }).write('{', () => request.socket.destroy());
    else if (path === '/large') response.end('x'.repeat(1001));
    else if (path === '/redirect') response.writeHead(302, { location: `${server.origin}/secret` }).end();
    else if (path.startsWith('/later')) response.writeHead(429, { 'retry-after': decodeURIComponent(path.slice(7)) }).end();
    else response.end(JSON.stringify({ path, method: request.method, key: request.headers.authorization }));
  });
});
afterAll(() => {
  server.close();
});

const send = (path: string, overrides: Partial<ApiRequest> = {}) =>
  httpsProviderApi({ originOverride: server.origin, deadlineMs: 300, maxBytes: 1000 }).send({
    method: 'GET',
    host: 'api.stripe.com',
    path,
    headers: { authorization: 'Bearer key' },
    ...overrides,
  });

describe('httpsProviderApi', () => {
  it('sends the key to the host and gives back what it says', async () => {
    expect(await send('/v1/events?limit=1')).toEqual({
      ok: true,
      answer: { status: 200, text: '{"path":"/v1/events?limit=1","method":"GET","key":"Bearer key"}' },
    });
    expect(await send('/v2/events', { method: 'POST', body: '{}' })).toMatchObject({ answer: { text: expect.stringContaining('"POST"') } });
  });

  it('follows no redirect, which could lead the key elsewhere', async () => {
    expect(await send('/redirect')).toEqual({ ok: true, answer: { status: 302, text: '' } });
  });

  it.each(['/hang', '/stall', '/cut'])('gives up on %s', async (path) => {
    expect(await send(path)).toEqual({ ok: false, reason: 'unreachable' });
  });

  it('takes no more than it can hold', async () => {
    expect(await send('/large')).toEqual({ ok: false, reason: 'too_large' });
  });

  it('gives up where nobody listens', async () => {
    const nobody = httpsProviderApi({ originOverride: 'http://127.0.0.1:1' });
    expect(await nobody.send({ method: 'GET', host: 'api.stripe.com', path: '/', headers: {} })).toEqual({
      ok: false,
      reason: 'unreachable',
    });
  });

  it.each(['//evil.example/v1/events', 'https://evil.example/', '\\\\evil.example'])(
    'sends nothing to the host of the path %j',
    async (path) => {
      expect(await httpsProviderApi().send({ method: 'GET', host: 'api.stripe.com', path, headers: {} })).toEqual({
        ok: false,
        reason: 'unreachable',
      });
    },
  );

  it.each([
    ['7', 7000],
    ['999999', 3_600_000],
    ['0', 0],
    ['Thu, 05 Nov 2020 10:00:00 GMT', 0],
    ['soon', undefined],
  ])('understands the Retry-After %j', async (header, retryAfterMs) => {
    const sent = await send(`/later/${encodeURIComponent(header)}`);
    expect(sent.ok && sent.answer.retryAfterMs).toBe(retryAfterMs);
  });
});
