import { describe, expect, it } from '@jest/globals';
import { patienceFor } from '../../../scripts/local/patience';
import type { FunctionSettings } from '../../../scripts/local/pipeline';

function settings(timeoutSeconds: number, environment: Readonly<Record<string, string>>): FunctionSettings {
  return {
    name: 'worker',
    arn: 'arn:aws:lambda:eu-west-1:1:function:worker',
    zipPath: 'worker.zip',
    handler: 'index.handler',
    timeoutSeconds,
    memoryMb: 128,
    environment,
    reservedConcurrency: undefined,
  };
}

describe('patienceFor', () => {
  it('lets the attempts of one call use most of the function’s time', () => {
    expect(patienceFor(settings(30, { MAX_ATTEMPTS: '2', REQUEST_TIMEOUT_MS: '950' }))).toEqual({ REQUEST_TIMEOUT_MS: '12000' });
  });

  it('ends all attempts and the pauses between them before the function does', () => {
    for (const attempts of [1, 2, 3, 4]) {
      const { REQUEST_TIMEOUT_MS } = patienceFor(settings(5, { MAX_ATTEMPTS: String(attempts), REQUEST_TIMEOUT_MS: '900' }));
      const pausesMs = 100 * (2 ** (attempts - 1) - 1);
      expect(Number(REQUEST_TIMEOUT_MS) * attempts + pausesMs).toBeLessThan(5000);
    }
  });

  it('never waits less than the stacks say', () => {
    expect(patienceFor(settings(5, { MAX_ATTEMPTS: '4', REQUEST_TIMEOUT_MS: '4500' }))).toEqual({ REQUEST_TIMEOUT_MS: '4500' });
  });

  it.each([{}, { MAX_ATTEMPTS: '2' }, { REQUEST_TIMEOUT_MS: '900' }, { MAX_ATTEMPTS: '0', REQUEST_TIMEOUT_MS: '900' }])(
    'leaves a function alone that has no such limits: %j',
    (environment) => {
      expect(patienceFor(settings(5, environment))).toEqual({});
    },
  );
});
