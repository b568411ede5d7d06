import type { EventIndex, EventRecord, EventStore } from './ports';

/** Age from which events are recovered: the webhooks of younger ones may be on their way. */
export const recoveredFromAgeMs = 5 * 60_000;

/** Two clocks may differ by so much. */
const clockSkewMs = 60_000;

/** No provider lists its events for longer. */
const listedForMs = 31 * 24 * 60 * 60_000;

/**
 * Whether the event of a webhook was recovered before, under another payment: a list may be in another version of the provider's API than
 * the webhooks, and name other ids. Asks the index only for events of an age at which they are recovered, so nothing for a webhook that
 * comes in time. Throws Unavailable when it cannot tell.
 */
export async function wasRecoveredElsewhere(
  { store, index }: { readonly store: Pick<EventStore, 'get'>; readonly index: Pick<EventIndex, 'elsewhere'> },
  { event, eventKey }: Pick<EventRecord, 'event' | 'eventKey'>,
): Promise<boolean> {
  const ageMs = Date.parse(event.receivedAt) - Date.parse(event.occurredAt);
  if (ageMs < recoveredFromAgeMs - clockSkewMs || ageMs > listedForMs) return false;
  const keys = await index.elsewhere(event, eventKey);
  const rows = await Promise.all(keys.map((key) => store.get(key.paymentId, key.eventKey)));
  return rows.some((row) => row?.source !== undefined);
}
