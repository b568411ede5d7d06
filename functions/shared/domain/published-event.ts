import type { PaymentEvent } from './payment-event';
import type { EventSource } from './ports';
import type { Replay } from './replay';
import type { ValueBand } from './value-band';

/** The detail of an event on the bus: the payment event, and what the pipeline knows about it. */
export interface PublishedEvent extends PaymentEvent {
  /** `high` above the currency's threshold, `standard` at or below it, `none` where no money moves or the amount could not be read. */
  readonly valueBand: ValueBand;
  /** Sort key of the event's row; with `paymentId` the best key to dedupe on. */
  readonly eventKey: string;
  /** Key of the raw webhook in the archive bucket. */
  readonly archiveKey: string;
  /** The id that every log line about this event has. */
  readonly correlationId: string;
  /** When it was published; ISO 8601 UTC with milliseconds. */
  readonly processedAt: string;
  /** Only where no webhook brought the event: `reconciled` where the provider's list of events did. */
  readonly source?: EventSource;
  /** Only where somebody had the event sent again: a repetition of what was published before. */
  readonly replay?: Replay;
}
