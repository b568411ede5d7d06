import type { ProcessingMessage, StoredEvent } from './ports';

/** What goes through the processing queue of a stored event; everything that its publication needs, without the raw body. */
export function processingMessageOf({ event, eventKey, archiveKey, correlationId, traceHeader, source }: StoredEvent): ProcessingMessage {
  return {
    event,
    eventKey,
    archiveKey,
    correlationId,
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(source === undefined ? {} : { source }),
  };
}
