import { describe, expect, it } from '@jest/globals';
import { TokenBucket } from '../../../scripts/local/token-bucket';

describe('TokenBucket', () => {
  it('lets a burst through, then its rate', () => {
    let now = 0;
    const bucket = new TokenBucket({ rate: 10, burst: 3 }, () => now);
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false]);
    now = 100;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });

  it('saves no more than a burst', () => {
    let now = 0;
    const bucket = new TokenBucket({ rate: 10, burst: 2 }, () => now);
    now = 60_000;
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  });
});
