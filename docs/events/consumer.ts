import type { PaymentEventDetail, PaymentEventEnvelope } from 'payment-webhooks/events';

/** Keeps the events that were handled; a table with a conditional put, where it is real. Answers false when it had the key before. */
export type Once = (key: string) => Promise<boolean>;

/** A function that a subscriber's rule invokes. Delivery is at least once and in any order, so it asks first and acts second. */
export function orderPaid(once: Once, pay: (order: string, event: PaymentEventDetail) => Promise<void>) {
  return async ({ detail: event }: PaymentEventEnvelope): Promise<'paid' | 'ignored' | 'duplicate'> => {
    if (event.kind !== 'payment.succeeded' || event.livemode === false || event.merchantRef === null) return 'ignored';
    if (event.amountMinor === null || event.currency === null) throw new Error(`${event.eventKey}: the amount is not known, see the archive`);
    if (!(await once(`${event.paymentId}|${event.eventKey}`))) return 'duplicate';
    await pay(event.merchantRef, event);
    return 'paid';
  };
}
