type Source = Readonly<Record<string, string | undefined>>;

/** The named variables. Throws one error that names every variable that is missing or empty. */
export function readEnvironment<const Name extends string>(names: readonly Name[], source: Source): Readonly<Record<Name, string>> {
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined && value !== '') values[name] = value;
  }
  if (isComplete(names, values)) return values;
  const missing = names.filter((name) => values[name] === undefined);
  throw new Error(`Missing environment variables: ${missing.join(', ')}`);
}

function isComplete<Name extends string>(names: readonly Name[], values: Partial<Record<Name, string>>): values is Record<Name, string> {
  return names.every((name) => values[name] !== undefined);
}

/** A variable that is a whole number of at least 1. Throws an error that names it otherwise. */
export function wholeNumber<const Name extends string>(env: Readonly<Record<Name, string>>, name: Name): number {
  const text = env[name];
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a whole number of at least 1`);
  return value;
}

/** A variable that is a list separated by commas; blanks around the names do not matter. Throws when it names nothing. */
export function listOf<const Name extends string>(env: Readonly<Record<Name, string>>, name: Name): readonly string[] {
  const items = env[name]
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new Error(`${name} must name at least one`);
  return items;
}

/** A variable that is a list of whole numbers of at least 1, separated by commas. Throws an error that names it otherwise. */
export function wholeNumbers<const Name extends string>(env: Readonly<Record<Name, string>>, name: Name): readonly number[] {
  const items = listOf(env, name);
  if (items.some((item) => !/^\d{1,9}$/.test(item) || Number(item) < 1)) throw new Error(`${name} must be whole numbers of at least 1`);
  return items.map(Number);
}
