import * as v from 'valibot';

/** A secret text of at least one character, without the spaces or the line break that copying often adds. */
export const secretText = v.pipe(
  v.string('must be a string'),
  v.check((text) => text.trim() !== '', 'must not be empty'),
  v.check((text) => text.trim() === text, 'must not begin or end with white space'),
);

/** A list of one or more. */
export function oneOrMore<Schema extends v.GenericSchema>(item: Schema) {
  return v.pipe(v.array(item, 'must be a list'), v.minLength(1, 'must have at least one entry'));
}

/** Reads a secret's JSON text; keys that the schema does not name are left alone. `problem` names the field and never shows a value. */
export function readSecret<Schema extends v.GenericSchema>(
  schema: Schema,
  secretJson: string,
): { readonly ok: true; readonly secret: v.InferOutput<Schema> } | { readonly ok: false; readonly problem: string } {
  const parsed = parseJson(secretJson);
  if (parsed === undefined) return { ok: false, problem: 'the secret is not JSON' };
  const result = v.safeParse(schema, parsed, { abortEarly: true });
  if (result.success) return { ok: true, secret: result.output };
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  // A missing key's own message would describe what came instead.
  const problem = issue.input === undefined ? 'is missing' : issue.message;
  return { ok: false, problem: field === null ? `the secret ${problem}` : `${field} ${problem}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
