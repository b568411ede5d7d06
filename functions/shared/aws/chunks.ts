/** Most entries that SQS and EventBridge take in one call. */
const maxEntries = 10;

/** Most bytes in one call: the limit of both is 256 KiB, and the envelope needs some of it. */
const maxBytes = 240 * 1024;

/** Cuts items into runs that fit one call, in order. An item that is too large by itself is a run of its own. */
export function chunksThatFit<T>(items: readonly T[], sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const current = chunks.at(-1);
    if (current === undefined || current.length === maxEntries || size > room) {
      chunks.push([item]);
      room = maxBytes - size;
    } else {
      current.push(item);
      room -= size;
    }
  }
  return chunks;
}
