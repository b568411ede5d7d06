import { createLeafMatcher, type Leaf, type LeafMatcher } from './leaf-matcher';

const MAX_COMBINATIONS = 1000;

/** A pattern that cannot be compiled; the message says where and why. */
export class PatternError extends Error {}

/** Whether an event (parsed JSON) matches. */
export type EventMatcher = (event: unknown) => boolean;

interface Condition {
  path: string;
  matchers: readonly LeafMatcher[];
}
/** Conditions that must all hold; a pattern with `$or` is a list of such. */
type Alternative = readonly Condition[];

interface Field {
  value: Leaf;
  /** The arrays that the value is in, each with the index of its element. */
  places: ReadonlyMap<number, number>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function combine(left: readonly Alternative[], right: readonly Alternative[]): Alternative[] {
  if (left.length * right.length > MAX_COMBINATIONS)
    throw new PatternError(`Rule is too complex: over ${MAX_COMBINATIONS} combinations of $or`);
  return left.flatMap((one) => right.map((other) => [...one, ...other]));
}

function compileOr(choices: unknown, path: string): Alternative[] {
  if (!Array.isArray(choices) || choices.length < 2 || !choices.every(isRecord)) {
    throw new PatternError('"$or" must be an array of at least two objects');
  }
  const alternatives = choices.flatMap((choice: Record<string, unknown>) => compileObject(choice, path));
  if (alternatives.length > MAX_COMBINATIONS) throw new PatternError(`Rule is too complex: over ${MAX_COMBINATIONS} combinations of $or`);
  return alternatives;
}

function compileLeaf(value: readonly unknown[], path: string): Alternative[] {
  if (value.length === 0) throw new PatternError(`Empty arrays are not allowed at "${path}"`);
  const matchers = value.map((item) => {
    try {
      return createLeafMatcher(item);
    } catch (error) {
      throw new PatternError(`${error instanceof Error ? error.message : String(error)} at "${path}"`, { cause: error });
    }
  });
  return [[{ path, matchers }]];
}

function compileObject(pattern: Record<string, unknown>, path: string): Alternative[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new PatternError(`Empty objects are not allowed${path === '' ? '' : ` at "${path}"`}`);
  return entries.reduce<Alternative[]>(
    (alternatives, [name, value]) => {
      const childPath = path === '' ? name : `${path}.${name}`;
      if (name === '$or') return combine(alternatives, compileOr(value, path));
      if (Array.isArray(value)) return combine(alternatives, compileLeaf(value, childPath));
      if (isRecord(value)) return combine(alternatives, compileObject(value, childPath));
      throw new PatternError(`"${name}" must be an object or an array`);
    },
    [[]],
  );
}

/** Flattens an event: its leaves by path, dots joining names as in the patterns. An empty array has no leaf. */
function flatten(event: unknown): Map<string, Field[]> {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: unknown, path: string, places: ReadonlyMap<number, number>): void => {
    if (Array.isArray(value)) {
      const array = (arrays += 1);
      value.forEach((item, index) => {
        visit(item, path, new Map(places).set(array, index));
      });
    } else if (isRecord(value)) {
      for (const [name, child] of Object.entries(value)) visit(child, path === '' ? name : `${path}.${name}`, places);
    } else if (isLeaf(value)) {
      const list = fields.get(path);
      if (list === undefined) fields.set(path, [{ value, places }]);
      else list.push({ value, places });
    }
  };
  visit(event, '', new Map());
  return fields;
}

function isConsistent(left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>): boolean {
  for (const [array, index] of right) {
    const other = left.get(array);
    if (other !== undefined && other !== index) return false;
  }
  return true;
}

/** Conditions on members of the same array must hold in one of its elements, so a choice is kept while the rest is tried. */
function holds(alternative: Alternative, fields: Map<string, Field[]>, places: ReadonlyMap<number, number>): boolean {
  const [condition, ...rest] = alternative;
  if (condition === undefined) return true;
  const found = fields.get(condition.path) ?? [];
  if (found.length === 0) return condition.matchers.some((matches) => matches(undefined)) && holds(rest, fields, places);
  return found.some(
    (field) =>
      isConsistent(places, field.places) &&
      condition.matchers.some((matches) => matches(field.value)) &&
      holds(rest, fields, field.places.size === 0 ? places : new Map([...places, ...field.places])),
  );
}

/** Compiles an EventBridge event pattern; throws PatternError where EventBridge would refuse it. */
export function compilePattern(pattern: unknown): EventMatcher {
  if (!isRecord(pattern)) throw new PatternError('Filter is not an object');
  const alternatives = compileObject(pattern, '');
  return (event) => {
    const fields = flatten(event);
    return alternatives.some((alternative) => holds(alternative, fields, new Map()));
  };
}

/** Compiles a pattern given as JSON text. */
export function parsePattern(text: string): EventMatcher {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch (error) {
    throw new PatternError('The pattern is not JSON', { cause: error });
  }
  return compilePattern(pattern);
}
