import { describe, expect, it } from '@jest/globals';
import { compilePattern, parsePattern, PatternError } from '../../../../scripts/local/aws/event-pattern';

const instance = {
  id: '1',
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  resources: ['arn:aws:ec2:us-east-1:111122223333:instance/i-abcd1111', 'arn:aws:autoscaling:group/one'],
  detail: {
    state: 'running',
    region: 'us-east-1',
    file: 'logs/app.png',
    path: 'dir/lib/file.txt',
    count: 5,
    limit: 300.0,
    price: -12.5,
    ok: true,
    nothing: null,
    empty: '',
    none: [],
    star: 'a*b\\c',
    nested: { status: 'deep' },
    tags: ['red', 'green'],
    matrix: [['a', 'b'], ['c']],
    items: [
      { sku: 'one', price: 10 },
      { sku: 'two', price: 20 },
    ],
  },
};

// [what it shows, pattern of the detail, whether it matches]; after the pages of AWS's documentation and its Ruler.
const table: [string, unknown, boolean][] = [
  ['an exact string', { state: ['running'] }, true],
  ['letter case', { state: ['Running'] }, false],
  ['any of a list', { state: ['stopped', 'running'] }, true],
  ['all of the fields', { state: ['running'], region: ['eu-west-1'] }, false],
  ['a number', { count: [5] }, true],
  ['a number as text', { count: ['5'] }, false],
  ['a number in another notation', { limit: [3.0e2] }, true],
  ['a boolean', { ok: [true] }, true],
  ['a boolean as text', { ok: ['true'] }, false],
  ['null', { nothing: [null] }, true],
  ['null where the field is missing', { missing: [null] }, false],
  ['the empty string', { empty: [''] }, true],
  ['the empty string is not null', { nothing: [''] }, false],
  ['a nested field', { nested: { status: ['deep'] } }, true],
  ['a nested field with dots', { 'nested.status': ['deep'] }, true],
  ['an array of the event', { tags: ['green'] }, true],
  ['an array without it', { tags: ['blue'] }, false],
  ['an array in an array', { matrix: ['c'] }, true],
  ['an empty array', { none: [null] }, false],
  ['prefix', { region: [{ prefix: 'us-' }] }, true],
  ['prefix on a number', { count: [{ prefix: '5' }] }, false],
  ['prefix without case', { region: [{ prefix: { 'equals-ignore-case': 'US-' } }] }, true],
  ['suffix', { file: [{ suffix: '.png' }] }, true],
  ['suffix without case', { file: [{ suffix: { 'equals-ignore-case': '.PNG' } }] }, true],
  ['another suffix', { file: [{ suffix: '.jpg' }] }, false],
  ['equals-ignore-case', { state: [{ 'equals-ignore-case': 'RUNNING' }] }, true],
  ['equals-ignore-case of the empty string', { empty: [{ 'equals-ignore-case': '' }] }, true],
  ['wildcard', { path: [{ wildcard: 'dir/*/file.*' }] }, true],
  ['wildcard over the whole value', { path: [{ wildcard: 'lib/*' }] }, false],
  ['wildcard with a dot', { state: [{ wildcard: 'r.nning' }] }, false],
  ['wildcard with escapes', { star: [{ wildcard: 'a\\*b\\\\c' }] }, true],
  ['anything-but', { state: [{ 'anything-but': 'stopped' }] }, true],
  ['anything-but the value', { state: [{ 'anything-but': 'running' }] }, false],
  ['anything-but a list', { state: [{ 'anything-but': ['stopped', 'running'] }] }, false],
  ['anything-but numbers', { count: [{ 'anything-but': [1, 2] }] }, true],
  ['anything-but on a missing field', { missing: [{ 'anything-but': 'x' }] }, false],
  ['anything-but on null', { nothing: [{ 'anything-but': 'x' }] }, true],
  ['anything-but on an array with another value', { tags: [{ 'anything-but': 'red' }] }, true],
  ['anything-but prefix', { region: [{ 'anything-but': { prefix: 'us-' } }] }, false],
  ['anything-but a list of prefixes', { region: [{ 'anything-but': { prefix: ['eu-', 'ap-'] } }] }, true],
  ['anything-but prefix on a number', { count: [{ 'anything-but': { prefix: 'x' } }] }, true],
  ['anything-but suffix', { file: [{ 'anything-but': { suffix: '.png' } }] }, false],
  ['anything-but a list of suffixes', { file: [{ 'anything-but': { suffix: ['.txt', '.rtf'] } }] }, true],
  ['anything-but without case', { state: [{ 'anything-but': { 'equals-ignore-case': 'RUNNING' } }] }, false],
  ['anything-but a list without case', { state: [{ 'anything-but': { 'equals-ignore-case': ['A', 'B'] } }] }, true],
  ['anything-but wildcard', { path: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, false],
  ['anything-but a list of wildcards', { path: [{ 'anything-but': { wildcard: ['*/bin/*', '*.jpg'] } }] }, true],
  ['numeric range', { count: [{ numeric: ['>', 0, '<=', 5] }] }, true],
  ['numeric lower bound', { count: [{ numeric: ['>', 5] }] }, false],
  ['numeric upper bound', { price: [{ numeric: ['<', 0] }] }, true],
  ['numeric equality', { limit: [{ numeric: ['=', 3e2] }] }, true],
  ['numeric on text', { state: [{ numeric: ['>', 0] }] }, false],
  ['exists', { state: [{ exists: true }] }, true],
  ['exists on null', { nothing: [{ exists: true }] }, true],
  ['exists on an object, which is no leaf', { nested: [{ exists: true }] }, false],
  ['exists on an empty array', { none: [{ exists: true }] }, false],
  ['exists false', { missing: [{ exists: false }] }, true],
  ['exists false on a field that is there', { state: [{ exists: false }] }, false],
  ['exists false or a value', { missing: [{ exists: false }, 'x'] }, true],
  ['$or, the second side', { $or: [{ state: ['stopped'] }, { count: [{ numeric: ['>', 1] }] }] }, true],
  ['$or, neither side', { $or: [{ state: ['stopped'] }, { count: [1] }] }, false],
  ['$or and another field', { region: ['eu-west-1'], $or: [{ state: ['running'] }, { count: [5] }] }, false],
  ['$or in a nested object', { nested: { $or: [{ status: ['x'] }, { status: ['deep'] }] } }, true],
  ['fields of one array element', { items: { sku: ['two'], price: [20] } }, true],
  ['fields of two array elements', { items: { sku: ['one'], price: [20] } }, false],
];

const refused: [string, unknown, RegExp][] = [
  ['a value that is not in an array', { state: 'running' }, /must be an object or an array/],
  ['an empty array', { state: [] }, /Empty arrays/],
  ['an empty object', { state: {} }, /Empty objects/],
  ['an empty pattern', {}, /Empty objects/],
  ['an array in an array', { state: [['a']] }, /Match value must be/],
  ['an unknown operator', { state: [{ contains: 'a' }] }, /Unrecognized match type contains/],
  ['two operators', { state: [{ prefix: 'a', suffix: 'b' }] }, /Only one key/],
  ['a prefix that is a number', { state: [{ prefix: 1 }] }, /must be a string/],
  ['equals-ignore-case with a list', { state: [{ 'equals-ignore-case': ['a'] }] }, /must be a string/],
  ['exists with text', { state: [{ exists: 'true' }] }, /true or false/],
  ['numeric without a number', { count: [{ numeric: ['>', '5'] }] }, /must be a number/],
  ['numeric beyond its range', { count: [{ numeric: ['>', 6e9] }] }, /5\.0e9/],
  ['numeric with an upper bound first', { count: [{ numeric: ['<', 5, '>', 1] }] }, /Too many elements/],
  ['numeric with an empty range', { count: [{ numeric: ['>', 5, '<', 5] }] }, /Bottom/],
  ['numeric with an unknown comparison', { count: [{ numeric: ['!=', 5] }] }, /Unrecognized numeric/],
  ['anything-but null', { state: [{ 'anything-but': null }] }, /anything-but/],
  ['anything-but a mixed list', { state: [{ 'anything-but': ['a', 1] }] }, /anything-but/],
  ['anything-but an empty list', { state: [{ 'anything-but': [] }] }, /anything-but/],
  ['anything-but an empty prefix', { state: [{ 'anything-but': { prefix: '' } }] }, /Null prefix/],
  ['anything-but prefix without case', { state: [{ 'anything-but': { prefix: { 'equals-ignore-case': 'a' } } }] }, /must be a string/],
  ['two stars', { state: [{ wildcard: 'a**b' }] }, /Consecutive/],
  ['another escape', { state: [{ wildcard: 'a\\nb' }] }, /escape/],
  ['$or with one side', { $or: [{ state: ['a'] }] }, /at least two/],
  ['cidr, which is not known here', { ip: [{ cidr: '10.0.0.0/24' }] }, /does not know the match type cidr/],
];

describe('event patterns', () => {
  it.each(table)('%s', (_name, detail, expected) => {
    expect(compilePattern({ detail })(instance)).toBe(expected);
  });

  it('match fields of the envelope', () => {
    expect(compilePattern({ source: ['aws.ec2'], resources: [{ prefix: 'arn:aws:autoscaling' }] })(instance)).toBe(true);
    expect(compilePattern({ source: [{ prefix: 'payment' }] })(instance)).toBe(false);
  });

  it.each(refused)('refuse %s', (_name, detail, message) => {
    expect(() => compilePattern({ detail })).toThrow(PatternError);
    expect(() => compilePattern({ detail })).toThrow(message);
  });

  it('refuse what is not JSON or not an object', () => {
    expect(() => parsePattern('{')).toThrow(PatternError);
    expect(() => parsePattern('[]')).toThrow(PatternError);
  });

  it('refuse more than a thousand combinations of $or', () => {
    const choices = Array.from({ length: 11 }, (_, index) => ({ [`a${index}`]: [1] }));
    expect(() => compilePattern({ one: { $or: choices }, two: { $or: choices } })).not.toThrow();
    expect(() => compilePattern({ one: { $or: choices }, two: { $or: choices }, three: { $or: choices } })).toThrow(/too complex/);
  });

  it('never match a number beyond five billion', () => {
    const pattern = compilePattern({ detail: { amount: [{ numeric: ['>', 0] }] } });
    expect(pattern({ detail: { amount: 5e9 } })).toBe(true);
    expect(pattern({ detail: { amount: 5e9 + 1 } })).toBe(false);
  });
});
