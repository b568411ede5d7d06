import { InvalidArgumentError } from 'commander';

/** Reads a whole number from `smallest` to `greatest`. */
export function wholeNumber(smallest: number, greatest: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= smallest && number <= greatest) return number;
    throw new InvalidArgumentError(`A whole number from ${smallest} to ${greatest}.`);
  };
}
