import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { openGateway, type AccessEntry, type Gateway, type InvokeFunction } from '../../../scripts/local/api-gateway';
import { textAt, type Json } from '../../../scripts/local/json';
import { EventTooLarge, Throttled } from '../../../scripts/local/lambda-host/hosted-function';
import type { ApiSettings } from '../../../scripts/local/pipeline';

const api = (parts: Partial<ApiSettings> = {}): ApiSettings => ({
  id: 'api',
  stage: 'prod',
  stageVariables: {},
  binaryMediaTypes: ['*/*'],
  throttling: undefined,
  responses: new Map(),
  routes: [{ httpMethod: 'POST', resourcePath: '/webhook/{provider}', resourceId: 'r', functionName: 'receiver', timeoutMs: 200 }],
  ...parts,
});

const answering =
  (payload: Json): InvokeFunction =>
  () =>
    Promise.resolve({ ok: true, requestId: 'r', payload });

let gateway: Gateway | undefined;
const entries: AccessEntry[] = [];

async function serve(invoke: InvokeFunction, parts: Partial<ApiSettings> = {}): Promise<string> {
  gateway = await openGateway({ port: 0, accountId: '1', onRequest: (entry) => entries.push(entry) });
  const files = new Map([['/certificate', 'PEM']]);
  gateway.serve({ apis: [api(parts)], functionUrls: [{ functionName: 'health', authorizationType: 'NONE' }], files }, invoke);
  return gateway.url;
}

async function post(url: string, body: string | Buffer = '{}'): Promise<{ status: number; json: unknown }> {
  const response = await fetch(url, { method: 'POST', body });
  return { status: response.status, json: await response.json() };
}

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  entries.length = 0;
});

describe('openGateway', () => {
  it.each(['/webhook/stripe', '/prod/webhook/stripe'])('serves %s', async (path) => {
    const seen: unknown[] = [];
    const url = await serve((functionName, event) => {
      seen.push(functionName, event);
      return Promise.resolve({ ok: true, requestId: 'r', payload: { statusCode: 200, body: '{"done":true}' } });
    });
    expect(await post(url + path, 'hello')).toEqual({ status: 200, json: { done: true } });
    expect(seen[0]).toBe('receiver');
    expect(seen[1]).toMatchObject({
      path: '/webhook/stripe',
      body: Buffer.from('hello').toString('base64'),
      isBase64Encoded: true,
      pathParameters: { provider: 'stripe' },
      requestContext: { path: '/prod/webhook/stripe', apiId: 'api' },
    });
  });

  it('tells the function the root of its trace, and the host the whole of it', async () => {
    const traces: string[] = [];
    const url = await serve((_name, event, trace) => {
      traces.push(textAt(event, 'headers', 'X-Amzn-Trace-Id'), trace);
      return Promise.resolve({ ok: true, requestId: 'r', payload: { statusCode: 200, body: '{}' } });
    });
    await post(`${url}/webhook/stripe`);
    expect(traces[0]).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(traces[1]).toMatch(/;Parent=[0-9a-f]{16};Sampled=1$/);
    expect(traces[1]?.startsWith(traces[0] ?? '-')).toBe(true);
  });

  it.each<[string, InvokeFunction, number, string]>([
    ['a malformed answer', answering('ok'), 502, 'Internal server error'],
    [
      'a function error',
      () => Promise.resolve({ ok: false, requestId: 'r', error: { errorType: 'Error', errorMessage: 'x' } }),
      502,
      'Internal server error',
    ],
    ['a throttled function', () => Promise.reject(new Throttled('busy')), 429, 'Too Many Requests'],
    ['an event over 6 MB', () => Promise.reject(new EventTooLarge('large')), 413, 'Request Too Long'],
    ['a function that is too slow', () => new Promise(() => undefined), 504, 'Endpoint request timed out'],
    ['a fault of the host', () => Promise.reject(new Error('boom')), 500, 'Internal server error'],
  ])('answers %s as API Gateway does', async (_what, invoke, status, message) => {
    const url = await serve(invoke);
    expect(await post(`${url}/webhook/stripe`)).toEqual({ status, json: { message } });
    expect(entries[0]).toMatchObject({ status, path: '/webhook/stripe' });
    expect(entries[0]?.problem).toBeDefined();
  });

  it('answers an unknown route and a wrong method with 403', async () => {
    const url = await serve(answering({ statusCode: 200 }));
    const refused = { status: 403, json: { message: 'Missing Authentication Token' } };
    expect(await post(`${url}/other`)).toEqual(refused);
    const wrongMethod = await fetch(`${url}/webhook/stripe`);
    expect({ status: wrongMethod.status, json: await wrongMethod.json() }).toEqual(refused);
  });

  it('gives its own answers as the API configures them, with the id of the request', async () => {
    const template = '{"error":$context.error.messageString,"requestId":"$context.requestId"}';
    const response = { headers: {}, template };
    const responses = new Map([
      ['DEFAULT_4XX', { ...response, status: 400 }],
      ['DEFAULT_5XX', { ...response, status: 500 }],
      ['MISSING_AUTHENTICATION_TOKEN', { ...response, status: 404 }],
    ]);
    const url = await serve(() => Promise.reject(new Error('boom')), { responses });
    const fault = await fetch(`${url}/webhook/stripe`, { method: 'POST', body: '{}' });
    const requestId = fault.headers.get('x-amzn-requestid');
    expect([fault.status, await fault.json()]).toEqual([500, { error: 'Internal server error', requestId }]);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await post(`${url}/other`)).toEqual({
      status: 404,
      json: { error: 'Missing Authentication Token', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(await post(`${url}/webhook/stripe`, Buffer.alloc(10 * 1024 * 1024 + 1))).toMatchObject({
      status: 400,
      json: { error: 'Request Too Long' },
    });
  });

  it('answers a body over 10 MB with 413 and one of 10 MB not', async () => {
    const url = await serve(answering({ statusCode: 200, body: '{}' }));
    expect((await post(`${url}/webhook/stripe`, Buffer.alloc(10 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await post(`${url}/webhook/stripe`, Buffer.alloc(10 * 1024 * 1024))).status).toBe(200);
  });

  it('throttles the stage', async () => {
    const url = await serve(answering({ statusCode: 200, body: '{}' }), { throttling: { rate: 0.001, burst: 2 } });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await post(`${url}/webhook/stripe`)).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('serves a Function URL with the payload version 2.0', async () => {
    const seen: unknown[] = [];
    const url = await serve((functionName, event) => {
      seen.push(functionName, event);
      return Promise.resolve({ ok: true, requestId: 'r', payload: { status: 'ok' } });
    });
    const response = await fetch(`${url}/function-url/health/`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    expect(seen).toEqual(['health', expect.objectContaining({ version: '2.0', rawPath: '/' })]);
  });

  it('serves files, and 503 before it serves anything', async () => {
    gateway = await openGateway({ port: 0, accountId: '1', onRequest: (entry) => entries.push(entry) });
    expect((await post(`${gateway.url}/webhook/stripe`)).status).toBe(503);
    await gateway.close();
    const url = await serve(answering(null));
    expect(await (await fetch(`${url}/certificate`)).text()).toBe('PEM');
  });

  it('says which port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const opened = openGateway({ port, accountId: '1', onRequest: () => undefined });
    await expect(opened).rejects.toThrow(`port ${String(port)} is taken: choose another with npm start -- --port <number>`);
    other.close();
  });
});
