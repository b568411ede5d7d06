import { describe, expect, it } from '@jest/globals';
import { asUnavailable, isTransient } from '../../../../functions/shared/aws/transient';
import { Unavailable } from '../../../../functions/shared/domain/unavailable';

const error = (fields: object): Error => Object.assign(new Error('x'), fields);

describe('isTransient', () => {
  it.each([
    { name: 'TimeoutError' },
    { name: 'ProvisionedThroughputExceededException', $metadata: { httpStatusCode: 400 } },
    { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } },
    { name: 'RequestLimitExceeded', $metadata: { httpStatusCode: 400 } },
    { name: 'SlowDown', $metadata: { httpStatusCode: 503 } },
    { name: 'InternalServerError', $metadata: { httpStatusCode: 500 } },
    { name: 'Weird', $metadata: { httpStatusCode: 429 } },
    { code: 'ECONNREFUSED' },
    { code: 'ECONNRESET', $metadata: { attempts: 2 } },
    { code: 'EPIPE' },
    { code: 'EAI_AGAIN' },
    { code: 'ENOTFOUND' },
    { code: 'EHOSTUNREACH', $metadata: null },
  ])('is true for %j', (fields) => {
    expect(isTransient(error(fields))).toBe(true);
  });

  it.each([
    { name: 'ValidationException', $metadata: { httpStatusCode: 400 } },
    { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } },
    { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } },
    { name: 'TypeError' },
    { code: 'ERR_INVALID_CHAR' },
    { code: 42 },
    { $metadata: 'x' },
  ])('is false for %j', (fields) => {
    expect(isTransient(error(fields))).toBe(false);
  });

  it.each(['TimeoutError', undefined, null])('is false for %j, which is no error', (thrown) => {
    expect(isTransient(thrown)).toBe(false);
  });
});

describe('asUnavailable', () => {
  it('keeps the error as the cause where trying again may help', () => {
    const timeout = error({ name: 'TimeoutError' });
    expect(asUnavailable('store_unavailable', timeout)).toMatchObject({
      reason: 'store_unavailable',
      message: 'store_unavailable',
      cause: timeout,
    });
    expect(asUnavailable('store_unavailable', timeout)).toBeInstanceOf(Unavailable);
  });

  it('leaves a fault of ours as it is', () => {
    const fault = error({ name: 'ValidationException' });
    expect(asUnavailable('store_unavailable', fault)).toBe(fault);
  });
});
