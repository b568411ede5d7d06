import { InvalidArgumentError } from 'commander';
import { parseInstant } from '../../functions/shared/providers/time';

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `2h`, `30m`, `7d` as that long before now, `2026-11-05` as the beginning of that day in UTC, or an RFC 3339 time. */
export function timeArgument(now: () => number): (text: string) => number {
  return (text) => {
    const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
    if (count !== undefined) return now() - Number(count) * (units[unit] ?? 0);
    const instant = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
    if (instant === undefined) throw new InvalidArgumentError('A time is 30m, 2h or 7d ago, 2026-11-05, or 2026-11-05T10:00:00Z.');
    return instant;
  };
}

/** `3 d`, `5 h`, `12 min`, `40 s`: one number is enough to see how old something is. */
export function ageText(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `2026-11-05 10:00:00`, in UTC. */
export function clockText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** The days from one time to another, both included, the newest first, as `2026-11-05`. */
export function daysBackwards(since: number, until: number): string[] {
  const days: string[] = [];
  const day = 86_400_000;
  for (let at = Math.floor(until / day) * day; at >= Math.floor(since / day) * day; at -= day)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
