import { describe, expect, it } from '@jest/globals';
import { chartOf, shareOfGoal } from '../../../scripts/bench/chart';
import { compare, inTurns, isMet, quantile, type Figure } from '../../../scripts/bench/figure';
import { markdownTable } from '../../../scripts/bench/report';

const about = { bench: 'ack', what: 'p50 <one>', unit: 'ms', baseline: 'one raw put' };
const figure = (goal: Figure['goal']): Figure =>
  compare({ ...about, ours: [10, 30, 20], theirs: [10, 10, 10], ...(goal === undefined ? {} : { goal }) });

describe('a figure', () => {
  it('is the median of the ratios round by round, with the lowest and highest beside it', () => {
    expect(figure(undefined)).toMatchObject({ value: 20, baselineValue: 10, ratio: 2, spread: [1, 3], rounds: 3 });
  });

  it('compares each round with the same round, so a slow moment that hits both sides leaves no trace', () => {
    const { ratio, spread } = compare({ ...about, ours: [10, 100, 10], theirs: [5, 50, 5] });
    expect([ratio, ...spread]).toEqual([2, 2, 2]);
  });

  it('says how many times less ours is when asked the other way round', () => {
    expect(compare({ ...about, ours: [10], theirs: [50], direction: 'theirs/ours' }).ratio).toBe(5);
  });

  it('refuses to be made of nothing', () => {
    expect(() => compare({ ...about, ours: [], theirs: [] })).toThrow('nothing was measured');
  });

  it('keeps a goal in either direction', () => {
    expect([
      isMet(figure({ atMost: 2 })),
      isMet(figure({ atMost: 1.9 })),
      isMet(figure({ atLeast: 2 })),
      isMet(figure({ atLeast: 2.1 })),
    ]).toEqual([true, false, true, false]);
    expect(isMet(figure(undefined))).toBeUndefined();
  });

  it('takes quantiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.99)]).toEqual([50, 99, 7]);
  });
});

describe('measuring in turns', () => {
  it('gives every contestant one go per round and starts each round with another', async () => {
    const order: string[] = [];
    await inTurns(3, ['a', 'b', 'c'], (name, round) => {
      order.push(`${round}${name}`);
      return Promise.resolve();
    });
    expect(order).toEqual(['0a', '0b', '0c', '1b', '1c', '1a', '2c', '2a', '2b']);
  });
});

describe('the chart and the table', () => {
  it('draw every figure that has a goal as its share of it, whichever way the goal points', () => {
    expect(shareOfGoal(figure({ atMost: 4 }))).toBe(0.5);
    expect(shareOfGoal(figure({ atLeast: 4 }))).toBe(2);
    const svg = chartOf([figure({ atMost: 4 }), figure(undefined)]);
    expect(svg.match(/p50 &lt;one&gt;/g)).toHaveLength(1);
    expect(svg).not.toContain('NaN');
  });

  it('name a missed goal as missed', () => {
    expect(markdownTable([figure({ atMost: 1 })])).toContain(
      '| p50 <one> | 20.0 ms | one raw put: 10.0 ms | 2.00 | 1.00–3.00 | ≤ 1 missed |',
    );
  });
});
