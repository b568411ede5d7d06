import { eventKeyOf } from '../shared/domain/payment-event';
import type { Kind, NormalizedEvent } from '../shared/domain/payment-event';
import type { Clock, EventIndex, EventStore, WebhookArchive } from '../shared/domain/ports';
import { storeEvent } from '../shared/domain/store-event';
import { eventRecordOf } from '../shared/providers/event-record';
import type { ListedEvent } from '../shared/providers/events-api';
import type { Provider } from '../shared/providers/provider';

export interface CompareDependencies {
  readonly store: Pick<EventStore, 'put' | 'get'>;
  readonly index: EventIndex;
  readonly archive: WebhookArchive;
  readonly clock: Clock;
  readonly retentionDays: number;
  /** Id of the run, for the rows that it makes. */
  readonly correlationId: string;
}

export interface CompareSettings {
  /** Whether a webhook of this event should have come. */
  readonly isExpected: (event: { readonly eventType: string; readonly kind: Kind }) => boolean;
  /** Only tells what is missed. */
  readonly dryRun: boolean;
}

/** A missed event, as a person is told of it. */
export interface MissedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: Kind;
  readonly paymentId: string;
  readonly occurredAt: string;
}

/** What a comparison came to. Every number is of distinct events. */
export interface Tally {
  readonly listed: number;
  /** Events that a webhook should have brought. */
  readonly expected: number;
  readonly missed: readonly MissedEvent[];
  /** The others, by their type. */
  readonly leftOut: ReadonlyMap<string, number>;
}

/** A listed event with the bytes that it is archived as. */
interface Candidate {
  readonly listed: ListedEvent;
  readonly normalized: NormalizedEvent;
}

const comparedAtOnce = 10;

/**
 * Compares one page of a provider's events with the table and stores those that never came, the way that their webhooks would have been.
 * An event of an earlier page, as `seen` has it, counts no second time. `problem` when one of them cannot be read; the others are stored.
 */
export async function comparePage(
  deps: CompareDependencies,
  provider: Provider,
  events: readonly ListedEvent[],
  settings: CompareSettings,
  seen: Set<string>,
): Promise<{ readonly tally: Tally; readonly problem?: string }> {
  const receivedAt = new Date(deps.clock()).toISOString();
  const candidates: Candidate[] = [];
  const leftOut = new Map<string, number>();
  const before = seen.size;
  let problem: string | undefined;
  for (const listed of events) {
    const read = provider.normalize(listed, receivedAt);
    if (!read.ok) {
      problem = `an event of the answer cannot be read (${read.unreadable.reason})`;
      continue;
    }
    const { event, dedupeId } = read.normalized;
    if (seen.has(dedupeId)) continue;
    seen.add(dedupeId);
    if (settings.isExpected(event)) candidates.push({ listed, normalized: read.normalized });
    else leftOut.set(event.eventType, (leftOut.get(event.eventType) ?? 0) + 1);
  }
  const missed: MissedEvent[] = [];
  for (let start = 0; start < candidates.length; start += comparedAtOnce) {
    const group = candidates.slice(start, start + comparedAtOnce);
    const found = await Promise.all(group.map((candidate) => missedOrNothing(deps, provider, candidate, settings.dryRun)));
    missed.push(...found.flat());
  }
  const tally = { listed: seen.size - before, expected: candidates.length, missed, leftOut };
  return problem === undefined ? { tally } : { tally, problem };
}

/** Reads before it writes, so that a run that finds nothing costs nothing but reads; the conditional write decides all the same. */
async function missedOrNothing(
  deps: CompareDependencies,
  provider: Provider,
  { listed, normalized }: Candidate,
  dryRun: boolean,
): Promise<MissedEvent[]> {
  const { event, dedupeId } = normalized;
  const eventKey = eventKeyOf(dedupeId);
  if ((await deps.store.get(event.paymentId, eventKey)) !== undefined) return [];
  if ((await deps.index.elsewhere(event, eventKey)).length > 0) return [];
  if (!dryRun) {
    const delivered = { request: listed, correlationId: deps.correlationId, source: 'reconciled' } as const;
    const record = eventRecordOf(normalized, provider.signedHeaders, delivered, deps.retentionDays);
    // Its webhook may have come in between.
    if ((await storeEvent(deps, record, listed.body)) !== 'stored') return [];
  }
  const { eventId, eventType, kind, paymentId, occurredAt } = event;
  return [{ eventId, eventType, kind, paymentId, occurredAt }];
}
