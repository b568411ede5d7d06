import pc from 'picocolors';
import type { Io } from './io';
import { ageText } from './times';

const barColumns = 24;
const everyMs = 1000;

/** Tells how far long work is: a bar a second, and one at the end. */
export function progressOf({ note }: Pick<Io, 'note'>, total: number, word: string): (done: number) => void {
  const started = performance.now();
  let told = started;
  return (done) => {
    const now = performance.now();
    if (done < total && now - told < everyMs) return;
    told = now;
    note(pc.dim(barOf(done, total, word, now - started)));
  };
}

function barOf(done: number, total: number, word: string, elapsedMs: number): string {
  const full = total === 0 ? barColumns : Math.min(barColumns, Math.floor((done / total) * barColumns));
  const left = done === 0 || done >= total ? '' : `, about ${ageText((elapsedMs / done) * (total - done))} left`;
  return `[${'#'.repeat(full)}${'.'.repeat(barColumns - full)}] ${done} of ${total} ${word}${left}`;
}
