import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { Argument, type Command } from 'commander';
import pc from 'picocolors';
import { namesOf } from '../../stacks/naming';
import { decodeLetter, deadLetterQueues, type DeadLetter, type DeadLetterQueue } from './dead-letters';
import { moneyText } from './events';
import { isErrorNamed, notFound, OpsFailure, stopped, wrongUsage } from './failure';
import type { Io } from './io';
import { wholeNumber } from './numbers';
import { ask } from './prompt';
import { countsOf, peek, type QueueCounts } from './queues';
import { moveBack, sendToTargets } from './redrive';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { fields, heading, table, type Column } from './table';
import { ageText } from './times';

/** A dead-letter queue that is there. */
interface Found extends DeadLetterQueue, QueueCounts {
  readonly url: string;
}

const sampleSize = 10;
const shortNames = deadLetterQueues(namesOf('any', '')).map(({ short }) => short);

export function addDeadLetterCommands(program: Command, io: Io): void {
  const group = addGroup(program, 'dlq', 'Dead letters: what could not be done, why, and once more.');
  const queue = (): Argument => new Argument('<queue>', 'which dead letters').choices(shortNames);
  addCommand(group, 'list', 'Counts the dead letters of every queue, with age and reason of some of them.', [
    'dlq list',
    'dlq list --env prod --json',
  ]).action((options: CommonOptions) => withSession(io, options, listQueues));
  addCommand(group, 'show', 'Decodes the dead letters of one queue; they stay where they are.', [
    'dlq show processing',
    'dlq show routing --limit 50 --env prod',
  ])
    .addArgument(queue())
    .option('--limit <number>', 'how many at most', wholeNumber(1, 1000), sampleSize)
    .action((name: string, options: CommonOptions & { readonly limit: number }) =>
      withSession(io, options, async (session) => {
        await showQueue(session, await find(session, name), options.limit);
      }),
    );
  addCommand(group, 'redrive', 'Sends dead letters back to where they come from.', [
    'dlq redrive processing --dry-run',
    'dlq redrive processing --rate 10 --env prod',
    'dlq redrive routing',
  ])
    .addArgument(queue())
    .option('--rate <number>', 'messages a second', wholeNumber(1, 500), 10)
    .option('--dry-run', 'only say what would go', false)
    .action((name: string, options: CommonOptions & { readonly rate: number; readonly dryRun: boolean }) =>
      withSession(io, options, async (session) => {
        const found = await find(session, name);
        await (options.dryRun ? dryRun(session, found) : redrive(session, found, options.rate));
      }),
    );
  addCommand(group, 'purge', 'Deletes all dead letters of one queue. Nothing brings them back.', [
    'dlq purge delivery',
    'dlq purge delivery --yes --env dev',
  ])
    .addArgument(queue())
    .option('--yes', 'do not ask', false)
    .action((name: string, options: CommonOptions & { readonly yes: boolean }) =>
      withSession(io, options, async (session) => {
        await purge(session, await find(session, name), options.yes);
      }),
    );
}

/** Every dead-letter queue with its counts. */
export async function foundQueues({ target }: Session): Promise<Found[]> {
  const found = await Promise.all(
    deadLetterQueues(target.names).map(async (queue) => {
      const url = await target.queueUrl(queue.name);
      return url === undefined ? [] : [{ ...queue, url, ...(await countsOf(target, url)) }];
    }),
  );
  return found.flat();
}

async function find(session: Session, short: string): Promise<Found> {
  const found = (await foundQueues(session)).find((queue) => queue.short === short);
  if (found === undefined) throw notFound(`${session.target.title} has no queue for the dead letters of ${short}`);
  return found;
}

async function listQueues(session: Session): Promise<void> {
  const queues = await Promise.all(
    (await foundQueues(session)).map(async (queue) => {
      const letters = queue.waiting === 0 ? [] : await lettersOf(session, queue, Math.min(sampleSize, queue.waiting));
      const oldestSentAt = letters.map(({ sentAt }) => sentAt).sort()[0];
      return { queue, oldestSentAt, reasons: [...new Set(letters.map(({ reason }) => reason))] };
    }),
  );
  const value = queues.map(({ queue, oldestSentAt, reasons }) => ({
    queue: queue.short,
    name: queue.name,
    waiting: queue.waiting,
    inFlight: queue.inFlight,
    oldestSentAt: oldestSentAt ?? null,
    reasons,
  }));
  const now = session.io.now();
  session.answer({ queues: value }, () =>
    table(queues, [
      { title: 'queue', cell: ({ queue }) => queue.short, paint: ({ queue }) => (queue.waiting > 0 ? pc.red : pc.green) },
      { title: 'messages', cell: ({ queue }) => String(queue.waiting), align: 'right' },
      { title: 'in flight', cell: ({ queue }) => String(queue.inFlight), align: 'right' },
      { title: 'oldest', cell: ({ queue, oldestSentAt }) => oldestText(oldestSentAt, queue, now), align: 'right' },
      { title: 'means', cell: ({ queue }) => queue.means },
      { title: 'why', cell: ({ reasons }) => reasons.join('; '), max: 80 },
    ]),
  );
}

