import { describe, expect, it } from '@jest/globals';
import { callLimits } from '../../../stacks/constructs/call-limits';

const policy = { maxRetries: 3, timeoutMs: 30_000 };

describe('callLimits', () => {
  it('gives every attempt the policy has room for', () => {
    expect(callLimits(policy, { totalMs: 240_000, sequentialCalls: 3 })).toEqual({ attempts: 4, requestTimeoutMs: 19_825 });
  });

  it('never lets an attempt take longer than the policy says', () => {
    expect(callLimits({ maxRetries: 1, timeoutMs: 2000 }, { totalMs: 240_000, sequentialCalls: 1 })).toEqual({
      attempts: 2,
      requestTimeoutMs: 2000,
    });
  });

  it('gives up attempts before it makes them too short to succeed', () => {
    expect(callLimits(policy, { totalMs: 8000, sequentialCalls: 4 })).toEqual({ attempts: 2, requestTimeoutMs: 950 });
    expect(callLimits(policy, { totalMs: 4000, sequentialCalls: 4 })).toEqual({ attempts: 1, requestTimeoutMs: 1000 });
  });

  it('keeps all attempts and the pauses between them within the budget', () => {
    for (const maxRetries of [0, 1, 2, 3, 5, 10]) {
      for (const totalMs of [1000, 4000, 8000, 48_000, 240_000]) {
        for (const sequentialCalls of [1, 2, 3, 4]) {
          const { attempts, requestTimeoutMs } = callLimits({ maxRetries, timeoutMs: 30_000 }, { totalMs, sequentialCalls });
          const pauses = Array.from({ length: attempts - 1 }, (_, retry) => 100 * 2 ** retry).reduce((sum, pause) => sum + pause, 0);
          expect(sequentialCalls * (attempts * requestTimeoutMs + pauses)).toBeLessThanOrEqual(totalMs);
          expect(attempts).toBeLessThanOrEqual(maxRetries + 1);
          expect(requestTimeoutMs).toBeGreaterThan(0);
        }
      }
    }
  });
});
