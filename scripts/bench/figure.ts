/** What a ratio must keep. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One measured figure beside its baseline; both come from the same rounds, taken in turns. */
export interface Figure {
  readonly bench: string;
  readonly what: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: string;
  readonly baseline: string;
  readonly baselineValue: number;
  /** Median over the rounds of value divided by the baseline's, or the other way round where more is better. */
  readonly ratio: number;
  /** Lowest and highest of the rounds. */
  readonly spread: readonly [low: number, high: number];
  readonly rounds: number;
  readonly goal?: Goal;
}

export interface Comparison {
  readonly bench: string;
  readonly what: string;
  readonly unit: string;
  readonly baseline: string;
  /** One value per round. */
  readonly ours: readonly number[];
  /** The baseline's, in the same rounds. */
  readonly theirs: readonly number[];
  /** `ours/theirs` (default), or `theirs/ours` to say how many times less ours is. */
  readonly direction?: 'ours/theirs' | 'theirs/ours';
  readonly goal?: Goal;
}

/** Compares round by round, so that a slow moment of the machine hits both sides. Throws when there is no round. */
export function compare({ ours, theirs, direction = 'ours/theirs', ...about }: Comparison): Figure {
  const ratios = ours.map((value, round) => {
    const other = theirs[round] ?? Number.NaN;
    return direction === 'ours/theirs' ? value / other : other / value;
  });
  const { goal, ...rest } = about;
  return {
    ...rest,
    value: median(ours),
    baselineValue: median(theirs),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    rounds: ratios.length,
    ...(goal === undefined ? {} : { goal }),
  };
}

/** Whether the median keeps the goal; undefined where there is none. */
export function isMet({ ratio, goal }: Pick<Figure, 'ratio' | 'goal'>): boolean | undefined {
  if (goal === undefined) return undefined;
  return 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest rank. Throws when there is no value. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const found = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (found === undefined) throw new Error('nothing was measured');
  return found;
}

/** Runs every contestant once per round, each round in another order. */
export async function inTurns<Name extends string>(
  rounds: number,
  names: readonly Name[],
  measure: (name: Name, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const start = round % names.length;
    for (const name of [...names.slice(start), ...names.slice(0, start)]) await measure(name, round);
  }
}
