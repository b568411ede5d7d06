import type { EventIndex, EventStore } from '../shared/domain/ports';
import type { EventsApi, ListWindow } from '../shared/providers/events-api';
import type { CompareSettings } from './compare-page';

interface Stores {
  readonly store: Pick<EventStore, 'get'>;
  readonly index: EventIndex;
}

/** Rows that are looked at, of the newest; enough to pass over some that are recovered or of other lists. */
const looked = 20;

/** Whether webhooks brought events of this time that the provider's list should have: an empty one is then of another account, or none at all. */
export async function hasWebhooksOf(
  { store, index }: Stores,
  api: EventsApi,
  { isExpected }: CompareSettings,
  { fromMs, untilMs }: ListWindow,
): Promise<boolean> {
  const keys = await index.within(api.provider, fromMs, untilMs, looked);
  const rows = await Promise.all(keys.map(({ paymentId, eventKey }) => store.get(paymentId, eventKey)));
  return rows.some((row) => row !== undefined && row.source === undefined && isExpected(row.event) && api.lists(row.event));
}
