import type { DeadLetters, ProcessingQueue, StoredEvent, WebhookArchive } from '../shared/domain/ports';
import { processingMessageOf } from '../shared/domain/processing';
import { archiveObjectOf } from '../shared/domain/webhook-archive';
import { rawBodyOf } from '../shared/providers/raw-body';
import type { Log } from '../shared/runtime/log';

export interface RelayDependencies {
  readonly archive: WebhookArchive;
  readonly queue: ProcessingQueue;
  readonly deadLetters: DeadLetters;
  readonly log: Log;
}

/** One change of the table. */
export interface Change {
  readonly sequenceNumber: string;
  readonly inserted: boolean;
  readonly keys: Readonly<Record<string, string>>;
  /** Reads the new row. */
  readonly row: () => { readonly ok: true; readonly value: StoredEvent } | { readonly ok: false; readonly problem: string };
}

interface Archived {
  readonly sequenceNumber: string;
  readonly stored: StoredEvent;
}

const archivedAtOnce = 8;
const sentAtOnce = 10;

/**
 * Archives the raw body of each new event, then enqueues it; nothing is enqueued that is not archived. Returns the sequence numbers
 * that must come again. The stream then resumes at the lowest of them: those behind it come twice, but wait for nobody.
 */
export async function relayEvents(deps: RelayDependencies, changes: readonly Change[]): Promise<string[]> {
  const newEvents = changes.filter(({ inserted, keys }) => inserted && keys['eventKey']?.startsWith('event#') === true);
  const archived: Archived[] = [];
  const failed: string[] = [];
  for (const group of groupsOf(newEvents, archivedAtOnce)) {
    const outcomes = await Promise.all(group.map((change) => archiveOrFail(deps, change)));
    for (const outcome of outcomes) {
      if (typeof outcome === 'string') failed.push(outcome);
      else archived.push(...outcome);
    }
  }
  for (const group of groupsOf(archived, sentAtOnce)) failed.push(...(await enqueue(deps, group)));
  return failed;
}

/** What was archived, or the sequence number of what was not. */
async function archiveOrFail(deps: RelayDependencies, change: Change): Promise<readonly Archived[] | string> {
  return archiveOne(deps, change).catch((error: unknown) => {
    deps.log.error('event not archived', { ...change.keys, error });
    return change.sequenceNumber;
  });
}

/** The archived event, or nothing where it was set aside because it can never succeed. Throws where it may succeed later. */
async function archiveOne(deps: RelayDependencies, { sequenceNumber, keys, row }: Change): Promise<Archived[]> {
  const read = row();
  if (!read.ok) return setAside(deps, { ...keys, sequenceNumber }, `row not readable: ${read.problem}`);
  const { value: stored } = read;
  const body = rawBodyOf(stored);
  if (!body.ok) return setAside(deps, { ...keys, sequenceNumber }, body.problem);
  // A large body was archived before its row was written.
  if (body.value !== undefined) await deps.archive.put(archiveObjectOf(stored, body.value));
  return [{ sequenceNumber, stored }];
}

async function setAside({ deadLetters, log }: RelayDependencies, keys: Readonly<Record<string, string>>, reason: string): Promise<[]> {
  await deadLetters.send({ reason, source: 'event-relay', keys });
  log.error('event set aside', { ...keys, reason });
  return [];
}

async function enqueue({ queue, log }: RelayDependencies, group: readonly Archived[]): Promise<string[]> {
  const sent = queue.sendBatch(group.map(({ stored }) => processingMessageOf(stored)));
  const outcomes = await sent.catch((error: unknown) => {
    log.error('events not enqueued', { error, failed: group.length });
    return group.map(() => 'not sent');
  });
  return group.flatMap(({ sequenceNumber, stored }, index) => {
    const { event, archiveKey, correlationId } = stored;
    const { provider, eventId, eventType, kind, paymentId } = event;
    const fields = { correlationId, provider, eventId, eventType, kind, paymentId, archiveKey };
    const problem = outcomes[index];
    if (problem === undefined) log.info('event relayed', fields);
    else log.error('event not enqueued', { ...fields, reason: problem });
    return problem === undefined ? [] : [sequenceNumber];
  });
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
