import type { BusEntry, Clock, EventBus, EventStore, PipelineSettings, ProcessingMessage } from '../shared/domain/ports';
import { busEntryOf } from '../shared/domain/bus-entry';
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
  return { ...message, ...busEntryOf(message.value, thresholds, processedAt) };
}

/** The publications that the bus took. */
async function publish(deps: ProcessDependencies, group: readonly Publication[]): Promise<Publication[]> {
  const { bus, log } = deps;
  const outcomes = await bus.publish(group.map(({ entry }) => entry)).catch((error: unknown) => {
    log.error('events not published', { error, failed: group.length });
    return group.map(() => 'not sent');
  });
  return group.filter((publication, index) => {
    const reason = outcomes[index];
    if (reason === undefined) {
      log.info('event published', fieldsOf(publication));
      measure(deps, publication);
    } else log.error('event not published', { ...fieldsOf(publication), reason });
    return reason === undefined;
  });
}

/** A replay counts by itself: it says nothing about how late the pipeline is, and must not hide that nothing else comes through. */
function measure({ meter, clock }: ProcessDependencies, { value, valueBand }: Publication): void {
  const { provider, receivedAt } = value.event;
  if (value.replay !== undefined) {
    meter.count('EventReplayed', { provider, valueBand });
    return;
  }
  meter.count('EventPublished', { provider, valueBand });
  meter.milliseconds('EndToEndLatency', { provider }, Math.max(0, clock() - Date.parse(receivedAt)));
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
  const { correlationId, archiveKey, replay } = value;
  const fields = { correlationId, provider, eventId, eventType, kind, paymentId, archiveKey, valueBand };
  return replay === undefined ? fields : { ...fields, deliveryId: replay.deliveryId };
}
