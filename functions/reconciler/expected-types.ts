import type { CompareSettings } from './compare-page';

/**
 * Whether a webhook of an event should have come. The types that the environment names for the provider, else every type that means
 * something for money: which types an endpoint is subscribed to, the provider's list of events does not say.
 */
export function expectedTypes(patterns: readonly string[] | undefined): CompareSettings['isExpected'] {
  if (patterns === undefined) return ({ kind }) => kind !== 'other';
  return ({ eventType }) => patterns.some((pattern) => matches(pattern, eventType));
}

function matches(pattern: string, eventType: string): boolean {
  return pattern.endsWith('*') ? eventType.startsWith(pattern.slice(0, -1)) : eventType === pattern;
}
