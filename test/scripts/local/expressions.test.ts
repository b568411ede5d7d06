import { describe, expect, it } from '@jest/globals';
import { resolveValue, UnresolvableExpression, type Lookup } from '../../../scripts/local/expressions';
import { textAt, type Json } from '../../../scripts/local/json';

const known: Readonly<Record<string, Json>> = {
  'aws_sqs_queue.work.arn': 'arn:aws:sqs:r:a:work',
  'aws_vpc.main.subnets': [{ id: 'one' }, { id: 'two' }],
  'aws_ssm_parameter.limit.version': 7,
};

const lookup: Lookup = (path) => {
  const value = known[path.slice(0, 3).join('.')];
  return value === undefined ? Promise.reject(new Error(`no ${path.join('.')}`)) : Promise.resolve({ value, steps: 3 });
};

const resolve = (value: Json): Promise<Json> => resolveValue(value, lookup);

describe('resolveValue', () => {
  it.each<[string, Json, Json]>([
    ['leaves plain text alone', 'plain', 'plain'],
    ['gives a lone expression its own type', '${aws_ssm_parameter.limit.version}', 7],
    ['puts an expression into a text', 'v${aws_ssm_parameter.limit.version}!', 'v7!'],
    ['reads an index', '${aws_vpc.main.subnets[1].id}', 'two'],
    ['reads a quoted key', '${aws_vpc.main.subnets[0]["id"]}', 'one'],
    ['keeps an escaped expression', 'a $${b} c', 'a ${b} c'],
    ['joins a list', '${join("-", ["a", aws_sqs_queue.work.arn])}', 'a-arn:aws:sqs:r:a:work'],
    ['takes an element', '${element(aws_vpc.main.subnets, 3).id}', 'two'],
    ['interpolates inside a quoted text', '${join("", ["<${aws_ssm_parameter.limit.version}>"])}', '<7>'],
    ['looks into lists and objects', { list: ['${aws_sqs_queue.work.arn}'] }, { list: ['arn:aws:sqs:r:a:work'] }],
  ])('%s', async (_what, value, expected) => {
    expect(await resolve(value)).toEqual(expected);
  });

  it('encodes JSON with references in it', async () => {
    const text = await resolve('${jsonencode({"queue" = aws_sqs_queue.work.arn, "tries": 5, list = [true, null]})}');
    expect(JSON.parse(textAt(text))).toEqual({ queue: 'arn:aws:sqs:r:a:work', tries: 5, list: [true, null] });
  });

  it('resolves references inside policy text', async () => {
    const text = await resolve('{"Resource":"${aws_sqs_queue.work.arn}","Quote":"\\"${aws_ssm_parameter.limit.version}\\""}');
    expect(text).toBe('{"Resource":"arn:aws:sqs:r:a:work","Quote":"\\"7\\""}');
  });

  it.each([
    ['an unknown reference', '${aws_sqs_queue.other.arn}', /aws_sqs_queue\.other\.arn/],
    ['an unknown attribute', '${aws_vpc.main.subnets[0].colour}', /colour/],
    ['an unknown function', '${cidrsubnet("10.0.0.0/8", 8, 1)}', /cidrsubnet/],
    ['an operator', '${1 + 2}', /\+ 2/],
    ['a directive', '%{ if true }x%{ endif }', /directive/],
    ['an object in a text', 'x${aws_vpc.main.subnets}', /a list does not go into a text/],
    ['an open expression', '${aws_sqs_queue.work.arn', /expected/],
  ])('names the expression of %s', async (_what, value, problem) => {
    const failure = await resolve(value).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnresolvableExpression);
    expect(String(failure)).toContain(value);
    expect(String(failure)).toMatch(problem);
  });
});
