import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import pc from 'picocolors';
import { alertReasonOf } from '../../functions/shared/domain/alert';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { hoursBetween, searchAudit, type AuditFinding, type AuditRecord } from './audit-trail';
import { addWindow } from './events';
import { eventsById, thePayment, type FindOptions } from './find';
import { isErrorNamed, notFound, OpsFailure } from './failure';
import type { Io } from './io';
import { readPayment, type AlertRow, type PaymentRows } from './rows';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { heading, table, type Column } from './table';

interface Hop {
  /** ISO 8601; null for what did not happen yet. */
  readonly at: string | null;
  readonly hop: 'occurred' | 'received' | 'archived' | 'published' | 'alerted' | 'audited' | 'replayed' | 'erased' | 'deleted';
  readonly eventKey: string;
  readonly detail: string;
  /** Where the time is from. */
  readonly from: string;
}

interface Story {
  readonly paymentId: string;
  readonly events: readonly StoredEvent[];
  readonly alerts: readonly AlertRow[];
  readonly replays: PaymentRows['replays'];
}

const hour = 3_600_000;

export function addTimelineCommand(program: Command, io: Io): void {
  const command = addCommand(program, 'timeline <id>', 'Shows every hop of an event with its time; the id may be of anything.', [
    'timeline evt_1RqWq2LkdIwHu7ix',
    'timeline stripe:pi_3RqWq2LkdIwHu7ix --env prod',
    'timeline 7b0a1d52-8f1c-4a55-9a44-0f6de2c1f6c1 --since 6h    (a correlation or request id)',
  ]);
  addWindow(command, io, '30d, and 2h for a correlation id').action((id: string, options: CommonOptions & FindOptions) =>
    withSession(io, options, (session) => showTimeline(session, id, options)),
  );
}

async function showTimeline(session: Session, id: string, options: FindOptions): Promise<void> {
  const story = await storyOf(session, id, options);
  const audit = await auditOf(session, story);
  const ofEvents = (await Promise.all(story.events.map((event) => hopsOfEvent(session, event)))).flat();
  const hops = [...ofEvents, ...hopsOfAlerts(story), ...hopsOfReplays(story), ...auditHops(audit)];
  const ordered = [...hops].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  const logs = logHints(session, story);
  session.answer({ paymentId: story.paymentId, hops: ordered, auditComplete: audit.complete, logs }, () =>
    [
      heading(story.paymentId),
      table(ordered, columnsFor(story.events.length > 1)),
      ...(audit.complete ? [] : [pc.yellow(`The audit bucket has more objects of these hours than were read (${audit.objectsRead}).`)]),
      '',
      pc.dim('Logs, with every attempt and its reason:'),
      ...logs.map((line) => pc.dim(`  ${line}`)),
    ].join('\n'),
  );
}

/** What the id is the id of: an event, a payment, or the request that brought an event. */
async function storyOf(session: Session, id: string, options: FindOptions): Promise<Story> {
  const events = await eventsById(session, id, options);
  const [first] = events;
  if (first !== undefined) {
    const { paymentId } = first.event;
    return { paymentId, events, ...aboutEvents(events, await readPayment(session.target, paymentId)) };
  }
  const payment = await thePayment(session, id).catch((error: unknown) => {
    if (error instanceof OpsFailure && error.exitCode === 3) return undefined;
    throw error;
  });
  return payment ?? storyOfRequest(session, id, options);
}

/** The alerts and replays of these events alone. */
function aboutEvents(events: readonly StoredEvent[], { alerts, replays }: PaymentRows): Pick<Story, 'alerts' | 'replays'> {
  return {
    alerts: alerts.filter((alert) => events.some(({ event }) => belongs(alert, event))),
    replays: replays.filter(({ replayedEvent }) => events.some(({ eventKey }) => eventKey === replayedEvent)),
  };
}

function belongs({ reason, objectId }: AlertRow, event: StoredEvent['event']): boolean {
  return objectId === event.objectId && reason === alertReasonOf(event.kind, 'high');
}

/** The correlation id is no key of the table, but the audit trail has it with the row that it made. */
async function storyOfRequest(session: Session, id: string, { since, until }: FindOptions): Promise<Story> {
  const to = until ?? session.io.now();
  const from = since ?? to - 2 * hour;
  const finding = await searchAudit(session, {
    around: hoursBetween(from, to),
    matches: ({ changes }) => changes['correlationId']?.new === id,
    enough: 1,
  });
  const [record] = finding.records;
  if (record === undefined) {
    const looked = `${finding.objectsRead} audit objects since ${new Date(from).toISOString()}${finding.complete ? '' : ', not all there are'}`;
    throw notFound(`${id} is no event, no payment, and no request in the audit trail (${looked}): give --since and --until`);
  }
  const { paymentId, eventKey } = record.keys;
  const rows = await readPayment(session.target, paymentId);
  const mine = rows.events.filter((event) => event.eventKey === eventKey);
  return { paymentId, events: mine, ...aboutEvents(mine, rows) };
}

async function hopsOfEvent(session: Session, stored: StoredEvent): Promise<Hop[]> {
  const { event, eventKey, processedAt, archiveKey, erasedAt, erasureId, source } = stored;
  const archivedAt = await archivedTime(session, stored);
  const notArchived = erasedAt === undefined ? 'not yet' : `erased on ${erasedAt}`;
  const erased: Hop[] =
    erasedAt === undefined ? [] : [{ at: erasedAt, hop: 'erased', eventKey, detail: `by erasure ${erasureId ?? '?'}`, from: 'row' }];
  return [
    { at: event.occurredAt, hop: 'occurred', eventKey, detail: `${event.eventType} at ${event.provider}`, from: 'row' },
    {
      at: event.receivedAt,
      hop: 'received',
      eventKey,
      detail: `${event.kind}, ${source === 'reconciled' ? `no webhook came: fetched from ${event.provider}'s list` : 'verified'} and stored`,
      from: 'row',
    },
    { at: archivedAt, hop: 'archived', eventKey, detail: archivedAt === null ? notArchived : archiveKey, from: 'archive' },
    {
      at: processedAt ?? null,
      hop: 'published',
      eventKey,
      detail: processedAt === undefined ? 'not yet' : 'on the bus, row marked',
      from: 'row',
    },
    ...erased,
  ];
}

