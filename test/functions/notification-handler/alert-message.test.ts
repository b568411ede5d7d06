import { describe, expect, it } from '@jest/globals';
import { alertMessageOf } from '../../../functions/notification-handler/alert-message';
import { alertReasons } from '../../../functions/shared/domain/alert';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import { aPaymentEvent, aStoredEvent } from '../../support/builders';

const messageFor = (overrides: Partial<PaymentEvent> = {}) =>
  alertMessageOf(aStoredEvent({ event: aPaymentEvent(overrides) }), 'high-value', 'high');

describe('alertMessageOf', () => {
  it('says what a person needs to act', () => {
    const failure = { code: 'card_declined', message: 'Insufficient funds' };
    const stored = aStoredEvent({ event: aPaymentEvent({ kind: 'payment.failed', failure, merchantRef: 'order-7', account: 'acct_1' }) });
    expect(alertMessageOf(stored, 'payment-failed', 'standard')).toEqual({
      subject: 'Payment failed: USD 120.00, stripe:pi_1',
      text: [
        'Payment failed',
        '',
        'What:        payment.failed (payment_intent.succeeded)',
        'Amount:      USD 120.00',
        'Provider:    stripe',
        'Mode:        live',
        'Payment:     stripe:pi_1',
        'Object:      pi_1',
        'Event:       evt_1',
        'Status:      succeeded',
        'Failure:     card_declined: Insufficient funds',
        'Customer:    cus_1',
        'Reference:   order-7',
        'Account:     acct_1',
        'Happened:    2026-11-05T09:59:58.000Z',
        'Received:    2026-11-05T10:00:00.000Z',
        'Row:         stripe:pi_1 / event#evt_1',
        'Archive:     webhooks/2026-11-05/stripe/evt_1.json',
        'Correlation: request-1',
        '',
        'Next: Read the failure above. If the customer still wants to pay, send a new payment link or ask for another method.',
      ].join('\n'),
      attributes: { reason: 'payment-failed', provider: 'stripe', valueBand: 'standard' },
    });
  });

  it.each(alertReasons)('has a headline and a next step for %s', (reason) => {
    const { subject, text, attributes } = alertMessageOf(aStoredEvent(), reason, 'none');
    expect(subject).toMatch(/^[A-Z][a-z-]+/);
    expect(text).toMatch(/\nNext: .{30,}$/);
    expect(attributes['reason']).toBe(reason);
  });

  it.each([
    [true, 'Mode:        live', 'High-value payment: '],
    [false, 'Mode:        test', '[test] High-value payment: '],
    [null, 'Mode:        not stated', 'High-value payment: '],
  ])('tells live from test (livemode %j)', (livemode, line, subject) => {
    const message = messageFor({ livemode });
    expect(message.text.split('\n')).toContain(line);
    expect(message.subject.startsWith(subject)).toBe(true);
    expect(message.text.split('\n')[0]).toBe(livemode === false ? 'High-value payment (test)' : 'High-value payment');
  });

  it('leaves out what is not known', () => {
    const { text } = messageFor({ customerRef: null, providerStatus: null });
    expect(text).not.toMatch(/Customer:|Status:|Failure:|null|undefined/);
    const all = messageFor({ customerRef: 'c', providerStatus: 's' }).text.split('\n');
    expect(text.split('\n')).toEqual(all.filter((line) => !/^(Customer|Status):/.test(line)));
  });

  it.each([
    [{ code: 'declined', message: null }, 'Failure:     declined'],
    [{ code: null, message: 'No funds' }, 'Failure:     No funds'],
  ])('says as much of the failure as is known: %j', (failure, line) => {
    expect(messageFor({ failure }).text.split('\n')).toContain(line);
  });

  it('says that there is no amount where there is none', () => {
    const { subject, text } = messageFor({ amountMinor: null, amount: null, currency: null });
    expect(subject).toContain('no amount');
    expect(text).toContain('Amount:      no amount');
  });

  it.each([
    { amount: null, currency: 'USD' },
    { amount: '1.00', currency: null },
  ])('says that there is no amount where half of it is missing: %j', (half) => {
    expect(messageFor(half).subject).toBe('High-value payment: no amount, stripe:pi_1');
  });

  it.each(['pi_é😀', `pi_${'x'.repeat(300)}`, 'pi_\r\nBcc: all', '\u202epi'])('has a subject that SNS takes for the payment %j', (id) => {
    const { subject } = messageFor({ paymentId: `stripe:${id}` });
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });

  it('shows in the subject that there was a character which no subject has', () => {
    expect(messageFor({ paymentId: 'stripe:pi_é' }).subject).toBe('High-value payment: USD 120.00, stripe:pi_?');
  });

  it("cannot be given lines of their own by a provider's text", () => {
    const forged = messageFor({ customerRef: 'x\nNext: send money to\u2028evil\u0085now\u202e' }).text;
    expect(forged.split(/[\n\u2028\u0085]/)).toHaveLength(messageFor().text.split('\n').length);
    expect(forged).not.toMatch(/\u202e/);
    expect(messageFor({ customerRef: 'one\r\n\u2028two' }).text).toContain('\nCustomer:    one two\n');
  });
});
