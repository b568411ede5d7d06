import { describe, expect, it } from '@jest/globals';
import { paypalLocalTrust } from '../../../functions/webhook-receiver/paypal-local-trust';

const trust = { rootPem: 'pem', certificateOrigin: 'http://127.0.0.1:4567' };
const environmentWith = (value: unknown, endpoint: string | undefined = 'http://127.0.0.1:4566') => ({
  PAYPAL_LOCAL_TRUST: typeof value === 'string' ? value : JSON.stringify(value),
  AWS_ENDPOINT_URL: endpoint,
});

describe('paypalLocalTrust', () => {
  it('is nothing where it is not set, as in every stack', () => {
    expect(paypalLocalTrust({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toBeUndefined();
  });

  it.each(['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566', 'http://127.1.2.3'])(
    'is honoured in a local run against %s',
    (endpoint) => {
      expect(paypalLocalTrust(environmentWith(trust, endpoint))).toEqual(trust);
    },
  );

  it.each([
    undefined,
    '',
    'https://dynamodb.ap-southeast-1.amazonaws.com',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://evil.example/127.0.0.1',
    'http://127.0.0.1@evil.example',
    'http://10.0.0.1',
    'not a url',
    'file://localhost/x',
  ])('refuses to start where AWS is at %j', (endpoint) => {
    expect(() => paypalLocalTrust({ ...environmentWith(trust), AWS_ENDPOINT_URL: endpoint })).toThrow(
      'AWS_ENDPOINT_URL is no loopback address',
    );
  });

  it.each(['https://api.paypal.com', 'http://169.254.169.254', 'http://127.0.0.1.evil.example', 'x'])(
    'refuses certificates from %j',
    (certificateOrigin) => {
      expect(() => paypalLocalTrust(environmentWith({ ...trust, certificateOrigin }))).toThrow(
        'certificateOrigin must be a loopback address',
      );
    },
  );

  it.each(['', 'true', '{', '{}', '[]', { rootPem: 'pem' }, { ...trust, rootPem: 1 }])('refuses to start with %j', (value) => {
    expect(() => paypalLocalTrust(environmentWith(value))).toThrow('PAYPAL_LOCAL_TRUST must be JSON with rootPem and certificateOrigin');
  });
});
