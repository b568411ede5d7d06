import { describe, expect, it } from '@jest/globals';
import { matchRoute } from '../../../scripts/local/routing';

const route = (httpMethod: string, resourcePath: string) => ({
  httpMethod,
  resourcePath,
  resourceId: resourcePath,
  functionName: 'f',
  timeoutMs: 1,
});
const routes = [
  route('POST', '/webhook'),
  route('POST', '/webhook/{provider}'),
  route('POST', '/webhook/stripe'),
  route('GET', '/health'),
  route('ANY', '/files/{path+}'),
];

describe('matchRoute', () => {
  it.each([
    ['POST', '/webhook', '/webhook', {}],
    ['POST', '/webhook/', '/webhook', {}],
    ['POST', '/webhook/paypal', '/webhook/{provider}', { provider: 'paypal' }],
    ['POST', '/webhook/a%2Fb', '/webhook/{provider}', { provider: 'a/b' }],
    ['POST', '/webhook/%zz', '/webhook/{provider}', { provider: '%zz' }],
    ['POST', '/webhook/stripe', '/webhook/stripe', {}],
    ['PUT', '/files/a/b/c', '/files/{path+}', { path: 'a/b/c' }],
  ])('%s %s goes to %s', (method, path, resourcePath, pathParameters) => {
    const matched = matchRoute(routes, method, path);
    expect(matched?.route.resourcePath).toBe(resourcePath);
    expect(matched?.pathParameters).toEqual(pathParameters);
  });

  it.each([
    ['GET', '/webhook'],
    ['POST', '/health'],
    ['POST', '/'],
    ['POST', '/webhook/a/b'],
    ['POST', '/Webhook'],
    ['GET', '/files'],
  ])('%s %s goes nowhere', (method, path) => {
    expect(matchRoute(routes, method, path)).toBeUndefined();
  });
});
