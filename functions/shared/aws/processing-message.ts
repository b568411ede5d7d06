import * as v from 'valibot';
import type { ProcessingMessage } from '../domain/ports';
import { eventSourceSchema, parsedJson, paymentEventSchema, replaySchema } from './payment-event-schema';
import type { Parsed } from './payment-event-schema';

const schema: v.GenericSchema<unknown, ProcessingMessage> = v.object({
  event: paymentEventSchema,
  eventKey: v.pipe(v.string(), v.regex(/^event#/)),
  archiveKey: v.string(),
  correlationId: v.string(),
  traceHeader: v.exactOptional(v.string()),
  source: v.exactOptional(eventSourceSchema),
  replay: v.exactOptional(replaySchema),
});

/** Reads a message of the processing queue. */
export function parseProcessingMessage(text: string): Parsed<ProcessingMessage> {
  return parsedJson(schema, text);
}
