import { describe, expect, it } from '@jest/globals';
import { booleanAt, listAt, objectAt, parseJsonObject, textAt, valueAt } from '../../../../functions/shared/providers/json';

const value: unknown = JSON.parse(
  '{"a":{"b":[{"c":"x"}]},"__proto__":{"polluted":"own"},"n":5,"blank":" ","t":true,"big":12345678901234567890}',
);

describe('reading JSON of unknown shape', () => {
  it('walks objects and lists', () => {
    expect(textAt(value, 'a', 'b', 0, 'c')).toBe('x');
    expect(objectAt(value, 'a', 'b', 0)).toEqual({ c: 'x' });
    expect(listAt(value, 'a', 'b')).toHaveLength(1);
    expect(booleanAt(value, 't')).toBe(true);
  });

  it('ends quietly where the path does', () => {
    expect(valueAt(value, 'n', 'x')).toBeUndefined();
    expect(textAt(value, 'a', 'b', 1, 'c')).toBeNull();
    expect(objectAt(value, 'a', 'b')).toBeUndefined();
    expect(listAt(value, 'a')).toEqual([]);
    expect(booleanAt(value, 'n')).toBeNull();
    expect(textAt(null, 'a')).toBeNull();
  });

  it('sees own properties only', () => {
    expect(valueAt(value, 'constructor')).toBeUndefined();
    expect(textAt(value, 'polluted')).toBeNull();
    expect(textAt(value, '__proto__', 'polluted')).toBe('own');
    expect(textAt('text', 'length')).toBeNull();
  });

  it('takes a whole number for its digits, and nothing else that is no text', () => {
    expect(textAt(value, 'n')).toBe('5');
    expect([textAt(value, 'blank'), textAt(value, 't'), textAt(value, 'a'), textAt(value, 'big')]).toEqual([null, null, null, null]);
  });

  it('does not take a list or a broken text for an object', () => {
    expect(parseJsonObject(Buffer.from('[]'))).toBeUndefined();
    expect(parseJsonObject(Buffer.from('{'))).toBeUndefined();
    expect(parseJsonObject(Buffer.from('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });
});
