import { closest } from './closest';
import type { EventField, EventFields } from './event-fields';
import { matchProblem } from './event-match';

/** What is wrong with a pattern, and where: `kindd`, `kind[0]`, `$or[1].valueBand`; empty for the pattern itself. */
export interface PatternProblem {
  readonly path: string;
  /** The rest of a sentence that begins with the path. */
  readonly problem: string;
}

/** EventBridge refuses a rule with more of them. */
const maxCombinations = 1000;

/** The first thing about a pattern of the event's detail that EventBridge would refuse, or for which no event could ever match. */
export function findPatternProblem(pattern: unknown, fields: EventFields): PatternProblem | undefined {
  const problem = objectProblem(pattern, fields, '');
  if (problem !== undefined) return problem;
  const combinations = combinationsOf(pattern);
  return combinations > maxCombinations
    ? { path: '', problem: `has ${combinations} combinations of $or; at most ${maxCombinations}` }
    : undefined;
}

function objectProblem(pattern: unknown, fields: EventFields, path: string): PatternProblem | undefined {
  if (!isObject(pattern)) return { path, problem: 'is not an object of fields' };
  const entries = Object.entries(pattern);
  if (entries.length === 0 && path !== '') return { path, problem: 'asks for nothing; leave it out' };
  return firstOf(entries, ([name, value]) => {
    const place = path === '' ? name : `${path}.${name}`;
    if (name === '$or') return choicesProblem(value, fields, place);
    const field = fields.get(name);
    if (field !== undefined) return fieldProblem(value, field, place);
    return { path: place, problem: `is not a field of the event${meant(name, [...fields.keys()])}` };
  });
}

function choicesProblem(value: unknown, fields: EventFields, path: string): PatternProblem | undefined {
  if (!Array.isArray(value) || value.length < 2) return { path, problem: 'is not a list of two or more patterns' };
  const choices: readonly unknown[] = value;
  return firstOf(choices.entries(), ([index, choice]) => objectProblem(choice, fields, `${path}[${index}]`));
}

function fieldProblem(value: unknown, field: EventField, path: string): PatternProblem | undefined {
  if (isObject(value)) {
    return field.fields === undefined
      ? { path, problem: 'has no fields of its own: write a list of values' }
      : objectProblem(value, field.fields, path);
  }
  if (!Array.isArray(value)) return { path, problem: `is ${shown(value)}; EventBridge wants a list, such as [${shown(value)}]` };
  if (value.length === 0) return { path, problem: 'is an empty list, which matches nothing' };
  const items: readonly unknown[] = value;
  return firstOf(items.entries(), ([index, item]) => {
    const problem = matchProblem(item, field);
    return problem === undefined ? undefined : { path: `${path}[${index}]`, problem };
  });
}

function combinationsOf(pattern: unknown): number {
  if (!isObject(pattern)) return 1;
  return Object.entries(pattern).reduce((product, [name, value]) => {
    if (name !== '$or' || !Array.isArray(value)) return product * combinationsOf(value);
    const choices: readonly unknown[] = value;
    return product * choices.reduce<number>((sum, choice) => sum + combinationsOf(choice), 0);
  }, 1);
}

function meant(written: string, words: readonly string[]): string {
  const word = closest(written, words);
  return word === undefined ? `: ${words.join(', ')}` : `; did you mean "${word}"?`;
}

function firstOf<T>(items: Iterable<T>, problemOf: (item: T) => PatternProblem | undefined): PatternProblem | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
