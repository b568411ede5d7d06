import * as v from 'valibot';
import type { PaymentEvent } from '../domain/payment-event';
import type { Replay } from '../domain/replay';
import type { PublishedEvent } from '../domain/published-event';
import { valueBands } from '../domain/value-band';
import type { ValueBand } from '../domain/value-band';
import { eventSourceSchema, parsedJson, paymentEventFields, replaySchema } from './payment-event-schema';
import type { Parsed } from './payment-event-schema';

/** What the bus says about a payment event, beside the event itself. */
export interface BusDetail extends PaymentEvent {
  readonly valueBand: ValueBand;
  readonly eventKey: string;
  readonly archiveKey?: string;
  readonly correlationId: string;
  readonly replay?: Replay;
}

const busDetailFields = {
  ...paymentEventFields,
  valueBand: v.picklist(valueBands),
  eventKey: v.string(),
  archiveKey: v.exactOptional(v.string()),
  correlationId: v.string(),
  replay: v.exactOptional(replaySchema),
} as const;

const envelope: v.GenericSchema<unknown, { readonly detail: BusDetail }> = v.object({ detail: v.object(busDetailFields) });

/** Everything that consumers get. `npm run schema` makes docs/events/payment-event.v1.schema.json from it. */
export const publishedEventSchema: v.GenericSchema<unknown, PublishedEvent> = v.object({
  ...busDetailFields,
  archiveKey: v.string(),
  source: v.exactOptional(eventSourceSchema),
  processedAt: paymentEventFields.receivedAt,
});

/** Reads EventBridge's envelope, as a rule puts it on a queue. */
export function parseBusEvent(text: string): Parsed<BusDetail> {
  const read = parsedJson(envelope, text);
  return read.ok ? { ok: true, value: read.value.detail } : read;
}
