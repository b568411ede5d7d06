import { Option, type Command } from 'commander';
import pc from 'picocolors';
import { kinds, type PaymentEvent } from '../../functions/shared/domain/payment-event';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { providerNames } from '../../functions/shared/providers';
import { groupsOf, newestFirst, type RowKey } from './event-index';
import { theEvent, windowOf, type FindOptions } from './find';
import type { Io } from './io';
import { readEvents } from './rows';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { fields, heading, table, type Column } from './table';
import { clockText, timeArgument } from './times';
import { wholeNumber } from './numbers';

interface ListOptions extends CommonOptions, FindOptions {
  readonly kind?: string;
  readonly status?: string;
  readonly limit: number;
}

const day = 86_400_000;
/** Rows that are read at a time; a filter reads on until it has enough. */
const rowsAtOnce = 100;

export function addEventCommands(program: Command, io: Io): void {
  const group = addGroup(program, 'events', 'Payment events in the table.');
  const list = addCommand(group, 'list', 'Lists events, the newest first, by the time that they happened.', [
    'events list',
    'events list --provider stripe --since 2h',
    'events list --kind payment.failed --since 2026-11-05 --until 2026-11-06 --env prod',
    "events list --status received --json | jq '.events[].eventId'",
  ]);
  addWindow(list, io, '24h')
    .addOption(new Option('--kind <kind>', 'what happened').choices(kinds))
    .addOption(new Option('--status <status>', 'received: not published yet').choices(['received', 'processed']))
    .option('--limit <number>', 'how many at most', wholeNumber(1, 10_000), 50)
    .action((options: ListOptions) => withSession(io, options, (session) => listEvents(session, options)));

  const show = addCommand(group, 'show <id>', 'Shows one event by its event id or event key.', [
    'events show evt_1RqWq2LkdIwHu7ix',
    'events show WH-58D329510W468432D-8HN650336L201105X --provider paypal --since 90d --env prod',
    "events show 'event#evt_1RqWq2LkdIwHu7ix' --json",
  ]);
  addWindow(show, io, '30d').action((id: string, options: CommonOptions & FindOptions) =>
    withSession(io, options, async (session) => {
      showEvent(session, await theEvent(session, id, options));
    }),
  );
}

/** Which events are looked at. */
export function addWindow(command: Command, io: Io, since: string): Command {
  return command
    .addOption(new Option('--provider <name>', 'one provider (default: all)').choices(providerNames))
    .option('--since <time>', `30m, 2h, 7d, a day or a time (default: ${since})`, timeArgument(io.now))
    .option('--until <time>', 'the same (default: now)', timeArgument(io.now));
}

async function listEvents(session: Session, options: ListOptions): Promise<void> {
  const { io, target } = session;
  const window = windowOf(options, io.now(), day);
  const events: StoredEvent[] = [];
  let lookedAt = 0;
  const take = async (keys: readonly RowKey[]): Promise<void> => {
    session.checkpoint();
    lookedAt += keys.length;
    const wanted = (await readEvents(target, keys)).filter((stored) => isWanted(stored, options));
    events.push(...wanted.slice(0, options.limit - events.length));
  };
  const filtered = options.kind !== undefined || options.status !== undefined;
  const batch = filtered ? rowsAtOnce : Math.min(rowsAtOnce, options.limit);
  let pending: RowKey[] = [];
  for await (const key of newestFirst(target, window, Math.min(50, batch))) {
    pending.push(key);
    if (pending.length < batch) continue;
    await take(pending);
    pending = [];
    if (events.length >= options.limit) break;
    if (filtered && lookedAt % 5000 === 0) io.note(pc.dim(`${lookedAt} events looked at, ${events.length} found…`));
  }
  for (const keys of groupsOf(pending, rowsAtOnce)) if (events.length < options.limit) await take(keys);
  const last = events.length >= options.limit ? events.at(-1)?.event.occurredAt : undefined;
  session.answer({ events: events.map(summaryOf), next: last ?? null }, () => listText(events, last));
}

function isWanted({ event, status }: StoredEvent, options: ListOptions): boolean {
  return (options.kind ?? event.kind) === event.kind && (options.status ?? status) === status;
}

function listText(events: readonly StoredEvent[], last: string | undefined): string {
  if (events.length === 0) return 'No events. Another time? --since 7d';
  return [table(events, eventColumns), ...(last === undefined ? [] : [pc.dim(`There may be more: --until ${last}`)])].join('\n');
}

/** How an event looks in a list. */
export const eventColumns: readonly Column<StoredEvent>[] = [
  { title: 'occurred (UTC)', cell: ({ event }) => clockText(event.occurredAt) },
  { title: 'provider', cell: ({ event }) => event.provider },
  { title: 'kind', cell: ({ event }) => event.kind, paint: ({ event }) => (/failed|lost|opened/.test(event.kind) ? pc.red : plain) },
  { title: 'amount', cell: ({ event }) => moneyText(event), align: 'right' },
  { title: 'status', cell: ({ status }) => status, paint: ({ status }) => (status === 'received' ? pc.yellow : plain) },
  { title: 'payment', cell: ({ event }) => event.paymentId },
  { title: 'event', cell: ({ event }) => event.eventId },
];

/** `USD 49.90`, or why there is none. */
export function moneyText({ amount, currency, amountProblem }: PaymentEvent): string {
  return amount === null || currency === null ? (amountProblem ?? '') : `${currency} ${amount}`;
}

/** What scripts get of an event: all of it but the raw body. */
export function summaryOf({ event, bodyGzip, ...record }: StoredEvent) {
  return { ...event, ...record, bodyInRow: bodyGzip !== undefined };
}

function showEvent(session: Session, stored: StoredEvent): void {
  session.answer(summaryOf(stored), () => {
    const { event, signedHeaders } = stored;
    return [
      heading(`${event.kind}  ${moneyText(event)}`),
      fields([
        ['event', event.eventId],
        ['type', event.eventType],
        ['payment', event.paymentId],
        ['object', event.objectId],
        ['provider status', event.providerStatus],
        ['failure', event.failure === null ? null : [event.failure.code, event.failure.message].filter(Boolean).join(': ')],
        ['customer', event.customerRef],
        ['merchant reference', event.merchantRef],
        ['account', event.account],
        ['live', event.livemode],
        ['needs fetch', event.needsFetch ? 'yes: the webhook only names the object' : null],
        ['occurred', event.occurredAt],
        ['received', event.receivedAt],
        ['source', stored.source === 'reconciled' ? `reconciled: no webhook came, it is from the list of ${event.provider}` : null],
        ['processed', stored.processedAt ?? 'not yet'],
        ['enqueued again', stored.sweeps === undefined ? null : `${stored.sweeps} times`],
        ['key', stored.eventKey],
        ['archive', stored.erasedAt === undefined ? archiveText(session, stored) : null],
        ['SHA-256', stored.bodySha256],
        ['signed headers', Object.keys(signedHeaders).join(', ')],
        ['correlation id', stored.correlationId],
        ['trace', stored.traceHeader],
        ['erased', stored.erasedAt === undefined ? null : `on ${stored.erasedAt}, by erasure ${stored.erasureId ?? '?'}`],
        ['kept until', new Date(stored.expiresAt * 1000).toISOString()],
      ]),
    ].join('\n');
  });
}

function archiveText({ target }: Session, { archiveKey, bodyGzip }: StoredEvent): string {
  return `s3://${target.names.archiveBucket}/${archiveKey}${bodyGzip === undefined ? '' : ' (its body is in the row until it is processed)'}`;
}

function plain(text: string): string {
  return text;
}
