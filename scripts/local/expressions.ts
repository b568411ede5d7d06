import { isJsonArray, isObject, parseJson, type Json } from './json';

/**
 * The part of Terraform's expression language that cdktf writes: references, indexes, literals, lists, objects and a few functions,
 * inside `${...}`. Everything else is an error that shows the expression.
 */
type Expression =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'template'; readonly parts: readonly Expression[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'reference'; readonly path: readonly string[] }
  | { readonly kind: 'access'; readonly of: Expression; readonly key: Expression };

/** Looks up the longest prefix that it knows, and says how many steps of the path that was. Throws when there is no such thing. */
export type Lookup = (path: readonly string[]) => Promise<{ readonly value: Json; readonly steps: number }>;

export class UnresolvableExpression extends Error {
  override readonly name = 'UnresolvableExpression';
}

/** Resolves every `${...}` in a value, however deep. A string that is one expression becomes that expression's value, of any type. */
export async function resolveValue(value: Json, lookup: Lookup): Promise<Json> {
  if (typeof value === 'string') return resolveText(value, lookup);
  if (isJsonArray(value)) return Promise.all(value.map((item) => resolveValue(item, lookup)));
  if (!isObject(value)) return value;
  const entries = await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await resolveValue(item, lookup)] as const));
  return Object.fromEntries(entries);
}

