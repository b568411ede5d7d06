import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../../scripts/local/json';
import { functionUrlAnswer, proxyAnswer } from '../../../scripts/local/lambda-answer';

describe('proxyAnswer', () => {
  it('passes on status, headers and body', () => {
    const answer = proxyAnswer({ statusCode: 201, headers: { 'X-One': 'a' }, multiValueHeaders: { 'Set-Cookie': ['b', 'c'] }, body: 'hi' });
    expect(answer?.status).toBe(201);
    expect(answer?.headers).toEqual({ 'X-One': ['a'], 'Set-Cookie': ['b', 'c'], 'Content-Type': ['application/json'] });
    expect(answer?.body.toString()).toBe('hi');
  });

  it('decodes a body', () => {
    expect(proxyAnswer({ statusCode: 200, body: 'AQI=', isBase64Encoded: true })?.body).toEqual(Buffer.from([1, 2]));
  });

  it('takes a status as text, as API Gateway does', () => {
    expect(proxyAnswer({ statusCode: '204' })?.status).toBe(204);
  });

  it.each<[string, Json]>([
    ['null', null],
    ['a text', 'ok'],
    ['an object without status', { body: 'x' }],
    ['an unknown property', { statusCode: 200, cookies: [] }],
    ['a body that is no text', { statusCode: 200, body: { a: 1 } }],
    ['headers that are no object', { statusCode: 200, headers: 'x' }],
    ['a status outside HTTP', { statusCode: 42 }],
  ])('finds %s malformed', (_what, payload) => {
    expect(proxyAnswer(payload)).toBeUndefined();
  });
});

describe('functionUrlAnswer', () => {
  it('makes JSON of whatever is no answer', () => {
    const answer = functionUrlAnswer({ up: true });
    expect([answer.status, answer.body.toString(), answer.headers['content-type']]).toEqual([200, '{"up":true}', ['application/json']]);
  });

  it('passes on an answer', () => {
    const answer = functionUrlAnswer({ statusCode: 503, body: 'down', headers: { 'Content-Type': 'text/plain' } });
    expect([answer.status, answer.body.toString(), answer.headers]).toEqual([503, 'down', { 'Content-Type': ['text/plain'] }]);
  });
});
