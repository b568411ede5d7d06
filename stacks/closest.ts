/** The word that was probably meant, when one is close to what was written. */
export function closest(written: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(written.length / 3));
  const [best] = words
    .map((word) => ({ word, edits: edits(written.toLowerCase(), word.toLowerCase()) }))
    .filter((candidate) => candidate.edits <= limit)
    .toSorted((one, other) => one.edits - other.edits);
  return best?.word;
}

/** Letters to insert, delete or replace to come from one text to the other. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  Array.from(from).forEach((letter, index) => {
    const next = [index + 1];
    Array.from(to).forEach((other, at) => {
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === other ? 0 : 1)));
    });
    row = next;
  });
  return row[to.length] ?? 0;
}
