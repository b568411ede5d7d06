import { describe, expect, it } from '@jest/globals';
import { bodyOf, headersOf, httpEdge, traceHeaderOf } from '../../../../functions/shared/runtime/http';
import type { HttpEvent } from '../../../../functions/shared/runtime/http';

describe('headersOf', () => {
  it('keeps every value of a header, under its name in lower case', () => {
    const multiValueHeaders = { 'Stripe-Signature': ['one', 'two'], 'CONTENT-TYPE': ['application/json'] };
    expect(headersOf({ multiValueHeaders, headers: { 'Stripe-Signature': 'two' } })).toEqual({
      'stripe-signature': ['one', 'two'],
      'content-type': ['application/json'],
    });
  });

  it('puts together what differs in case only', () => {
    expect(headersOf({ multiValueHeaders: { 'X-A': ['1'], 'x-a': ['2'] } })).toEqual({ 'x-a': ['1', '2'] });
  });

  it('reads single-valued headers where there are no others', () => {
    expect(headersOf({ multiValueHeaders: null, headers: { 'X-A': '1', 'X-B': undefined } })).toEqual({ 'x-a': ['1'], 'x-b': [] });
  });

  it('reads a header without values as none', () => {
    expect(headersOf({ multiValueHeaders: { 'X-A': undefined } })).toEqual({ 'x-a': [] });
  });

  // Found by hostile input: a null was taken for a value, and a Stripe signature of null was answered 500.
  it('takes a value that is null for none', () => {
    expect(headersOf({ multiValueHeaders: { 'X-A': [null, '1'], 'X-B': null } })).toEqual({ 'x-a': ['1'], 'x-b': [] });
    expect(headersOf({ headers: { 'X-A': null } })).toEqual({ 'x-a': [] });
  });

  it.each([{}, { headers: null, multiValueHeaders: null }])('reads no headers from %j', (event) => {
    expect(headersOf(event)).toEqual({});
  });

  it('holds a header named like a part of every object as a header', () => {
    const multiValueHeaders = Object.fromEntries([['__proto__', ['x']]]);
    expect(Object.entries(headersOf({ multiValueHeaders }))).toEqual([['__proto__', ['x']]]);
  });
});

describe('bodyOf', () => {
  it('decodes base64 to the bytes that were sent, whatever they are', () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);
    expect(bodyOf({ body: bytes.toString('base64'), isBase64Encoded: true })).toEqual(bytes);
  });

  it('takes text as UTF-8', () => {
    expect(bodyOf({ body: 'é😀', isBase64Encoded: false })).toEqual(Buffer.from('é😀'));
  });

  it.each([null, undefined, ''])('is empty for %j', (body) => {
    expect(bodyOf({ ...(body === undefined ? {} : { body }) })).toHaveLength(0);
  });
});

describe('httpEdge', () => {
  const onFault = () => ({ statusCode: 500, body: { error: 'Internal error' } });

  it('answers JSON with the request id, and never lets it be cached', async () => {
    const edge = httpEdge(() => Promise.resolve({ statusCode: 200, body: { ok: true }, headers: { 'retry-after': '30' } }), onFault);
    const response = await edge({ requestContext: { requestId: 'r1' } });
    expect(response.statusCode).toBe(200);
    expect(response.headers).toEqual({ 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '30' });
    expect(JSON.parse(response.body)).toEqual({ ok: true, requestId: 'r1' });
  });

  it('answers what the fault handler says when the work throws, and says nothing of the error', async () => {
    const seen: unknown[] = [];
    const edge = httpEdge<HttpEvent>(
      () => Promise.reject(new Error('secret detail')),
      (error, requestId, event) => {
        seen.push(error, requestId, event);
        return onFault();
      },
    );
    const event = { requestContext: { requestId: 'r2' } };
    const response = await edge(event);
    expect(response).toMatchObject({ statusCode: 500, body: '{"error":"Internal error","requestId":"r2"}' });
    expect(seen).toEqual([new Error('secret detail'), 'r2', event]);
  });

  it.each([
    [{ requestContext: { requestId: 'chosen-by-the-caller' } }, { awsRequestId: 'lambda-1' }, 'lambda-1'],
    [{ requestContext: { requestId: 'r1' } }, undefined, 'r1'],
    [{ requestContext: null }, undefined, 'unknown'],
  ])("takes Lambda's request id before API Gateway's, and always has one", async (event, context, expected) => {
    const edge = httpEdge((_, requestId) => Promise.resolve({ statusCode: 200, body: { seen: requestId } }), onFault);
    expect(JSON.parse((await edge(event, context)).body)).toEqual({ seen: expected, requestId: expected });
  });
});

describe('traceHeaderOf', () => {
  it('is the trace header of the invocation', () => {
    expect(traceHeaderOf({ _X_AMZN_TRACE_ID: 'Root=1-a' })).toBe('Root=1-a');
  });

  it.each([{}, { _X_AMZN_TRACE_ID: '' }])('is undefined for %j', (environment) => {
    expect(traceHeaderOf(environment)).toBeUndefined();
  });
});
