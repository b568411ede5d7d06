import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { isoTime, listedEvent, readAnswer, withinWindow } from '../../../../functions/shared/providers/events-api';

const schema = v.object({ kind: v.literal('list'), size: v.optional(v.pipe(v.number(), v.safeInteger()), 0) });

describe('readAnswer', () => {
  it('gives what the schema reads', () => {
    expect(readAnswer(schema, '{"kind":"list","size":2,"more":1}')).toEqual({ ok: true, value: { kind: 'list', size: 2 } });
  });

  it.each([
    ['', 'the answer is no JSON object'],
    ['[]', 'the answer is no JSON object'],
    ['{}', "the answer's kind is missing"],
    ['{"kind":"secret"}', 'the answer\'s kind is not "list"'],
    ['{"kind":"list","size":1.5}', "the answer's size is not safe_integer"],
  ])('says of %j what it is not, and shows none of it', (answer, problem) => {
    expect(readAnswer(schema, answer)).toEqual({ ok: false, problem });
  });
});

describe('withinWindow', () => {
  const window = { fromMs: 100_000, untilMs: 200_000 };
  const within = (...times: readonly (number | undefined)[]) => withinWindow(times, (time) => time, window);
  const elsewhere = { ok: false, problem: 'the answer has events of another time than was asked for alone' };

  it('keeps what is of its time, and leaves the younger for the next', () => {
    expect(within(100_000, 199_999, 200_000, 250_000)).toEqual({ ok: true, value: [100_000, 199_999] });
  });

  it('keeps the older on a page that has one of its time: lists cut seconds', () => {
    expect(within(150_000, 10)).toEqual({ ok: true, value: [150_000, 10] });
  });

  it('keeps what has no readable time', () => {
    expect(within(undefined)).toEqual({ ok: true, value: [undefined] });
    expect(within()).toEqual({ ok: true, value: [] });
  });

  it.each([
    [98_000, [98_000]],
    [201_999, []],
  ])('takes a page of nothing but %i, two seconds beside it', (time, value) => {
    expect(within(time)).toEqual({ ok: true, value });
  });

  it.each([97_999, 202_000])('refuses a page of nothing but %i', (time) => {
    expect(within(time, time)).toEqual(elsewhere);
  });
});

describe('listedEvent', () => {
  it('is the body and the headers that a webhook would have had', () => {
    expect(listedEvent({ id: 'e' }, { 'square-environment': ['sandbox'] })).toEqual({
      body: Buffer.from('{"id":"e"}'),
      headers: { 'content-type': ['application/json'], 'square-environment': ['sandbox'] },
    });
    expect(isoTime(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123Z');
  });
});
