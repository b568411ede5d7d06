import { describe, expect, it } from '@jest/globals';
import { compilePattern } from '../../scripts/local/aws/event-pattern';
import { eventFields } from '../../stacks/event-fields';
import { findPatternProblem } from '../../stacks/event-pattern';

const fields = eventFields();
const sentence = (pattern: unknown): string | undefined => {
  const found = findPatternProblem(pattern, fields);
  return found === undefined ? undefined : `${found.path} ${found.problem}`.trim();
};

const good: readonly unknown[] = [
  {},
  { kind: ['payment.succeeded', 'refund.succeeded'], valueBand: ['high'] },
  { kind: [{ prefix: 'dispute.' }] },
  { kind: [{ suffix: '.failed' }, { 'equals-ignore-case': 'OTHER' }] },
  { kind: [{ 'anything-but': ['other', 'payment.pending'] }] },
  { kind: [{ 'anything-but': { prefix: 'payout.' } }] },
  { paymentId: [{ wildcard: 'stripe:pi_*' }], eventId: [{ prefix: { 'equals-ignore-case': 'EVT' } }] },
  { amountMinor: [{ numeric: ['>', 0, '<=', 5_000_000_000] }], currency: ['USD', null] },
  { amountMinor: [4990, null] },
  { livemode: [true, null], needsFetch: [false] },
  { amountProblem: [{ exists: true }], failure: { code: ['card_declined'], message: [{ exists: true }] } },
  { failure: [null] },
  { $or: [{ kind: ['payment.failed'] }, { valueBand: ['high'], provider: ['stripe'] }] },
  { schemaVersion: [1] },
];

const bad: readonly (readonly [unknown, string])[] = [
  [{ kindd: ['other'] }, 'kindd is not a field of the event; did you mean "kind"?'],
  [{ valueband: ['high'] }, 'valueband is not a field of the event; did you mean "valueBand"?'],
  [{ colour: ['red'] }, 'colour is not a field of the event: schemaVersion, provider, eventId'],
  [{ 'failure.code': ['x'] }, 'failure.code is not a field of the event'],
  [{ failure: { cod: ['x'] } }, 'failure.cod is not a field of the event; did you mean "code"?'],
  [{ kind: 'other' }, 'kind is "other"; EventBridge wants a list, such as ["other"]'],
  [{ kind: [] }, 'kind is an empty list, which matches nothing'],
  [{ kind: ['payment.succeded'] }, 'kind[0] is "payment.succeded", which the field never is; did you mean "payment.succeeded"?'],
  [{ valueBand: ['high', 'huge'] }, 'valueBand[1] is "huge", which the field never is: high, standard, none'],
  [{ kind: [{ prefix: 'charge.' }] }, 'kind[0] has prefix "charge.", which none of the field\'s words has: payment.pending'],
  [{ kind: [null] }, 'kind[0] is null, and the field is string'],
  [{ amountMinor: ['4990'] }, 'amountMinor[0] is "4990", and the field is number or null'],
  [{ amountMinor: [6_000_000_000] }, 'amountMinor[0] is a number beyond 5,000,000,000'],
  [{ amountMinor: [{ numeric: ['>', 6_000_000_000] }] }, 'amountMinor[0] is a number beyond 5,000,000,000'],
  [{ amountMinor: [{ numeric: ['>', '1'] }] }, 'amountMinor[0] has numeric with a bound that is no number'],
  [{ amountMinor: [{ numeric: ['~', 1] }] }, 'amountMinor[0] has numeric with something else than = < <= > >='],
  [{ amountMinor: [{ numeric: ['<', 1, '>', 0] }] }, 'amountMinor[0] has numeric with two comparisons that are no range'],
  [{ amountMinor: [{ numeric: ['>', 5, '<', 5] }] }, 'amountMinor[0] has numeric with a range that is empty'],
  [{ amountMinor: [{ numeric: [] }] }, 'amountMinor[0] has numeric without one or two comparisons'],
  [{ amountMinor: [{ prefix: '4' }] }, 'amountMinor[0] has prefix, and the field is number or null'],
  [{ amount: [{ numeric: ['>', 1] }] }, 'amount[0] has numeric, and the field is string or null'],
  [{ livemode: ['true'] }, 'livemode[0] is "true", and the field is boolean or null'],
  [{ livemode: { deep: [true] } }, 'livemode has no fields of its own: write a list of values'],
  [{ kind: [{ exists: false }] }, 'kind[0] never matches: every event has this field'],
  [{ kind: [{ exists: 'yes' }] }, 'kind[0] has exists with neither true nor false'],
  [{ kind: [{ prefx: 'payment' }] }, 'kind[0] has the operator "prefx", which EventBridge does not know; did you mean "prefix"?'],
  [{ provider: [{ cidr: '10.0.0.0/8' }] }, 'provider[0] has the operator "cidr", which is for IP addresses: prefix, suffix'],
  [{ kind: [{ prefix: 'payment.', suffix: '.failed' }] }, 'kind[0] is neither a value nor one operator'],
  [{ kind: [['other']] }, 'kind[0] is neither a value nor one operator'],
  [{ eventId: [{ wildcard: 'a**b' }] }, 'eventId[0] has two wildcards in a row, which EventBridge refuses'],
  [{ eventId: [{ wildcard: 'a\\b' }] }, 'eventId[0] has a backslash that escapes neither * nor \\'],
  [{ eventId: [{ prefix: '' }] }, 'eventId[0] has prefix without a text'],
  [{ eventId: [{ 'anything-but': [] }] }, 'eventId[0] has anything-but without texts or without numbers'],
  [{ eventId: [{ 'anything-but': ['a', 1] }] }, 'eventId[0] has anything-but without texts or without numbers'],
  [{ eventId: [{ 'anything-but': { exists: true } }] }, 'eventId[0] has anything-but with {"exists":true}'],
  [{ $or: [{ kind: ['other'] }] }, '$or is not a list of two or more patterns'],
  [{ $or: [{ kind: ['other'] }, { kindd: ['other'] }] }, '$or[1].kindd is not a field of the event; did you mean "kind"?'],
  [{ failure: {} }, 'failure asks for nothing; leave it out'],
  [['kind'], 'is not an object of fields'],
  [null, 'is not an object of fields'],
];

describe('a pattern of the event', () => {
  it.each(good)('may be %j, and EventBridge takes it', (pattern) => {
    expect(sentence(pattern)).toBeUndefined();
    // Without conditions there is no detail in the rule at all.
    if (JSON.stringify(pattern) !== '{}') expect(() => compilePattern(pattern)).not.toThrow();
  });

  it.each(bad)('may not be %j', (pattern, message) => {
    expect(sentence(pattern)?.slice(0, message.length)).toBe(message);
  });

  it('may not have more combinations than EventBridge takes', () => {
    const many = (count: number) => ({ $or: Array.from({ length: count }, (_, index) => ({ code: [`c${index}`] })) });
    const manyEvents = Array.from({ length: 40 }, (_, index) => ({ eventId: [`e${index}`] }));
    expect(sentence({ $or: manyEvents, failure: many(26) })).toBe('has 1040 combinations of $or; at most 1000');
    expect(sentence({ $or: manyEvents, failure: many(25) })).toBeUndefined();
  });
});
