import type { BusEntry, Clock, EventBus, EventStore, PipelineSettings, ProcessingMessage } from '../shared/domain/ports';
import type { PublishedEvent } from '../shared/domain/published-event';
import { valueBandOf } from '../shared/domain/value-band';
import type { HighValueThresholds, ValueBand } from '../shared/domain/value-band';
import type { Message } from '../shared/runtime/batch';
import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';

export interface ProcessDependencies {
  readonly settings: PipelineSettings;
  readonly bus: EventBus;
  readonly store: Pick<EventStore, 'markProcessed'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

interface Publication extends Message<ProcessingMessage> {
  readonly valueBand: ValueBand;
  readonly entry: BusEntry;
}

const publishedAtOnce = 10;

/**
 * Publishes each event, then marks its row: a crash between the two publishes again and loses nothing. Returns the ids of the
 * messages that must come again. Throws when the thresholds cannot be had, before anything is published.
 */
export async function processEvents(deps: ProcessDependencies, messages: readonly Message<ProcessingMessage>[]): Promise<string[]> {
  const thresholds = await deps.settings.highValueThresholds();
  const processedAt = new Date(deps.clock()).toISOString();
  const publications = messages.map((message) => publicationOf(message, thresholds, processedAt));
  const failed: string[] = [];
  for (let start = 0; start < publications.length; start += publishedAtOnce) {
    const group = publications.slice(start, start + publishedAtOnce);
    const published = await publish(deps, group);
    const marked = await Promise.all(published.map((publication) => mark(deps, publication, processedAt)));
    failed.push(...group.filter((publication) => !published.includes(publication)).map(({ id }) => id), ...marked.flat());
  }
  return failed;
}

function publicationOf(message: Message<ProcessingMessage>, thresholds: HighValueThresholds, processedAt: string): Publication {
  const { event, eventKey, archiveKey, correlationId, traceHeader } = message.value;
  const valueBand = valueBandOf(event, thresholds);
  const entry: BusEntry = {
    detailType: event.kind === 'other' ? 'Provider Event Received' : 'Payment Processed',
    detail: { ...event, valueBand, eventKey, archiveKey, correlationId, processedAt } satisfies PublishedEvent,
    time: processedAt,
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
  return { ...message, valueBand, entry };
}

/** The publications that the bus took. */
async function publish({ bus, log, meter, clock }: ProcessDependencies, group: readonly Publication[]): Promise<Publication[]> {
  const outcomes = await bus.publish(group.map(({ entry }) => entry)).catch((error: unknown) => {
    log.error('events not published', { error, failed: group.length });
    return group.map(() => 'not sent');
  });
  return group.filter((publication, index) => {
    const reason = outcomes[index];
    const { provider, receivedAt } = publication.value.event;
    if (reason === undefined) {
      log.info('event published', fieldsOf(publication));
      meter.count('EventPublished', { provider, valueBand: publication.valueBand });
      meter.milliseconds('EndToEndLatency', { provider }, Math.max(0, clock() - Date.parse(receivedAt)));
    } else log.error('event not published', { ...fieldsOf(publication), reason });
    return reason === undefined;
  });
}

/** Nothing when the row is marked, the message's id when it is not. */
async function mark({ store, log }: ProcessDependencies, publication: Publication, processedAt: string): Promise<string[]> {
  const { event, eventKey } = publication.value;
  try {
    await store.markProcessed(event.paymentId, eventKey, processedAt);
    return [];
  } catch (error) {
    log.error('row not marked', { ...fieldsOf(publication), error });
    return [publication.id];
  }
}

function fieldsOf({ value, valueBand }: Publication) {
  const { provider, eventId, eventType, kind, paymentId } = value.event;
  const { correlationId, archiveKey } = value;
  return { correlationId, provider, eventId, eventType, kind, paymentId, archiveKey, valueBand };
}
