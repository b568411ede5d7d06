import { describe, expect, it } from '@jest/globals';
import { singleHeader } from '../../../../functions/shared/domain/webhook';

describe('singleHeader', () => {
  it.each([
    [undefined, undefined],
    [[], undefined],
    [['a'], 'a'],
    [['a', 'a'], 'a'],
    [['a', 'b'], undefined],
    [['a', 'a', 'b'], undefined],
  ])('of %j is %s', (values, value) => {
    expect(singleHeader({ headers: values === undefined ? {} : { name: values }, body: Buffer.alloc(0) }, 'name')).toBe(value);
  });
});
