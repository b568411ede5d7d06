const pattern = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Milliseconds since the epoch of an RFC 3339 time, cut to milliseconds; undefined for anything else, such as a 19th month or a 30 February. */
export function parseInstant(text: unknown): number | undefined {
  const [match, year, month, day] = (typeof text === 'string' ? pattern.exec(text) : null) ?? [];
  if (match === undefined) return undefined;
  // Date.parse takes 30 February for 2 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCDate() === Number(day) ? instantWithin(Date.parse(match)) : undefined;
}

/** Milliseconds since the epoch of a number of seconds, or undefined where that is no time between 1970 and 9999. */
export function parseEpochSeconds(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? instantWithin(Math.round(seconds * 1000)) : undefined;
}

/** The same number of milliseconds, or undefined where that is no time between 1970 and 9999. */
export function instantWithin(milliseconds: number): number | undefined {
  return milliseconds >= 0 && milliseconds <= lastInstant ? Math.trunc(milliseconds) : undefined;
}
