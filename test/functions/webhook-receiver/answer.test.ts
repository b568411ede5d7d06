import { describe, expect, it } from '@jest/globals';
import { Unavailable, unavailableReasons } from '../../../functions/shared/domain/unavailable';
import { signatureRejections } from '../../../functions/shared/domain/webhook';
import { answerOf, answerToFault } from '../../../functions/webhook-receiver/answer';
import { aPaymentEvent } from '../../support/builders';

const event = aPaymentEvent();

describe('answerOf', () => {
  it.each([
    ['stored', false],
    ['duplicate', true],
    ['conflict', true],
  ] as const)('answers 200 to what is %s', (outcome, duplicate) => {
    expect(answerOf({ outcome, event, archiveKey: 'k' })).toEqual({
      statusCode: 200,
      body: { message: 'Webhook received', paymentId: 'stripe:pi_1', eventId: 'evt_1', duplicate },
    });
  });

  it.each(signatureRejections)('answers 401 with the same words to %s', (reason) => {
    expect(answerOf({ outcome: 'refused', because: 'signature', provider: 'stripe', reason })).toEqual({
      statusCode: 401,
      body: { error: 'Invalid signature' },
    });
  });

  it.each([
    [{ because: 'provider_unknown' }, 404, 'Unknown provider'],
    [{ because: 'body_too_large', provider: 'stripe' }, 413, 'Body too large'],
    [{ because: 'body_missing', provider: 'stripe' }, 400, 'Body is missing'],
    [{ because: 'unreadable', provider: 'stripe', unreadable: { reason: 'body_not_json_object' } }, 400, 'Body is not a JSON object'],
    [
      { because: 'unreadable', provider: 'g', unreadable: { reason: 'field_missing', field: 'amount', problem: 'p' } },
      400,
      'amount is missing',
    ],
    [
      { because: 'unreadable', provider: 'g', unreadable: { reason: 'field_invalid', field: 'amount', problem: 'not a decimal' } },
      400,
      'amount: not a decimal',
    ],
  ] as const)('answers %j with %i', (refusal, statusCode, error) => {
    expect(answerOf({ outcome: 'refused', ...refusal })).toEqual({ statusCode, body: { error } });
  });
});

describe('answerToFault', () => {
  it.each(unavailableReasons)('answers %s with 503 and when to come again, and does not say what it was', (reason) => {
    const answer = answerToFault(new Unavailable(reason, { detail: 'stripe' }));
    expect(answer).toEqual({ statusCode: 503, body: { error: 'Service unavailable' }, headers: { 'retry-after': '30' } });
  });

  it.each([new Error('stack and secrets'), 'text', undefined])('answers %j with 500 and nothing else', (fault) => {
    expect(answerToFault(fault)).toEqual({ statusCode: 500, body: { error: 'Internal error' } });
  });
});