async function resolveText(text: string, lookup: Lookup): Promise<Json> {
  if (!text.includes('${') && !text.includes('%{')) return text;
  try {
    return await evaluate(parseTemplate(text), lookup);
  } catch (error) {
    if (error instanceof UnresolvableExpression) throw error;
    throw new UnresolvableExpression(`cannot resolve ${shortened(text)}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** Parses a string of a .tf.json file. Throws a SyntaxError at what it does not understand. */
function parseTemplate(text: string): Expression {
  const scanner: Scanner = { text, at: 0 };
  const parts = templateParts(scanner, undefined);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'template', parts };
}

interface Scanner {
  readonly text: string;
  at: number;
}

/** Reads literal text and `${...}` up to the closing quote, or to the end of the text. */
function templateParts(scanner: Scanner, closing: '"' | undefined): Expression[] {
  const parts: Expression[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ kind: 'literal', value: literal });
    literal = '';
  };
  while (scanner.at < scanner.text.length) {
    const rest = scanner.text.slice(scanner.at, scanner.at + 3);
    if (closing !== undefined && rest.startsWith(closing)) break;
    if (rest === '$${' || rest === '%%{') {
      literal += rest.slice(1);
      scanner.at += 3;
    } else if (rest.startsWith('${')) {
      flush();
      scanner.at += 2;
      parts.push(parseExpression(scanner));
      expect(scanner, '}');
    } else if (rest.startsWith('%{')) {
      throw new SyntaxError('template directives (%{...}) are not understood');
    } else if (closing !== undefined && rest.startsWith('\\')) {
      literal += escaped(scanner);
    } else {
      literal += rest.charAt(0);
      scanner.at += 1;
    }
  }
  flush();
  return parts.length === 0 ? [{ kind: 'literal', value: '' }] : parts;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function escaped(scanner: Scanner): string {
  const code = scanner.text.charAt(scanner.at + 1);
  scanner.at += 2;
  const known = escapes[code];
  if (known !== undefined) return known;
  const digits = /^[0-9a-fA-F]{4}/.exec(scanner.text.slice(scanner.at))?.[0];
  if (code !== 'u' || digits === undefined) throw new SyntaxError(`escape \\${code} is not understood`);
  scanner.at += 4;
  return String.fromCharCode(Number.parseInt(digits, 16));
}

function parseExpression(scanner: Scanner): Expression {
  let expression = parsePrimary(scanner);
  for (;;) {
    const next = peek(scanner);
    if (next === '[') {
      scanner.at += 1;
      const key = parseExpression(scanner);
      expect(scanner, ']');
      expression = { kind: 'access', of: expression, key };
    } else if (next === '.') {
      scanner.at += 1;
      expression = { kind: 'access', of: expression, key: { kind: 'literal', value: take(scanner, /^[A-Za-z0-9_-]+/) } };
    } else {
      return asReference(expression);
    }
  }
}

/** `a.b[0].c` with literal keys only is one reference, so that a lookup sees all of it. */
function asReference(expression: Expression): Expression {
  const path: string[] = [];
  let current = expression;
  while (current.kind === 'access') {
    if (current.key.kind !== 'literal' || (typeof current.key.value !== 'string' && typeof current.key.value !== 'number'))
      return expression;
    path.unshift(String(current.key.value));
    current = current.of;
  }
  return current.kind === 'reference' ? { kind: 'reference', path: [...current.path, ...path] } : expression;
}

function parsePrimary(scanner: Scanner): Expression {
  const next = peek(scanner);
  if (next === '"') return parseQuoted(scanner);
  if (next === '[') return { kind: 'list', items: parseSequence(scanner, '[', ']') };
  if (next === '{') return parseObject(scanner);
  if (next === '(') {
    scanner.at += 1;
    const inner = parseExpression(scanner);
    expect(scanner, ')');
    return inner;
  }
  if (/[0-9-]/.test(next)) return { kind: 'literal', value: Number(take(scanner, /^-?[0-9]+(\.[0-9]+)?/)) };
  const name = take(scanner, /^[A-Za-z_][A-Za-z0-9_-]*/);
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
  if (name === 'null') return { kind: 'literal', value: null };
  if (peek(scanner) === '(') return { kind: 'call', name, args: parseSequence(scanner, '(', ')') };
  return { kind: 'reference', path: [name] };
}

function parseQuoted(scanner: Scanner): Expression {
  expect(scanner, '"');
  const parts = templateParts(scanner, '"');
  expect(scanner, '"');
  const [only] = parts;
  return parts.length === 1 && only?.kind === 'literal' ? only : { kind: 'template', parts };
}

function parseSequence(scanner: Scanner, open: string, close: string): Expression[] {
  const items: Expression[] = [];
  expect(scanner, open);
  while (peek(scanner) !== close) {
    items.push(parseExpression(scanner));
    if (peek(scanner) === ',') scanner.at += 1;
    else if (peek(scanner) !== close) break;
  }
  expect(scanner, close);
  return items;
}

function parseObject(scanner: Scanner): Expression {
  const entries: (readonly [Expression, Expression])[] = [];
  expect(scanner, '{');
  while (peek(scanner) !== '}') {
    const bare = /^[A-Za-z_][A-Za-z0-9_-]*(?=\s*[=:])/.exec(scanner.text.slice(scanner.at))?.[0];
    const key: Expression = bare === undefined ? parseExpression(scanner) : { kind: 'literal', value: take(scanner, /^[A-Za-z0-9_-]+/) };
    const separator = peek(scanner);
    expect(scanner, separator === ':' ? ':' : '=');
    entries.push([key, parseExpression(scanner)]);
    if (peek(scanner) === ',') scanner.at += 1;
  }
  expect(scanner, '}');
  return { kind: 'object', entries };
}

function peek(scanner: Scanner): string {
  while (/\s/.test(scanner.text.charAt(scanner.at))) scanner.at += 1;
  return scanner.text.charAt(scanner.at);
}

function take(scanner: Scanner, pattern: RegExp): string {
  peek(scanner);
  const found = pattern.exec(scanner.text.slice(scanner.at))?.[0];
  if (found === undefined) throw new SyntaxError(`"${scanner.text.slice(scanner.at, scanner.at + 20)}" is not understood`);
  scanner.at += found.length;
  return found;
}

function expect(scanner: Scanner, text: string): void {
  if (peek(scanner) !== text) {
    throw new SyntaxError(`"${scanner.text.slice(scanner.at, scanner.at + 20)}" is not understood, "${text}" was expected`);
  }
  scanner.at += 1;
}

async function evaluate(expression: Expression, lookup: Lookup): Promise<Json> {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template': {
      const parts = await Promise.all(expression.parts.map((part) => evaluate(part, lookup)));
      return parts.map(textOf).join('');
    }
    case 'list':
      return Promise.all(expression.items.map((item) => evaluate(item, lookup)));
    case 'object':
      return Object.fromEntries(
        await Promise.all(
          expression.entries.map(async ([key, value]) => [textOf(await evaluate(key, lookup)), await evaluate(value, lookup)] as const),
        ),
      );
    case 'call':
      return call(expression.name, await Promise.all(expression.args.map((argument) => evaluate(argument, lookup))));
    case 'reference': {
      const { value, steps } = await lookup(expression.path);
      return expression.path.slice(steps).reduce(access, value);
    }
    case 'access':
      return access(await evaluate(expression.of, lookup), textOf(await evaluate(expression.key, lookup)));
  }
}

function access(value: Json, key: string): Json {
  const found = isJsonArray(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined;
  // A block that may occur once is written as an object and read as a list of one.
  if (found === undefined && key === '0' && isObject(value)) return value;
  if (found === undefined) throw new Error(`there is no "${key}" in it`);
  return found;
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${value === null ? 'null' : isJsonArray(value) ? 'a list' : 'an object'} does not go into a text`);
}

function call(name: string, args: readonly Json[]): Json {
  const implementation = functions[name];
  if (implementation === undefined) throw new Error(`the function ${name}() is not understood`);
  return implementation(args);
}

const functions: Readonly<Record<string, (args: readonly Json[]) => Json>> = {
  jsonencode: ([value]) => JSON.stringify(value ?? null),
  jsondecode: ([value]) => parseJson(textOf(value ?? null)),
  join: ([separator, items]) =>
    listOf(items)
      .map(textOf)
      .join(textOf(separator ?? '')),
  element: ([items, index]) => {
    const list = listOf(items);
    return list[Number(index) % list.length] ?? null;
  },
  concat: (lists) => lists.flatMap((list) => listOf(list)),
  tolist: ([items]) => listOf(items),
  toset: ([items]) => listOf(items),
  tostring: ([value]) => textOf(value ?? null),
  lower: ([value]) => textOf(value ?? null).toLowerCase(),
  merge: (objects) => Object.fromEntries(objects.filter(isObject).flatMap((object) => Object.entries(object))),
};

function listOf(value: Json | undefined): readonly Json[] {
  if (isJsonArray(value)) return value;
  throw new Error('a list was expected');
}
