import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { EventRecord, StoredEvent } from '../domain/ports';
import { itemFrom } from './attributes';
import type { Plain } from './attributes';
import { eventSourceSchema, parsed, paymentEventSchema } from './payment-event-schema';
import type { Parsed } from './payment-event-schema';

/** Partitions of the time index per provider and day; a reader of a time range asks every one of them. */
export const bucketsPerDay = 8;

/** Partitions of the index of rows that wait for their publication. */
export const pendingBuckets = 16;

/** Milliseconds after its receipt from which an event that is not published counts as stuck. */
const dueAfterMs = 15 * 60_000;

/** What a row holds beside the payment event. */
const recordSchema = v.object({
  eventKey: v.pipe(v.string(), v.regex(/^event#/)),
  status: v.picklist(['received', 'processed']),
  fingerprint: v.string(),
  bodySha256: v.string(),
  archiveKey: v.string(),
  archiveVersionId: v.exactOptional(v.string()),
  body: v.exactOptional(v.instance(Uint8Array)),
  signedHeaders: v.record(v.string(), v.string()),
  correlationId: v.string(),
  traceHeader: v.exactOptional(v.string()),
  source: v.exactOptional(eventSourceSchema),
  sweeps: v.exactOptional(v.number()),
  processedAt: v.exactOptional(v.string()),
  erasedAt: v.exactOptional(v.string()),
  erasureId: v.exactOptional(v.string()),
  expiresAt: v.number(),
});

/** The item of an event that was just received. */
export function itemOf(record: EventRecord): Record<string, AttributeValue> {
  const { event, bodyGzip, ...rest } = record;
  const { failure, ...fields } = event;
  return itemFrom({
    ...fields,
    failure: failure === null ? null : { ...failure },
    ...rest,
    body: bodyGzip,
    status: 'received',
    timestamp: Date.parse(event.occurredAt),
    providerBucket: providerBucketOf(event.provider, event.occurredAt, event.eventId),
    pendingBucket: pendingBucketOf(event.eventId),
    dueAtMs: Date.parse(event.receivedAt) + dueAfterMs,
  });
}

/** Reads a row, from the table or from its stream. */
export function storedEventOf(row: Readonly<Record<string, Plain>>): Parsed<StoredEvent> {
  const event = parsed(paymentEventSchema, row);
  if (!event.ok) return event;
  const rest = parsed(recordSchema, row);
  if (!rest.ok) return rest;
  const { body, ...record } = rest.value;
  return { ok: true, value: { event: event.value, ...record, ...(body === undefined ? {} : { bodyGzip: body }) } };
}

/** Partition of the time index: `<provider>#<day it happened>#<0 to 7, by hash of the event id>`. */
export function providerBucketOf(provider: string, occurredAt: string, eventId: string): string {
  return `${provider}#${occurredAt.slice(0, 10)}#${hashOf(eventId) % bucketsPerDay}`;
}

/** Partition of the pending index, `pending#<0 to 15>`: an event leaves it when it is published. */
function pendingBucketOf(eventId: string): string {
  return `pending#${hashOf(eventId) % pendingBuckets}`;
}

function hashOf(eventId: string): number {
  return createHash('sha256').update(eventId).digest().readUInt8(0);
}
