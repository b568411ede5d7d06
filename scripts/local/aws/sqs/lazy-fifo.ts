const LEAST = 1024;

/** First in, first out; entries that have died meanwhile are skipped and, now and then, swept out. */
export class LazyFifo<T> {
  readonly #isAlive: (entry: T) => boolean;
  #entries: T[] = [];
  #head = 0;
  #sweepAt = LEAST;

  constructor(isAlive: (entry: T) => boolean) {
    this.#isAlive = isAlive;
  }

  push(entry: T): void {
    this.#entries.push(entry);
    if (this.#entries.length < this.#sweepAt) return;
    this.#entries = this.#entries.slice(this.#head).filter(this.#isAlive);
    this.#head = 0;
    // Twice what is alive, so that sweeping costs each entry a constant.
    this.#sweepAt = Math.max(LEAST, 2 * this.#entries.length);
  }

  /** The first living entry, left in its place. */
  peek(): T | undefined {
    for (; this.#head < this.#entries.length; this.#head += 1) {
      const entry = this.#entries[this.#head];
      if (entry !== undefined && this.#isAlive(entry)) return entry;
    }
    this.clear();
    return undefined;
  }

  shift(): T | undefined {
    const entry = this.peek();
    if (entry !== undefined) this.#head += 1;
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#sweepAt = LEAST;
  }
}