/** Of more messages than were looked at, the oldest may be another. */
function oldestText(sentAt: string | undefined, { waiting }: Found, now: number): string {
  if (sentAt === undefined) return '';
  return `${waiting > sampleSize ? '≥ ' : ''}${ageText(now - Date.parse(sentAt))}`;
}

async function lettersOf(session: Session, queue: Found, limit: number): Promise<DeadLetter[]> {
  return (await peek(session, queue.url, limit)).map((message) => decodeLetter(queue.short, message));
}

async function showQueue(session: Session, queue: Found, limit: number): Promise<void> {
  // An empty read takes a second, and is only worth it where the count may be behind.
  const letters = await lettersOf(session, queue, queue.waiting === 0 ? limit : Math.min(limit, queue.waiting));
  session.answer({ queue: queue.short, name: queue.name, waiting: queue.waiting, letters: letters.map(forScripts) }, () => {
    if (letters.length === 0) return `No dead letters in ${queue.name}.`;
    const more = queue.waiting > letters.length ? [pc.dim(`${letters.length} of about ${queue.waiting}: --limit shows more`)] : [];
    return [...letters.map((letter) => letterText(letter, session.io.now())), ...more].join('\n\n');
  });
}

function forScripts({ event, ...letter }: DeadLetter) {
  return { ...letter, event: event ?? null };
}

function letterText({ messageId, sentAt, reason, event, about, body }: DeadLetter, now: number): string {
  return [
    heading(`${ageText(now - Date.parse(sentAt))} old  ${reason}`),
    fields([
      ['message', messageId],
      ['sent', sentAt],
      ['about', about],
      ['kind', event?.kind],
      ['amount', event === undefined ? undefined : moneyText(event)],
      ['payment', event?.paymentId],
      ['event', event?.eventId],
      ['body', event === undefined ? body.slice(0, 2000) : undefined],
    ]),
  ].join('\n');
}

const letterColumns: readonly Column<DeadLetter>[] = [
  { title: 'message', cell: ({ messageId }) => messageId },
  { title: 'kind', cell: ({ event }) => event?.kind ?? '' },
  { title: 'payment', cell: ({ event, about }) => event?.paymentId ?? about },
  { title: 'event', cell: ({ event }) => event?.eventId ?? '' },
  { title: 'why', cell: ({ reason }) => reason, max: 60 },
];

async function dryRun(session: Session, queue: Found): Promise<void> {
  refuseImpossible(queue);
  const letters = await lettersOf(session, queue, Math.min(sampleSize, queue.waiting));
  session.answer({ queue: queue.short, dryRun: true, wouldMove: queue.waiting, sample: letters.map(forScripts) }, () =>
    [
      `Would send ${queue.waiting} message(s) of ${queue.name} back${queue.waiting > letters.length ? `; ${letters.length} of them:` : ''}`,
      ...(letters.length === 0 ? [] : [table(letters, letterColumns)]),
    ].join('\n'),
  );
}

async function redrive(session: Session, queue: Found, perSecond: number): Promise<void> {
  refuseImpossible(queue);
  const request = { queueUrl: queue.url, queueArn: queue.arn, total: queue.waiting, perSecond };
  const run = queue.redrive === 'move' ? moveBack : sendToTargets;
  const result = queue.waiting === 0 ? { moved: 0, left: {} } : await run(session, request);
  const leftOver = Object.entries(result.left);
  session.answer({ queue: queue.short, ...result }, () =>
    [
      `${result.moved} message(s) sent back (${session.target.title}).`,
      ...leftOver.map(([why, count]) => pc.yellow(`${count} left: ${why}`)),
    ].join('\n'),
  );
  if (leftOver.length > 0) throw new OpsFailure('not every message could be sent back');
}

function refuseImpossible({ redrive: how, short }: Found): void {
  if (typeof how === 'object') throw new OpsFailure(`dead letters of ${short} cannot be sent back: ${how.impossible}`);
}

async function purge(session: Session, queue: Found, yes: boolean): Promise<void> {
  const { waiting, name, short, url } = queue;
  if (!yes) {
    const question = `This deletes ${waiting} message(s) of ${name} (${session.target.title}) for ever. Type ${short} to go on:`;
    const answer = await ask(session.io, question, `purge deletes ${waiting} message(s) of ${name} for ever: say so with --yes`);
    if (answer.trim() !== short) throw stopped('nothing was deleted');
  }
  try {
    await session.target.sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  } catch (error) {
    if (isErrorNamed(error, 'PurgeQueueInProgress')) throw wrongUsage(`${name} is being purged already: once in 60 seconds`);
    throw error;
  }
  session.answer({ queue: short, purged: waiting }, () => `${waiting} message(s) of ${name} deleted (${session.target.title}).`);
}
