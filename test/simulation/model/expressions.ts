import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

/** Names and values that an expression's placeholders stand for. */
export interface Placeholders {
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: Readonly<Record<string, AttributeValue>> | undefined;
}

/** The words of an expression, taken one by one. */
class Words {
  readonly #words: readonly string[];
  readonly #placeholders: Placeholders;
  #at = 0;

  constructor(expression: string, placeholders: Placeholders) {
    this.#words = expression.match(/<=|>=|<>|[()=<>,]|[#:]?\w+/g) ?? [];
    this.#placeholders = placeholders;
  }

  get next(): string {
    return this.#words[this.#at] ?? '';
  }

  take(expected?: string): string {
    const word = this.next;
    if (word === '' || (expected !== undefined && word !== expected))
      throw new Error(`the model does not understand ${this.#words.join(' ')}`);
    this.#at += 1;
    return word;
  }

  name(): string {
    const word = this.take();
    return word.startsWith('#') ? (this.#placeholders.names?.[word] ?? word) : word;
  }

  /** A value, or what the item has under a name. */
  operand(item: Item): AttributeValue | undefined {
    return this.next.startsWith(':') ? this.#placeholders.values?.[this.take()] : item[this.name()];
  }
}

/** Whether a condition holds for an item (none: the empty one). Knows what the adapters use; throws at anything else. */
export function holds(condition: string | undefined, item: Item | undefined, placeholders: Placeholders = {}): boolean {
  if (condition === undefined) return true;
  const words = new Words(condition, placeholders);
  const result = anyOf(words, item ?? {});
  if (words.next !== '') throw new Error(`the model does not understand ${condition}`);
  return result;
}

function anyOf(words: Words, item: Item): boolean {
  let result = allOf(words, item);
  while (words.next === 'OR') {
    words.take();
    const other = allOf(words, item);
    result ||= other;
  }
  return result;
}

function allOf(words: Words, item: Item): boolean {
  let result = one(words, item);
  while (words.next === 'AND') {
    words.take();
    const other = one(words, item);
    result &&= other;
  }
  return result;
}

function one(words: Words, item: Item): boolean {
  if (words.next === '(') {
    words.take();
    const inner = anyOf(words, item);
    words.take(')');
    return inner;
  }
  if (words.next === 'attribute_exists' || words.next === 'attribute_not_exists') {
    const wanted = words.take() === 'attribute_exists';
    words.take('(');
    const present = words.name() in item;
    words.take(')');
    return present === wanted;
  }
  const left = words.operand(item);
  const operator = words.take();
  return compare(left, operator, words.operand(item));
}

function compare(left: AttributeValue | undefined, operator: string, right: AttributeValue | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const [a, b] = [left.S ?? Number(left.N), right.S ?? Number(right.N)];
  switch (operator) {
    case '=':
      return a === b;
    case '<>':
      return a !== b;
    case '<=':
      return a <= b;
    case '<':
      return a < b;
    default:
      throw new Error(`the model does not understand ${operator}`);
  }
}

/** The item after `SET a = :v, b = if_not_exists(b, :v) REMOVE c`. */
export function updated(item: Item, expression: string, placeholders: Placeholders): Item {
  const words = new Words(expression, placeholders);
  const next: Record<string, AttributeValue> = { ...item };
  while (words.next !== '') {
    const clause = words.take();
    do {
      if (words.next === ',') words.take();
      const name = words.name();
      if (clause === 'REMOVE') {
        Reflect.deleteProperty(next, name);
        continue;
      }
      if (clause !== 'SET') throw new Error(`the model does not understand ${expression}`);
      words.take('=');
      const value = assigned(words, item);
      if (value === undefined) throw new Error(`nothing to set ${name} to in ${expression}`);
      next[name] = value;
    } while (words.next === ',');
  }
  return next;
}

function assigned(words: Words, item: Item): AttributeValue | undefined {
  if (words.next !== 'if_not_exists') return words.operand(item);
  words.take();
  words.take('(');
  const present = item[words.name()];
  words.take(',');
  const otherwise = words.operand(item);
  words.take(')');
  return present ?? otherwise;
}
