import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { PaymentEvent } from '../../functions/shared/domain/payment-event';
import type { PublishedEvent } from '../../functions/shared/domain/published-event';
import type { EventRecord, ProcessingMessage, StoredEvent } from '../../functions/shared/domain/ports';
import type { Replay } from '../../functions/shared/domain/replay';

/** A succeeded Stripe payment of USD 120.00. */
export function aPaymentEvent(overrides: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    schemaVersion: 1,
    provider: 'stripe',
    eventId: 'evt_1',
    eventType: 'payment_intent.succeeded',
    kind: 'payment.succeeded',
    paymentId: 'stripe:pi_1',
    objectId: 'pi_1',
    amountMinor: 12000,
    currency: 'USD',
    amount: '120.00',
    providerStatus: 'succeeded',
    failure: null,
    customerRef: 'cus_1',
    merchantRef: null,
    account: null,
    livemode: true,
    needsFetch: false,
    occurredAt: '2026-11-05T09:59:58.000Z',
    receivedAt: '2026-11-05T10:00:00.000Z',
    ...overrides,
  };
}

/** The record of an event that was just received, with a small body. */
export function anEventRecord(overrides: Partial<EventRecord> = {}, body: Uint8Array = Buffer.from('{"id":"evt_1"}')): EventRecord {
  const event = overrides.event ?? aPaymentEvent();
  return {
    event,
    eventKey: `event#${event.eventId}`,
    fingerprint: 'f'.repeat(64),
    bodySha256: createHash('sha256').update(body).digest('hex'),
    archiveKey: `webhooks/2026-11-05/${event.provider}/${event.eventId}.json`,
    bodyGzip: gzipSync(body),
    signedHeaders: { 'stripe-signature': 't=1,v1=00', 'content-type': 'application/json' },
    correlationId: 'request-1',
    expiresAt: 1_800_000_000,
    ...overrides,
  };
}

/** The same as it is read back. */
export function aStoredEvent(overrides: Partial<StoredEvent> = {}, body?: Uint8Array): StoredEvent {
  return { ...anEventRecord(overrides, body), status: 'received', ...overrides };
}

/** A stored event's message on the processing queue. */
export function aProcessingMessage(overrides: Partial<ProcessingMessage> = {}): ProcessingMessage {
  const { event, eventKey, archiveKey, correlationId } = anEventRecord(overrides.event === undefined ? {} : { event: overrides.event });
  return { event, eventKey, archiveKey, correlationId, ...overrides };
}

/** A replay that somebody asked for a day later, without an alert. */
export function aReplay(overrides: Partial<Replay> = {}): Replay {
  const base = { deliveryId: 'rpl_1', replayOf: 'request-1', reason: 'consumer was down', requestedAt: '2026-11-06T10:00:00.000Z' };
  return { ...base, realert: false, ...overrides };
}

/** The same as consumers get it from the bus. */
export function aPublishedEvent(overrides: Partial<PublishedEvent> = {}): PublishedEvent {
  const { eventKey, archiveKey, correlationId } = anEventRecord();
  const processedAt = '2026-11-05T10:00:01.250Z';
  return { ...aPaymentEvent(), valueBand: 'standard', eventKey, archiveKey, correlationId, processedAt, ...overrides };
}

/** An SQS batch as Lambda hands it over; message ids are `message-0`, `message-1`, … */
export function aQueueEvent(...bodies: readonly unknown[]) {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: String(index + 1) },
    })),
  };
}

/** EventBridge's envelope around a detail. */
export function aBusEvent(detail: Readonly<Record<string, unknown>>) {
  return { version: '0', id: 'bus-1', source: 'payment.processor', 'detail-type': 'Payment Processed', detail };
}
