import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { eventKeyOf } from '../domain/payment-event';
import type { NormalizedEvent, PaymentEvent } from '../domain/payment-event';
import type { EventRecord, EventSource } from '../domain/ports';
import { archiveKeyOf } from '../domain/webhook-archive';
import type { WebhookRequest } from '../domain/webhook';

const secondsPerDay = 24 * 60 * 60;

interface Delivered {
  readonly request: WebhookRequest;
  readonly correlationId: string;
  readonly traceHeader?: string;
  /** Absent for a webhook. */
  readonly source?: EventSource;
}

/** What the table keeps of a verified webhook, or of an event that the provider's API listed; `bodyGzip` is always there. */
export function eventRecordOf(
  { event, dedupeId }: NormalizedEvent,
  signedHeaders: readonly string[],
  { request, correlationId, traceHeader, source }: Delivered,
  retentionDays: number,
): EventRecord {
  return {
    event,
    eventKey: eventKeyOf(dedupeId),
    fingerprint: fingerprintOf(event),
    bodySha256: createHash('sha256').update(request.body).digest('hex'),
    archiveKey: archiveKeyOf(event, dedupeId),
    bodyGzip: gzipSync(request.body),
    signedHeaders: keptHeaders(request, [...signedHeaders, 'content-type']),
    correlationId,
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(source === undefined ? {} : { source }),
    expiresAt: Math.floor(Date.parse(event.receivedAt) / 1000) + retentionDays * secondsPerDay,
  };
}

/** Equal for every honest delivery of one event: what the time of receipt decides is left out. */
export function fingerprintOf(event: PaymentEvent): string {
  const { receivedAt, occurredAt, failure, ...rest } = event;
  const canonical = {
    ...rest,
    // Square states it in a header that nothing signs: it must not make a conflict of a genuine delivery.
    livemode: null,
    failure: failure === null ? null : [failure.code, failure.message],
    // An event without a time of its own bears the time of receipt.
    occurredAt: occurredAt === receivedAt ? null : occurredAt,
  };
  const sorted = Object.entries(canonical).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

/** What API Gateway lets through is shorter; without a bound the row could be too large to write. */
const maxHeaderLength = 10_240;

function keptHeaders(request: WebhookRequest, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = request.headers[name] ?? [];
      const value = [...new Set(values)].join(', ');
      // By way of UTF-8, for half a surrogate pair is no text to DynamoDB.
      return values.length === 0 || value.length > maxHeaderLength ? [] : [[name, Buffer.from(value, 'utf8').toString('utf8')]];
    }),
  );
}
