import { createHash } from 'node:crypto';
import { DescribeTableCommand, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import pc from 'picocolors';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { progressOf } from './progress';
import { erasureOf, eventOf, readPayment, type ErasureRow } from './rows';
import type { Session } from './session';

type Item = Record<string, AttributeValue>;

/** Whose data it is: the reference as the provider gives it. */
export interface Customer {
  readonly ref: string;
  /** Undefined: at every provider. */
  readonly provider: string | undefined;
}

/** What the table has of a customer. */
export interface CustomerRows {
  /** Not erased yet. */
  readonly events: readonly StoredEvent[];
  /** Payments that are the customer's alone. */
  readonly payments: ReadonlySet<string>;
  /** Erased before; the archive may have got them again since. */
  readonly erased: readonly StoredEvent[];
  /** Erasures of this customer, the newest last. */
  readonly erasures: readonly ErasureRow[];
}

const segments = 4;
/** A read unit of a scan is two times 4 KB, for it reads eventually consistent. */
const bytesPerReadUnit = 8192;

/** How a proof names a customer: whoever knows the reference can check it, and nobody else learns it. */
export function digestOf({ ref }: Customer): string {
  return createHash('sha256').update(ref).digest('hex');
}

/**
 * Every event of the customer. No index has customers, so all of the table is read, in parallel; what it costs is said first.
 * Events of the same payments that name nobody belong to it too: a refund or a charge has the same person in its body.
 */
export async function findCustomer(session: Session, customer: Customer): Promise<CustomerRows> {
  const total = await announceCost(session);
  const tell = progressOf(session.io, total, 'rows looked at');
  let lookedAt = 0;
  const found = await Promise.all(
    Array.from({ length: segments }, (_, segment) =>
      scan(session, customer, segment, (rows) => {
        lookedAt += rows;
        // The table's own count is up to six hours old.
        tell(Math.min(lookedAt, total - 1));
      }),
    ),
  );
  const items = found.flat();
  const digest = digestOf(customer);
  const erasures = items
    .filter((item) => keyOf(item).startsWith('erasure#'))
    .map(erasureOf)
    .filter((one) => one.customerSha256 === digest && one.provider === (customer.provider ?? null))
    .sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1));
  const rows = items.filter((item) => keyOf(item).startsWith('event#')).map(eventOf);
  const ids = new Set(erasures.map(({ erasureId }) => erasureId));
  const erased = rows.filter(({ erasureId }) => erasureId !== undefined && ids.has(erasureId));
  const named = rows.filter((stored) => stored.erasedAt === undefined && isOf(customer, stored.event));
  return { ...(await withMates(session, customer, [...named, ...erased], named)), erased, erasures };
}

/** Whether an event names the customer; of events about the customer itself, the object is what names it. */
export function isOf(
  { ref, provider }: Customer,
  event: Pick<StoredEvent['event'], 'provider' | 'customerRef' | 'kind' | 'objectId'>,
): boolean {
  if ((provider ?? event.provider) !== event.provider) return false;
  return event.customerRef === ref || (event.kind === 'other' && event.objectId === ref);
}

async function announceCost({ target, io }: Session): Promise<number> {
  const { Table } = await target.dynamodb.send(new DescribeTableCommand({ TableName: target.names.table }));
  const { ItemCount: rows = 0, TableSizeBytes: bytes = 0 } = Table ?? {};
  const units = Math.ceil(bytes / bytesPerReadUnit);
  const size = `${rows} rows, ${(bytes / 1e6).toFixed(1)} MB`;
  io.note(pc.dim(`No index has customers: all of the table is read (about ${size} as of the last count, ${units} read units).`));
  return Math.max(1, rows);
}

async function scan(session: Session, { ref }: Customer, segment: number, tell: (rows: number) => void): Promise<Item[]> {
  const { dynamodb, names } = session.target;
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    session.checkpoint();
    const page = await dynamodb.send(
      new ScanCommand({
        TableName: names.table,
        Segment: segment,
        TotalSegments: segments,
        FilterExpression:
          'customerRef = :ref OR (objectId = :ref AND #kind = :other) OR attribute_exists(erasureId) OR begins_with(eventKey, :erasure)',
        ExpressionAttributeNames: { '#kind': 'kind' },
        ExpressionAttributeValues: { ':ref': { S: ref }, ':other': { S: 'other' }, ':erasure': { S: 'erasure#' } },
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    tell(page.ScannedCount ?? 0);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/** Adds the events that name nobody; not those of a payment that names somebody else as well, for they may be theirs. */
async function withMates(
  session: Session,
  customer: Customer,
  known: readonly StoredEvent[],
  named: readonly StoredEvent[],
): Promise<Pick<CustomerRows, 'events' | 'payments'>> {
  const events = new Map(named.map((stored) => [nameOf(stored), stored]));
  const payments = new Set<string>();
  for (const paymentId of new Set(known.map(({ event }) => event.paymentId))) {
    session.checkpoint();
    const rows = (await readPayment(session.target, paymentId)).events;
    const isShared = rows.some(({ event }) => event.customerRef !== null && !isOf(customer, event));
    if (isShared) continue;
    payments.add(paymentId);
    for (const stored of rows) if (stored.erasedAt === undefined) events.set(nameOf(stored), stored);
  }
  const oldestFirst = [...events.values()].sort((one, other) => (one.event.occurredAt < other.event.occurredAt ? -1 : 1));
  return { events: oldestFirst, payments };
}

function nameOf({ event, eventKey }: StoredEvent): string {
  return JSON.stringify([event.paymentId, eventKey]);
}

function keyOf(item: Item): string {
  return item['eventKey']?.S ?? '';
}
