import { describe, expect, it } from '@jest/globals';
import { isAbout } from '../../../scripts/ops/customer-messages';
import { aBusEvent, aPaymentEvent, aProcessingMessage } from '../../support/builders';

const wanted = { customer: { ref: 'cus_1', provider: undefined }, payments: new Set(['stripe:pi_1']) };
const alert = (...lines: readonly string[]) => ['Payment failed', '', ...lines].join('\n');
const notification = (text: string) => JSON.stringify({ Type: 'Notification', Message: text });

describe('a message is about the customer', () => {
  it.each<[string, string]>([
    ['in a processing message', JSON.stringify(aProcessingMessage())],
    ['in an event of the bus', JSON.stringify(aBusEvent({ ...aPaymentEvent() }))],
    ['in a message inside a message', JSON.stringify({ requestPayload: JSON.stringify([aProcessingMessage()]) })],
    [
      'as the object of an event',
      JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ kind: 'other', customerRef: null, objectId: 'cus_1' }) })),
    ],
    ['by a payment of its own', JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ customerRef: null }) }))],
    ['in an alert', notification(alert('Provider:    stripe', 'Payment:     stripe:pi_9', 'Customer:    cus_1'))],
    ['in an alert about its payment', notification(alert('Provider:    stripe', 'Payment:     stripe:pi_1'))],
    ['in an alert without its envelope', alert('Provider:    stripe', 'Customer:    cus_1')],
    ['anywhere in what cannot be read', '{"customerRef":"cus_1"'],
  ])('%s', (_where, body) => {
    expect(isAbout(wanted, body)).toBe(true);
  });

  it.each<[string, string]>([
    ['that names another', JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ customerRef: 'cus_11' }) }))],
    [
      'of another payment that names nobody',
      JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ customerRef: null, paymentId: 'stripe:pi_2' }) })),
    ],
    [
      'that has the reference as a payment',
      JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ customerRef: null, objectId: 'cus_1', paymentId: 'stripe:x' }) })),
    ],
    ['that alerts about another', notification(alert('Provider:    stripe', 'Payment:     stripe:pi_1', 'Customer:    cus_11'))],
    ['that names a row only', JSON.stringify({ reason: 'x', keys: { paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' } })],
    ['that is empty', ''],
  ])('but none %s', (_which, body) => {
    expect(isAbout(wanted, body)).toBe(false);
  });

  it('only at the provider that was named', () => {
    const square = { ...wanted, customer: { ref: 'cus_1', provider: 'square' } };
    for (const body of [JSON.stringify(aProcessingMessage()), notification(alert('Provider:    stripe', 'Customer:    cus_1'))])
      expect(isAbout(square, body)).toBe(false);
  });
});
