import { describe, expect, it } from '@jest/globals';
import { localApiOrigin } from '../../../functions/reconciler/local-api-origin';

const origin = 'http://127.0.0.1:4567';
const environment = { PROVIDER_API_LOCAL_ORIGIN: origin, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' };

describe('localApiOrigin', () => {
  it('is nothing where it is not set, as in every stack', () => {
    expect(localApiOrigin({ AWS_ENDPOINT_URL: origin })).toBeUndefined();
  });

  it('is honoured in a local run', () => {
    expect(localApiOrigin(environment)).toBe(origin);
  });

  it.each([
    undefined,
    '',
    'https://dynamodb.ap-southeast-1.amazonaws.com',
    'http://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
  ])('refuses to start where AWS is at %j, for keys are sent there', (endpoint) => {
    expect(() => localApiOrigin({ ...environment, AWS_ENDPOINT_URL: endpoint })).toThrow('AWS_ENDPOINT_URL is no loopback address');
  });

  it.each(['https://api.stripe.com', 'http://169.254.169.254', 'http://localhost.evil.example', 'x', ''])('refuses %j', (elsewhere) => {
    expect(() => localApiOrigin({ ...environment, PROVIDER_API_LOCAL_ORIGIN: elsewhere })).toThrow('must be a loopback address');
  });
});
