import { describe, expect, it } from '@jest/globals';
import { commonLogTime, functionUrlEvent, proxyEvent, type HttpRequest } from '../../../scripts/local/proxy-event';

const request = (parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: '/prod/webhook/stripe?a=1&a=2&b=%20x',
  rawHeaders: [
    'Host',
    'api.example.com',
    'Stripe-Signature',
    't=1',
    'X-Twice',
    'one',
    'x-twice',
    'two',
    'Content-Type',
    'application/json; charset=utf-8',
  ],
  body: Buffer.from('{"a":1}'),
  sourceIp: '127.0.0.1',
  protocol: 'HTTP/1.1',
  ...parts,
});

const event = (parts: Partial<HttpRequest> = {}, binaryMediaTypes: readonly string[] = []) =>
  proxyEvent({
    request: request(parts),
    api: { id: 'abc123', stage: 'prod', stageVariables: {}, binaryMediaTypes },
    route: { resourcePath: '/webhook/{provider}', resourceId: 'res' },
    path: '/webhook/stripe',
    pathParameters: { provider: 'stripe' },
    accountId: '123456789012',
    requestId: 'request',
    extendedRequestId: 'extended=',
    domainName: 'api.example.com',
    now: Date.UTC(2026, 10, 3, 4, 5, 6, 789),
  });

describe('proxyEvent', () => {
  it('has every field of the payload version 1.0', () => {
    expect(event({ rawHeaders: ['Host', 'api.example.com', 'User-Agent', 'Stripe/1.0'] })).toEqual({
      resource: '/webhook/{provider}',
      path: '/webhook/stripe',
      httpMethod: 'POST',
      headers: { Host: 'api.example.com', 'User-Agent': 'Stripe/1.0' },
      multiValueHeaders: { Host: ['api.example.com'], 'User-Agent': ['Stripe/1.0'] },
      queryStringParameters: { a: '2', b: ' x' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: [' x'] },
      pathParameters: { provider: 'stripe' },
      stageVariables: null,
      requestContext: {
        resourceId: 'res',
        resourcePath: '/webhook/{provider}',
        operationName: null,
        httpMethod: 'POST',
        extendedRequestId: 'extended=',
        requestTime: '03/Nov/2026:04:05:06 +0000',
        path: '/prod/webhook/stripe',
        accountId: '123456789012',
        protocol: 'HTTP/1.1',
        stage: 'prod',
        domainPrefix: 'api',
        requestTimeEpoch: 1793678706789,
        requestId: 'request',
        identity: {
          cognitoIdentityPoolId: null,
          accountId: null,
          cognitoIdentityId: null,
          caller: null,
          sourceIp: '127.0.0.1',
          principalOrgId: null,
          accessKey: null,
          cognitoAuthenticationType: null,
          cognitoAuthenticationProvider: null,
          userArn: null,
          userAgent: 'Stripe/1.0',
          user: null,
        },
        domainName: 'api.example.com',
        apiId: 'abc123',
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  it('keeps the spelling of a header and the last of its values', () => {
    const { headers, multiValueHeaders } = event();
    expect(headers['Stripe-Signature']).toBe('t=1');
    expect(headers['X-Twice']).toBe('two');
    expect(multiValueHeaders['X-Twice']).toEqual(['one', 'two']);
  });

  it('reads header bytes as UTF-8', () => {
    const sent = Buffer.from('Zoë 🙂').toString('latin1');
    expect(event({ rawHeaders: ['X-Name', sent] }).headers['X-Name']).toBe('Zoë 🙂');
  });

  it('has null where there is no query, body or path parameter', () => {
    const { queryStringParameters, multiValueQueryStringParameters, body, isBase64Encoded } = event({ url: '/x', body: Buffer.alloc(0) }, [
      '*/*',
    ]);
    expect([queryStringParameters, multiValueQueryStringParameters, body, isBase64Encoded]).toEqual([null, null, null, false]);
  });

  it.each<[string, readonly string[], boolean]>([
    ['no binary type', [], false],
    ['every type', ['*/*'], true],
    ['its own type', ['application/json'], true],
    ['its group', ['application/*'], true],
    ['another type', ['image/png'], false],
  ])('encodes the body where the API has %s', (_what, binaryMediaTypes, encoded) => {
    const body = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    const built = event({ body }, binaryMediaTypes);
    expect(built.isBase64Encoded).toBe(encoded);
    if (encoded) expect(Buffer.from(built.body ?? '', 'base64')).toEqual(body);
    else expect(built.body).toBe('{\uFFFD\u0000}');
  });
});

describe('functionUrlEvent', () => {
  const input = { rawPath: '/', accountId: '1', requestId: 'r', domainName: 'x.lambda-url', now: 0 };

  it('has headers in lower case and the path without its prefix', () => {
    const built = functionUrlEvent({ ...input, request: request({ method: 'GET', body: Buffer.alloc(0) }) });
    expect(built).toMatchObject({ version: '2.0', rawPath: '/', rawQueryString: 'a=1&a=2&b=%20x', isBase64Encoded: false });
    expect(built.headers['x-twice']).toBe('one,two');
    expect(built.queryStringParameters).toEqual({ a: '1,2', b: ' x' });
    expect(built.requestContext.http).toMatchObject({ method: 'GET', path: '/', sourceIp: '127.0.0.1' });
  });

  it('encodes what is no text', () => {
    const body = Buffer.from([1, 2, 3]);
    const built = functionUrlEvent({ ...input, request: request({ body, rawHeaders: ['Content-Type', 'image/png'] }) });
    expect([built.body, built.isBase64Encoded]).toEqual(['AQID', true]);
  });
});

describe('commonLogTime', () => {
  it('writes days and hours with two digits', () => {
    expect(commonLogTime(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('02/Jan/2026:03:04:05 +0000');
  });
});
