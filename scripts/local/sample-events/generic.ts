import { randomId, type Catalogue, type Sample } from './sample';

export const genericSamples: Catalogue = {
  'payment.succeeded': payment('a payment went through', 'succeeded', 'payment.succeeded'),
  'payment.failed': payment('a payment was declined', 'failed', 'payment.failed'),
  'payment.pending': payment('a payment is under way', 'pending', 'payment.pending'),
  'payment.canceled': payment('a payment was canceled', 'canceled', 'payment.canceled'),
  'refund.succeeded': payment('a refund went through', 'refunded', 'refund.succeeded'),
};

function payment(about: string, status: string, eventType: string): Sample {
  return {
    about,
    body: ({ amount, currency, payment: paymentId, now }) => ({
      eventId: randomId('evt-', 16),
      eventType,
      paymentId: paymentId ?? randomId('pay-', 12),
      amount,
      currency,
      status,
      provider: 'bank-transfer',
      timestamp: now.toISOString(),
    }),
  };
}
