import { describe, expect, it } from '@jest/globals';
import { chunksThatFit } from '../../../../functions/shared/aws/chunks';

const kilobytes = (count: number): number => count * 1024;

describe('chunksThatFit', () => {
  it('makes one chunk of ten small items', () => {
    expect(chunksThatFit(Array(10).fill(100), Number)).toHaveLength(1);
  });

  it('takes no more than ten into a chunk', () => {
    expect(chunksThatFit(Array(23).fill(100), Number).map(({ length }) => length)).toEqual([10, 10, 3]);
  });

  it('starts a new chunk before the bytes are too many, and keeps the order', () => {
    const sizes = [kilobytes(100), kilobytes(140), 1, kilobytes(239), kilobytes(1)];
    expect(chunksThatFit(sizes, Number)).toEqual([[kilobytes(100), kilobytes(140)], [1, kilobytes(239)], [kilobytes(1)]]);
  });

  it('leaves what is too large by itself alone, so that only it is refused', () => {
    expect(chunksThatFit([1, kilobytes(300), 1], Number)).toEqual([[1], [kilobytes(300)], [1]]);
  });

  it('makes no chunk of nothing', () => {
    expect(chunksThatFit([], Number)).toEqual([]);
  });
});
