import type { EventIndex, EventStore } from '../shared/domain/ports';
import type { EventsApi, ListWindow } from '../shared/providers/events-api';
import type { CompareSettings } from './compare-page';

interface Stores {
  readonly store: Pick<EventStore, 'get'>;
  readonly index: EventIndex;
}

/** Rows that are looked at, of the newest; enough to pass over some that are recovered or of other lists. */
const looked = 20;

/**
 * How many payments have webhooks of this time whose events the provider's list should have: an empty list is then probably of another
 * account. Looks at the newest rows alone.
 */
export async function paymentsOfWebhooks(
  { store, index }: Stores,
  api: EventsApi,
  { isExpected }: CompareSettings,
  { fromMs, untilMs }: ListWindow,
): Promise<number> {
  const keys = await index.within(api.provider, fromMs, untilMs, looked);
  const rows = await Promise.all(keys.map(({ paymentId, eventKey }) => store.get(paymentId, eventKey)));
  const webhooks = rows.filter((row) => row !== undefined).filter(({ source }) => source === undefined);
  const listed = webhooks.filter(({ event }) => isExpected(event) && api.lists(event));
  return new Set(listed.map(({ event }) => event.paymentId)).size;
}
