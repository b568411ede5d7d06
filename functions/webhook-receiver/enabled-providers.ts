import type { Provider } from '../shared/providers/provider';

/** The providers that are switched on. Throws an error that names those that nobody knows. */
export function enabledProviders(known: ReadonlyMap<string, Provider>, names: readonly string[]): ReadonlyMap<string, Provider> {
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`ENABLED_PROVIDERS: unknown ${unknown.join(', ')}; known are ${[...known.keys()].join(', ')}`);
  return new Map([...known].filter(([name]) => names.includes(name)));
}
