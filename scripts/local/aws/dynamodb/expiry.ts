import type { Item } from 'dynalite/db';
import type { Clock } from '../clock';
import { TimedHeap, type Timed } from '../timed-heap';

const FIVE_YEARS_MS = 5 * 365 * 24 * 60 * 60 * 1000;
/** How often expired items are looked for; AWS takes up to days. */
export const SWEEP_MS = 5_000;

interface Expiring extends Timed {
  key: string;
  keyItem: Item;
}

/** The items of one table by the time at which they expire. */
export class ExpiryIndex {
  readonly attribute: string;
  readonly #heap = new TimedHeap<Expiring>();
  readonly #byKey = new Map<string, Expiring>();
  readonly #clock: Clock;

  constructor(attribute: string, clock: Clock) {
    this.attribute = attribute;
    this.#clock = clock;
  }

  /** Follows an item: `undefined` where it is gone. Only a number of seconds, not five years past, expires it. */
  note(key: string, keyItem: Item, item: Item | undefined): void {
    const existing = this.#byKey.get(key);
    if (existing !== undefined) {
      this.#heap.remove(existing);
      this.#byKey.delete(key);
    }
    const seconds = item?.[this.attribute]?.['N'];
    const dueAt = Number(seconds) * 1000;
    if (typeof seconds !== 'string' || Number.isNaN(dueAt) || dueAt < this.#clock.now() - FIVE_YEARS_MS) return;
    const entry = { key, keyItem, dueAt, heapIndex: -1 };
    this.#heap.add(entry);
    this.#byKey.set(key, entry);
  }

  /** Takes out the keys of items whose time is over. */
  takeExpired(): Item[] {
    const expired: Item[] = [];
    const now = this.#clock.now();
    for (let first = this.#heap.first; first !== undefined && first.dueAt <= now; first = this.#heap.first) {
      this.#heap.remove(first);
      this.#byKey.delete(first.key);
      expired.push(first.keyItem);
    }
    return expired;
  }
}
