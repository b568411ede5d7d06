import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { groupsOf, newestFirst, type RowKey, type Window } from './event-index';
import { isErrorNamed } from './failure';
import { readEvents } from './rows';
import type { Session } from './session';

/** Some of the events that are meant: those that can go, and why the others cannot. */
export interface Selected {
  readonly keys: number;
  readonly events: readonly StoredEvent[];
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly stored: StoredEvent;
  readonly why: string;
}

const rowsAtOnce = 100;
const keysAtOnce = 500;

/** Keys of every event in the window, the oldest first: that is the order in which they happened. */
export async function keysOf(session: Session, window: Window): Promise<RowKey[]> {
  const keys: RowKey[] = [];
  for await (const key of newestFirst(session.target, window, keysAtOnce)) {
    keys.push(key);
    if (keys.length % keysAtOnce === 0) session.checkpoint();
  }
  return keys.reverse();
}

/** Reads the rows behind the keys, some at a time. */
export async function* selection(session: Session, keys: readonly RowKey[], kind: string | undefined): AsyncGenerator<Selected> {
  for (const group of groupsOf(keys, rowsAtOnce)) {
    const events = (await readEvents(session.target, group)).filter(({ event }) => (kind ?? event.kind) === event.kind);
    yield { keys: group.length, ...(await sorted(session, events)) };
  }
}

/** Those that can go, and those that cannot. */
export async function sorted(session: Pick<Session, 'target'>, events: readonly StoredEvent[]): Promise<Omit<Selected, 'keys'>> {
  const whys = await Promise.all(events.map((stored) => obstacleTo(session, stored)));
  return {
    events: events.filter((_, index) => whys[index] === undefined),
    leftOut: events.flatMap((stored, index) => (whys[index] === undefined ? [] : [{ stored, why: whys[index] }])),
  };
}

/** Nothing goes on that is not archived, as in the relay; what was processed was archived before. */
async function obstacleTo(session: Pick<Session, 'target'>, stored: StoredEvent): Promise<string | undefined> {
  if (stored.erasedAt !== undefined) return `erased on ${stored.erasedAt}`;
  if (stored.status === 'processed' || (await isArchived(session, stored))) return undefined;
  return 'not archived yet: its first delivery is still on its way (timeline, dlq list)';
}

/** Whether the archive has the event's bytes. */
export async function isArchived({ target }: Pick<Session, 'target'>, { archiveKey }: StoredEvent): Promise<boolean> {
  try {
    await target.s3.send(new HeadObjectCommand({ Bucket: target.names.archiveBucket, Key: archiveKey }));
    return true;
  } catch (error) {
    if (isErrorNamed(error, 'NotFound', 'NoSuchKey')) return false;
    throw error;
  }
}
