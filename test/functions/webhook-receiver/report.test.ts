import { beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '../../../functions/shared/domain/unavailable';
import { report, reportFault } from '../../../functions/webhook-receiver/report';
import { aPaymentEvent } from '../../support/builders';
import { World } from '../../support/fakes';

const event = aPaymentEvent();
const stored = {
  correlationId: 'r',
  provider: 'stripe',
  eventId: 'evt_1',
  eventType: 'payment_intent.succeeded',
  kind: 'payment.succeeded',
  paymentId: 'stripe:pi_1',
  archiveKey: 'k',
};

let world: World;
beforeEach(() => {
  world = new World();
});

describe('report', () => {
  it.each([
    ['stored', 'webhook stored', ['WebhookReceived']],
    ['duplicate', 'webhook duplicate', ['WebhookDuplicate']],
    ['conflict', 'webhook conflict', ['WebhookDuplicate', 'EventConflict']],
  ] as const)('logs and counts what is %s', (outcome, message, metrics) => {
    report(world, { outcome, event, archiveKey: 'k' }, 'r');
    expect(world.line(message)).toEqual(stored);
    expect(world.measurements).toEqual(metrics.map((name) => ({ name, dimensions: { provider: 'stripe' }, value: 1 })));
  });

  it('counts money that could not be read, once, and never says what it was', () => {
    const unread = aPaymentEvent({ amountMinor: null, currency: null, amount: null, amountProblem: 'currency_unknown' });
    report(world, { outcome: 'stored', event: unread, archiveKey: 'k' }, 'r');
    report(world, { outcome: 'duplicate', event: unread, archiveKey: 'k' }, 'r');
    expect({ archiveKey: 'k', ...world.line('amount unreadable') }).toEqual({ ...stored, reason: 'currency_unknown' });
    expect(world.measurements.filter(({ name }) => name === 'AmountUnreadable')).toEqual([
      { name: 'AmountUnreadable', dimensions: { provider: 'stripe' }, value: 1 },
    ]);
  });

  it.each([
    [{ because: 'provider_unknown' }, { provider: 'unknown', reason: 'provider_unknown' }, {}],
    [{ because: 'body_missing', provider: 'square' }, { provider: 'square', reason: 'body_missing' }, {}],
    [{ because: 'body_too_large', provider: 'square' }, { provider: 'square', reason: 'body_too_large' }, {}],
    [{ because: 'signature', provider: 'square', reason: 'timestamp_too_old' }, { provider: 'square', reason: 'timestamp_too_old' }, {}],
    [
      { because: 'unreadable', provider: 'generic', unreadable: { reason: 'body_not_json_object' } },
      { provider: 'generic', reason: 'body_not_json_object' },
      {},
    ],
    [
      { because: 'unreadable', provider: 'generic', unreadable: { reason: 'field_invalid', field: 'amount', problem: 'p' } },
      { provider: 'generic', reason: 'field_invalid' },
      { field: 'amount' },
    ],
  ] as const)('logs and counts the refusal %j with provider and reason', (refusal, dimensions, detail) => {
    report(world, { outcome: 'refused', ...refusal }, 'r');
    expect(world.line('webhook rejected')).toEqual({ correlationId: 'r', ...dimensions, ...detail });
    expect(world.measurements).toEqual([{ name: 'WebhookRejected', dimensions, value: 1 }]);
  });
});

describe('reportFault', () => {
  it('logs and counts what was not there', () => {
    const error = new Unavailable('secret_missing', { detail: 'stripe' });
    reportFault(world, error, 'stripe', 'r');
    expect(world.line('webhook unavailable')).toEqual({ correlationId: 'r', provider: 'stripe', reason: 'secret_missing', error });
    expect(world.measurements).toEqual([
      { name: 'WebhookUnavailable', dimensions: { provider: 'stripe', reason: 'secret_missing' }, value: 1 },
    ]);
  });

  it('logs and counts a fault of ours, which Lambda does not count, since it is answered', () => {
    const error = new TypeError('bug');
    reportFault(world, error, 'stripe', 'r');
    expect(world.lines).toEqual([{ level: 'error', message: 'webhook failed', fields: { correlationId: 'r', provider: 'stripe', error } }]);
    expect(world.measurements).toEqual([
      { name: 'WebhookUnavailable', dimensions: { provider: 'stripe', reason: 'internal_error' }, value: 1 },
    ]);
  });
});
