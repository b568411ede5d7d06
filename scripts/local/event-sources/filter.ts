import { compilePattern } from '../aws/event-pattern';
import type { Json, JsonObject } from '../json';

/** True for what one of the filters matches; for everything when there are none. Throws at a filter that Lambda would refuse. */
export function compileFilters(filters: readonly JsonObject[]): (value: Json) => boolean {
  const matchers = filters.map((filter) => compilePattern(filter));
  return (value) => matchers.length === 0 || matchers.some((matches) => matches(value));
}
