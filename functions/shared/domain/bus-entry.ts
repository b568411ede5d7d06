import type { BusEntry, ProcessingMessage } from './ports';
import type { PublishedEvent } from './published-event';
import { valueBandOf } from './value-band';
import type { HighValueThresholds, ValueBand } from './value-band';

/** What the bus is told about a stored event, and the band that it falls into. `processedAt` is ISO 8601. */
export function busEntryOf(
  { event, eventKey, archiveKey, correlationId, traceHeader, source, replay }: ProcessingMessage,
  thresholds: HighValueThresholds,
  processedAt: string,
): { readonly entry: BusEntry; readonly valueBand: ValueBand } {
  const valueBand = valueBandOf(event, thresholds);
  const entry: BusEntry = {
    detailType: event.kind === 'other' ? 'Provider Event Received' : 'Payment Processed',
    detail: {
      ...event,
      valueBand,
      eventKey,
      archiveKey,
      correlationId,
      processedAt,
      ...(source === undefined ? {} : { source }),
      ...(replay === undefined ? {} : { replay }),
    } satisfies PublishedEvent,
    time: processedAt,
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
  return { entry, valueBand };
}