async function archivedTime({ target }: Session, { archiveKey }: StoredEvent): Promise<string | null> {
  try {
    const { LastModified: at } = await target.s3.send(new HeadObjectCommand({ Bucket: target.names.archiveBucket, Key: archiveKey }));
    return at?.toISOString() ?? null;
  } catch (error) {
    if (isErrorNamed(error, 'NotFound', 'NoSuchKey')) return null;
    throw error;
  }
}

function hopsOfAlerts({ alerts }: Story): Hop[] {
  return alerts.map(({ eventKey, reason, sentAt, claimedUntil, messageId }) => ({
    at: sentAt ?? null,
    hop: 'alerted',
    eventKey,
    detail: sentAt === undefined ? `claimed until ${claimedUntil}, not sent` : `${reason}, message ${messageId ?? '?'}`,
    from: 'row',
  }));
}

function hopsOfReplays({ replays }: Story): Hop[] {
  return replays.map(({ eventKey, sentAt, to, reason, requestedBy, realert }) => ({
    at: sentAt ?? null,
    hop: 'replayed',
    eventKey,
    detail: `${sentAt === undefined ? 'asked for, not sent: ' : ''}to ${to}${realert ? ', with alert' : ''}, by ${requestedBy}: ${reason}`,
    from: 'row',
  }));
}

/** Two changes per event, alert and replay: the row was made, then marked. A third where it was erased. */
function auditOf(session: Session, { paymentId, events, alerts, replays }: Story): Promise<AuditFinding> {
  const keys = new Set([...events, ...alerts, ...replays].map(({ eventKey }) => eventKey));
  const times = [
    ...events.flatMap(({ event, processedAt, erasedAt }) => [event.receivedAt, processedAt, erasedAt]),
    ...alerts.flatMap(({ sentAt, claimedUntil }) => [sentAt ?? claimedUntil]),
    ...replays.flatMap(({ requestedAt, sentAt }) => [requestedAt, sentAt]),
  ];
  const marks = [
    ...events.flatMap(({ processedAt, erasedAt }) => [processedAt, erasedAt]),
    ...[...alerts, ...replays].map(({ sentAt }) => sentAt),
  ];
  const marked = marks.filter((at) => at !== undefined);
  if (keys.size === 0) return Promise.resolve({ records: [], objectsRead: 0, complete: true });
  return searchAudit(session, {
    around: times.flatMap((at) => (at === undefined ? [] : [Date.parse(at)])),
    matches: (record) => record.keys.paymentId === paymentId && keys.has(record.keys.eventKey),
    enough: keys.size + marked.length,
  });
}

function auditHops({ records }: AuditFinding): Hop[] {
  return records.map((record) => ({
    at: record.writtenAt,
    hop: record.eventName === 'REMOVE' ? 'deleted' : 'audited',
    eventKey: record.keys.eventKey,
    detail: `${changeOf(record)} at ${record.time.slice(11, 19)}, ${record.auditKey}`,
    from: 'audit',
  }));
}

function changeOf({ eventName, changes, principal }: AuditRecord): string {
  if (eventName === 'INSERT') return 'row made';
  if (eventName === 'REMOVE') return principal === undefined ? 'ROW DELETED BY HAND' : 'row expired';
  return `changed ${Object.keys(changes).join(', ')}`;
}

/** What is missing stands last; S3 cuts its times to seconds, and what happened within one came before. */
function timeOf({ at, from }: Hop): string {
  if (at === null) return '~';
  return from === 'row' ? at : `${at.slice(0, 19)}.999Z`;
}

function timeText({ at, from }: Hop): string {
  return at === null ? '-' : at.slice(0, from === 'row' ? 23 : 19).replace('T', ' ');
}

function columnsFor(several: boolean): readonly Column<Hop>[] {
  const own: Column<Hop>[] = [
    { title: 'time (UTC)', cell: timeText },
    { title: 'hop', cell: ({ hop }) => hop, paint: ({ at, hop }) => (at === null ? pc.yellow : hop === 'deleted' ? pc.red : pc.green) },
  ];
  const key: Column<Hop>[] = several ? [{ title: 'row', cell: ({ eventKey }) => eventKey }] : [];
  return [
    ...own,
    ...key,
    { title: 'what', cell: ({ detail }) => detail, max: 240 },
    { title: 'from', cell: ({ from }) => from, paint: () => pc.dim },
  ];
}

const functionsOfEvent = ['webhook-receiver', 'event-relay', 'event-processor', 'notification-handler'] as const;

/** CloudWatch Logs has no client among the dependencies, and one command says it better. */
function logHints({ target }: Session, { events }: Story): string[] {
  if (target.local !== undefined) return ['the terminal of npm start; npm start -- --debug shows every line'];
  return events.slice(0, 3).flatMap(({ correlationId, event }) => {
    const since = new Date(Date.parse(event.receivedAt) - 60_000).toISOString();
    return functionsOfEvent.map(
      (name) =>
        `aws logs tail ${target.names.functionLog(name)} --region ${target.region} --since ${since} --filter-pattern '{ $.correlationId = "${correlationId}" }'`,
    );
  });
}
