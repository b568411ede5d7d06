/** A value at the end of a path. */
export type Leaf = string | number | boolean | null;

/** Whether a leaf matches; undefined stands for a path that the event does not have. */
export type LeafMatcher = (leaf: Leaf | undefined) => boolean;

const NUMBER_LIMIT = 5_000_000_000;

function onText(test: (text: string) => boolean): LeafMatcher {
  return (leaf) => typeof leaf === 'string' && test(leaf);
}

function requireText(operator: string, value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${operator} match pattern must be a string`);
  return value;
}

/** The one member of a match expression. */
function onlyEntry(value: object): [string, unknown] {
  const entries: [string, unknown][] = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw new Error('Only one key allowed in match expression');
  return entry;
}

/** A prefix or suffix, also with its letter case ignored. */
function affix(operator: 'prefix' | 'suffix', value: unknown): LeafMatcher {
  const test = operator === 'prefix' ? 'startsWith' : 'endsWith';
  if (typeof value === 'object' && value !== null) {
    const [name, text] = onlyEntry(value);
    if (name !== 'equals-ignore-case') throw new Error(`Unsupported ${operator} pattern ${name}`);
    const lower = requireText(name, text).toLowerCase();
    return onText((leaf) => leaf.toLowerCase()[test](lower));
  }
  const text = requireText(operator, value);
  return onText((leaf) => leaf[test](text));
}

function equalsIgnoreCase(value: unknown): LeafMatcher {
  const lower = requireText('equals-ignore-case', value).toLowerCase();
  return onText((leaf) => leaf.toLowerCase() === lower);
}

/** `*` stands for any characters; `\*` and `\\` for themselves. */
function wildcard(value: unknown): LeafMatcher {
  const text = requireText('wildcard', value);
  let expression = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    const next = text.charAt(index + 1);
    if (character === '*') {
      if (next === '*') throw new Error('Consecutive wildcard characters');
      expression += '[^]*';
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') throw new Error('Invalid escape character');
      expression += `\\${next}`;
      index += 1;
    } else {
      expression += character.replace(/[.+?^${}()|[\]/]/, '\\$&');
    }
  }
  const compiled = new RegExp(`^${expression}$`);
  return onText((leaf) => compiled.test(leaf));
}

const comparisons: Readonly<Record<string, (leaf: number, bound: number) => boolean>> = {
  '=': (leaf, bound) => leaf === bound,
  '<': (leaf, bound) => leaf < bound,
  '<=': (leaf, bound) => leaf <= bound,
  '>': (leaf, bound) => leaf > bound,
  '>=': (leaf, bound) => leaf >= bound,
};

function checkRange(parts: readonly { operator: string; bound: number }[]): void {
  const [first, second] = parts;
  if (first === undefined || parts.length > 2) throw new Error('Invalid member in numeric match');
  if (second === undefined) return;
  const isRange = first.operator.startsWith('>') && second.operator.startsWith('<');
  if (!isRange) throw new Error('Too many elements in numeric expression');
  if (first.bound >= second.bound) throw new Error('Bottom must be less than top');
}

/** One comparison, or a lower and then an upper bound. Numbers beyond ±5e9 never match. */
function numeric(value: unknown): LeafMatcher {
  if (!Array.isArray(value) || value.length === 0 || value.length % 2 === 1) throw new Error('Invalid numeric match');
  const terms: readonly unknown[] = value;
  const parts = Array.from({ length: terms.length / 2 }, (_, index) => {
    const operator = terms[2 * index];
    const bound = terms[2 * index + 1];
    const compare = typeof operator === 'string' && Object.hasOwn(comparisons, operator) ? comparisons[operator] : undefined;
    if (typeof operator !== 'string' || compare === undefined) throw new Error(`Unrecognized numeric range operator: ${String(operator)}`);
    if (typeof bound !== 'number' || Math.abs(bound) > NUMBER_LIMIT)
      throw new Error('Value of a numeric match must be a number from -5.0e9 to 5.0e9');
    return { operator, bound, compare };
  });
  checkRange(parts);
  return (leaf) => typeof leaf === 'number' && Math.abs(leaf) <= NUMBER_LIMIT && parts.every(({ compare, bound }) => compare(leaf, bound));
}

function anythingBut(value: unknown): LeafMatcher {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const refused = refusedText(value);
    return (leaf) => leaf !== undefined && !refused.some((matches) => matches(leaf));
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isUniform = list.length > 0 && list.every((item) => ['string', 'number'].includes(typeof item) && typeof item === typeof list[0]);
  if (!isUniform) throw new Error('Inside anything-but list must be all strings or all numbers, and not empty');
  return (leaf) => leaf !== undefined && !list.includes(leaf);
}

function refusedText(value: object): LeafMatcher[] {
  const [operator, operand] = onlyEntry(value);
  const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (operands.length === 0) throw new Error('Empty lists are not allowed in anything-but');
  return operands.map((one) => {
    const text = requireText(`anything-but ${operator}`, one);
    if (operator === 'equals-ignore-case') return equalsIgnoreCase(text);
    if (operator === 'wildcard') return wildcard(text);
    if (operator !== 'prefix' && operator !== 'suffix') throw new Error(`Unsupported anything-but pattern: ${operator}`);
    if (text === '') throw new Error(`Null ${operator} not allowed`);
    return affix(operator, text);
  });
}

function exists(value: unknown): LeafMatcher {
  if (typeof value !== 'boolean') throw new Error('exists match pattern must be either true or false');
  return (leaf) => (leaf !== undefined) === value;
}

/** The matcher of one item of a pattern's array; throws where the grammar does not have it. */
export function createLeafMatcher(item: unknown): LeafMatcher {
  if (item === null || typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return (leaf) => leaf === item;
  if (typeof item !== 'object' || Array.isArray(item)) throw new Error('Match value must be String, number, true, false, or null');
  const [operator, operand] = onlyEntry(item);
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return affix(operator, operand);
    case 'equals-ignore-case':
      return equalsIgnoreCase(operand);
    case 'wildcard':
      return wildcard(operand);
    case 'numeric':
      return numeric(operand);
    case 'anything-but':
      return anythingBut(operand);
    case 'exists':
      return exists(operand);
    case 'cidr':
      throw new Error('The embedded AWS does not know the match type cidr');
    default:
      throw new Error(`Unrecognized match type ${operator}`);
  }
}
