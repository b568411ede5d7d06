interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A run that does not come to rest: something in it goes on for ever. */
export class Restless extends Error {}

/** Most steps of one run; an ordinary one takes some hundreds. */
const maxSteps = 200_000;

/**
 * Virtual time: what is due runs in the order of its time, and of two at the same time in the order in which they were scheduled. Nothing here
 * or behind it reads a clock or waits for one.
 */
export class Scheduler {
  /** Milliseconds since the epoch. */
  now: number;
  #order = 0;
  readonly #heap: Entry[] = [];

  constructor(start: number) {
    this.now = start;
  }

  after(delayMs: number, run: () => void): void {
    this.#push({ at: this.now + Math.max(0, delayMs), order: this.#order, run });
    this.#order += 1;
  }

  /** Runs until nothing is due any more. Throws Restless when that never comes. */
  async untilQuiet(): Promise<void> {
    let steps = 0;
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      this.now = entry.at;
      entry.run();
      await settled();
      steps += 1;
      if (steps > maxSteps) throw new Restless(`still at work after ${maxSteps} steps`);
    }
  }

  #push(entry: Entry): void {
    let index = this.#heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfWrong(parent, index)) break;
      index = parent;
    }
  }

  #pop(): Entry | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.#heap[0] = last;
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const smaller = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfWrong(index, smaller)) return first;
      index = smaller;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swapIfWrong(above: number, below: number): boolean {
    const [a, b] = [this.#heap[above], this.#heap[below]];
    if (a === undefined || b === undefined || !this.#isBefore(below, above)) return false;
    this.#heap[above] = b;
    this.#heap[below] = a;
    return true;
  }
}

/** After every promise that can go on has gone on: nothing in a run waits for anything but the scheduler. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A number from 0 to below 1 that depends on the text and the seed alone (FNV-1a, mixed), so that what one call meets is no matter of the calls before it. */
export function chanceOf(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}
