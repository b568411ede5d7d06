import { closest } from './closest';
import type { EventField } from './event-fields';

/** EventBridge compares no number beyond this, either way. */
const numberLimit = 5_000_000_000;

const comparisons: readonly unknown[] = ['=', '<', '<=', '>', '>='];
const operators = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'numeric', 'anything-but', 'exists'];

/** Why one item of a list in a pattern cannot be used for this field, as the rest of a sentence; undefined where it can. */
export function matchProblem(item: unknown, field: EventField): string | undefined {
  if (typeof item !== 'object' || item === null) return valueProblem(item, field);
  const [[operator, operand] = ['', undefined], ...others] = Object.entries(item);
  if (Array.isArray(item) || others.length > 0) return 'is neither a value nor one operator';
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return affixProblem(operator, operand, field);
    case 'equals-ignore-case':
      return textProblem(operator, operand, field, (word, text) => word.toLowerCase() === text.toLowerCase());
    case 'wildcard':
      return wildcardProblem(operand, field);
    case 'numeric':
      return numericProblem(operand, field);
    case 'anything-but':
      return anythingButProblem(operand, field);
    case 'exists':
      if (typeof operand !== 'boolean') return 'has exists with neither true nor false';
      return field.required && !operand ? 'never matches: every event has this field' : undefined;
    default:
      return unknownOperator(operator);
  }
}

function unknownOperator(operator: string): string {
  const word = closest(operator, operators);
  return `has the operator "${operator}", which ${operator === 'cidr' ? 'is for IP addresses' : 'EventBridge does not know'}${word === undefined ? `: ${operators.join(', ')}` : `; did you mean "${word}"?`}`;
}

function valueProblem(value: unknown, { types, words }: EventField): string | undefined {
  const type = value === null ? 'null' : typeof value;
  if (!types.includes(type)) return `is ${JSON.stringify(value)}, and the field is ${types.join(' or ')}`;
  if (typeof value === 'number' && Math.abs(value) > numberLimit) return beyondLimit;
  // A word list of a field that may also be null does not speak of null.
  if (value === null || words.length === 0 || words.includes(value)) return undefined;
  const texts = words.map(String);
  const word = typeof value === 'string' ? closest(value, texts) : undefined;
  return `is ${JSON.stringify(value)}, which the field never is${word === undefined ? `: ${texts.join(', ')}` : `; did you mean "${word}"?`}`;
}

const beyondLimit = 'is a number beyond 5,000,000,000, which EventBridge never matches: use valueBand';

/** An operand for texts, that fits at least one word of the field where it has only certain words. */
function textProblem(
  operator: string,
  operand: unknown,
  { types, words }: EventField,
  fits: (word: string, text: string) => boolean,
): string | undefined {
  if (!types.includes('string')) return `has ${operator}, and the field is ${types.join(' or ')}`;
  if (typeof operand !== 'string' || operand === '') return `has ${operator} without a text`;
  const matchesNone = words.length > 0 && !words.some((word) => fits(String(word), operand));
  return matchesNone ? `has ${operator} ${JSON.stringify(operand)}, which none of the field's words has: ${words.join(', ')}` : undefined;
}

function affixProblem(operator: 'prefix' | 'suffix', operand: unknown, field: EventField): string | undefined {
  const ignoringCase: readonly (readonly [string, unknown])[] =
    typeof operand === 'object' && operand !== null ? Object.entries(operand) : [];
  const [[name, inner] = ['', undefined], ...others] = ignoringCase;
  if (ignoringCase.length > 0 && (name !== 'equals-ignore-case' || others.length > 0))
    return `has ${operator} with something else than a text`;
  const text = ignoringCase.length > 0 ? inner : operand;
  return textProblem(operator, text, field, (word, part) =>
    operator === 'prefix' ? word.toLowerCase().startsWith(part.toLowerCase()) : word.toLowerCase().endsWith(part.toLowerCase()),
  );
}

function wildcardProblem(operand: unknown, field: EventField): string | undefined {
  const problem = textProblem('wildcard', operand, field, () => true);
  if (problem !== undefined) return problem;
  const plain = String(operand).replaceAll(/\\[*\\]/g, '');
  if (plain.includes('**')) return 'has two wildcards in a row, which EventBridge refuses';
  return plain.includes('\\') ? 'has a backslash that escapes neither * nor \\' : undefined;
}

function numericProblem(operand: unknown, { types }: EventField): string | undefined {
  if (!types.includes('number')) return `has numeric, and the field is ${types.join(' or ')}`;
  const terms: readonly unknown[] = Array.isArray(operand) ? operand : [];
  if (terms.length !== 2 && terms.length !== 4) return 'has numeric without one or two comparisons, such as [">", 0, "<=", 100]';
  const [lower, low, upper, high] = terms;
  if (!comparisons.includes(lower) || (terms.length === 4 && !comparisons.includes(upper)))
    return `has numeric with something else than ${comparisons.join(' ')}`;
  const bounds = terms.length === 4 ? [low, high] : [low];
  if (!bounds.every((bound) => typeof bound === 'number' && Number.isFinite(bound))) return 'has numeric with a bound that is no number';
  if (bounds.some((bound) => Math.abs(Number(bound)) > numberLimit)) return beyondLimit;
  if (terms.length === 2) return undefined;
  if (!String(lower).startsWith('>') || !String(upper).startsWith('<'))
    return 'has numeric with two comparisons that are no range from > to <';
  return Number(low) >= Number(high) ? 'has numeric with a range that is empty' : undefined;
}

function anythingButProblem(operand: unknown, field: EventField): string | undefined {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [[operator, inner] = ['', undefined], ...others] = Object.entries(operand);
    if (others.length > 0 || !['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator))
      return `has anything-but with ${JSON.stringify(operand)}`;
    const texts: readonly unknown[] = Array.isArray(inner) ? inner : [inner];
    if (texts.length === 0) return 'has anything-but with an empty list';
    return firstText(
      texts.map((text) => (operator === 'wildcard' ? wildcardProblem(text, field) : textProblem(operator, text, field, () => true))),
    );
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const uniform =
    values.length > 0 && values.every((value) => ['string', 'number'].includes(typeof value) && typeof value === typeof values[0]);
  if (!uniform) return 'has anything-but without texts or without numbers';
  return firstText(values.map((value) => valueProblem(value, field)));
}

function firstText(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
