import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { oneOrMore, readSecret, secretText } from '../../../../functions/shared/providers/secret';

const schema = v.object({ keys: oneOrMore(secretText) }, 'must be an object');

describe('readSecret', () => {
  it('gives what the schema reads, and leaves the rest alone', () => {
    expect(readSecret(schema, '{"keys":["a b"],"other":1}')).toEqual({ ok: true, secret: { keys: ['a b'] } });
  });

  it.each([
    ['', 'the secret is not JSON'],
    ['{"keys":["hunter2"]', 'the secret is not JSON'],
    ['null', 'the secret must be an object'],
    ['{}', 'keys is missing'],
    ['{"keys":"hunter2"}', 'keys must be a list'],
    ['{"keys":[]}', 'keys must have at least one entry'],
    ['{"keys":[7]}', 'keys.0 must be a string'],
    ['{"keys":["a",""]}', 'keys.1 must not be empty'],
    ['{"keys":["  "]}', 'keys.0 must not be empty'],
    ['{"keys":[" hunter2"]}', 'keys.0 must not begin or end with white space'],
    ['{"keys":["hunter2\\n"]}', 'keys.0 must not begin or end with white space'],
  ])('says of %j what is wrong, and shows no value', (json, problem) => {
    expect(readSecret(schema, json)).toEqual({ ok: false, problem });
  });
});
