/** Something that is due at a time and knows its place in the heap. */
export interface Timed {
  dueAt: number;
  heapIndex: number;
}

/** A binary heap by due time whose entries can be taken out of the middle, so that what is deleted leaves nothing behind. */
export class TimedHeap<T extends Timed> {
  readonly #heap: T[] = [];

  /** The entry that is due first. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  add(entry: T): void {
    this.#heap.push(entry);
    entry.heapIndex = this.#heap.length - 1;
    this.#rise(entry);
  }

  remove(entry: T): void {
    const index = entry.heapIndex;
    const last = this.#heap.pop();
    entry.heapIndex = -1;
    if (last === undefined || last === entry) return;
    this.#place(last, index);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #place(entry: T, index: number): void {
    this.#heap[index] = entry;
    entry.heapIndex = index;
  }

  #rise(entry: T): void {
    let index = entry.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.dueAt <= entry.dueAt) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #sink(entry: T): void {
    let index = entry.heapIndex;
    for (;;) {
      const child = this.#earlierChild(index);
      if (child === undefined || child.dueAt >= entry.dueAt) break;
      const next = child.heapIndex;
      this.#place(child, index);
      index = next;
    }
    this.#place(entry, index);
  }

  #earlierChild(index: number): T | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return right !== undefined && left !== undefined && right.dueAt < left.dueAt ? right : left;
  }
}
