import { Option, type Command } from 'commander';
import pc from 'picocolors';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { providerNames } from '../../functions/shared/providers';
import { findCustomer, type Customer, type CustomerRows } from './customer';
import { sweepAll, type Swept } from './customer-messages';
import { archivedVersions, beginErasure, eraseArchived, recordErasure, redactRow } from './erasure';
import { eventColumns, summaryOf } from './events';
import { notFound, OpsFailure, stopped, wrongUsage } from './failure';
import type { Io } from './io';
import { progressOf } from './progress';
import { ask } from './prompt';
import { reasonArgument } from './replay';
import { isArchived } from './replay-selection';
import type { ErasureRow } from './rows';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { heading, table } from './table';

interface EraseOptions extends CommonOptions {
  readonly customer: string;
  readonly provider?: string;
  readonly reason?: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly keepMerchantRef: boolean;
}

/** What is there to erase. */
interface Plan extends CustomerRows {
  readonly customer: Customer;
  /** Their bytes are not archived yet, and would be after us. */
  readonly onTheWay: readonly StoredEvent[];
  /** Versions and delete markers in the archive. */
  readonly objectVersions: number;
  readonly messages: readonly Swept[];
  readonly unfinished: ErasureRow | undefined;
}

/** A stream keeps its records that long; what was not archived within it never will be. */
const streamMs = 86_400_000;

export function addEraseCommand(program: Command, io: Io): void {
  addCommand(program, 'erase', 'Takes a customer out of table, archive and queues, and leaves a proof. Shows first what it would do.', [
    'erase --customer cus_QxY7',
    'erase --customer cus_QxY7 --provider stripe --reason "request of 2026-11-05" --env prod',
    'erase --customer cus_QxY7 --reason "request of 2026-11-05" --yes --json',
  ])
    .requiredOption('--customer <ref>', 'the customer as the provider names it (customerRef of events show)')
    .addOption(new Option('--provider <name>', 'at one provider (default: all)').choices(providerNames))
    .option('--reason <text>', "why; kept in the proof, so without anybody's name", reasonArgument)
    .option('--keep-merchant-ref', 'leave your own references in the rows: for order numbers that name nobody', false)
    .option('--dry-run', 'only say what would go, and ask nothing', false)
    .option('--yes', 'do not ask', false)
    .action((options: EraseOptions) => withSession(io, options, (session) => erase(session, options)));
}

async function erase(session: Session, options: EraseOptions): Promise<void> {
  const { customer: ref, provider, reason, dryRun, yes } = options;
  if (ref.trim() === '') throw wrongUsage('--customer is empty');
  if (dryRun && yes) throw wrongUsage('--dry-run and --yes say the opposite of each other');
  if (yes && reason === undefined) throw noReason();
  const plan = await planOf(session, { ref, provider });
  if (isDone(plan)) {
    answerDone(session, plan);
    return;
  }
  if (!yes) showPlan(session, plan);
  if (dryRun || (!yes && (options.json || session.io.input.isTTY !== true))) return;
  if (reason === undefined) throw noReason();
  if (!yes) await confirm(session, plan);
  await carryOut(session, plan, reason, options.keepMerchantRef);
}

function noReason(): OpsFailure {
  return wrongUsage('an erasure needs a --reason "…": the proof keeps it, so name nobody in it');
}

async function planOf(session: Session, customer: Customer): Promise<Plan> {
  const rows = await findCustomer(session, customer);
  if (rows.events.length + rows.erased.length + rows.erasures.length === 0)
    throw notFound(
      `no event of the customer was found${customer.provider === undefined ? '' : ` at ${customer.provider}`}: nothing was changed`,
    );
  const now = session.io.now();
  const late = await Promise.all(rows.events.map((stored) => isOnTheWay(session, stored, now)));
  const events = rows.events.filter((_, index) => late[index] === false);
  const versions = [];
  for (const stored of [...events, ...rows.erased]) versions.push(...(await archivedVersions(session.target, stored)));
  const messages = await sweepAll(session, 'dead letters', { customer, payments: rows.payments }, false);
  const onTheWay = rows.events.filter((_, index) => late[index] === true);
  const unfinished = rows.erasures.find(({ finishedAt }) => finishedAt === undefined);
  return { ...rows, customer, events, onTheWay, objectVersions: versions.length, messages, unfinished };
}

/** The relay has its bytes from the stream and would archive them after they were erased. */
async function isOnTheWay(session: Session, stored: StoredEvent, now: number): Promise<boolean> {
  if (stored.status === 'processed' || now - Date.parse(stored.event.receivedAt) > streamMs) return false;
  return !(await isArchived(session, stored));
}

function isDone({ events, onTheWay, objectVersions, messages, unfinished }: Plan): boolean {
  return events.length + onTheWay.length + objectVersions + foundIn(messages) === 0 && unfinished === undefined;
}

function foundIn(messages: readonly Swept[]): number {
  return messages.reduce((sum, { found }) => sum + found, 0);
}

function answerDone(session: Session, { erasures, erased }: Plan): void {
  const last = erasures.at(-1);
  session.answer({ erasedAt: last?.finishedAt ?? null, erasureId: last?.erasureId ?? null, events: erased.length, left: 0 }, () =>
    pc.green(`The customer was erased on ${last?.finishedAt ?? '?'} (erasure ${last?.erasureId ?? '?'}); nothing is left to erase.`),
  );
}

function showPlan(session: Session, plan: Plan): void {
  const { events, onTheWay, objectVersions, messages, unfinished } = plan;
  const value = {
    dryRun: true,
    events: events.map(summaryOf),
    onTheWay: onTheWay.map(summaryOf),
    objectVersions,
    deadLetters: foundIn(messages),
    continues: unfinished?.erasureId ?? null,
  };
  session.answer(value, () =>
    [
      heading(`Would be erased (${session.target.title})`),
      ...(events.length === 0 ? [] : [table(events, eventColumns)]),
      `${events.length} row(s) lose customer, references, failure text, headers and body; ids, kinds, money and times stay.`,
      `${objectVersions} version(s) and delete marker(s) go out of the archive for good.`,
      `${foundIn(messages)} dead letter(s) are deleted; the two work queues are looked at when it is done.`,
      ...(unfinished === undefined ? [] : [`It goes on with erasure ${unfinished.erasureId} of ${unfinished.startedAt}.`]),
      ...onTheWayLines(onTheWay),
      pc.dim('Nothing was changed yet: --yes carries it out, or a terminal is asked. What cannot be erased: docs/ops.md.'),
    ].join('\n'),
  );
}

function onTheWayLines({ length }: readonly StoredEvent[]): string[] {
  return length === 0
    ? []
    : [pc.yellow(`${length} event(s) are not archived yet and would be afterwards: they are left for a second run.`)];
}

async function confirm(session: Session, { customer, events }: Plan): Promise<void> {
  const question = `This erases ${events.length} event(s) for ever (${session.target.title}). Type the customer's reference to go on:`;
  const answer = await ask(session.io, question, 'an erasure is for ever: say so with --yes');
  if (answer.trim() !== customer.ref) throw stopped('nothing was erased');
}

/** Archive before row: what is interrupted leaves rows that name the customer, and the next run finds them. */
async function carryOut(session: Session, plan: Plan, reason: string, keepMerchantRef: boolean): Promise<void> {
  const { io, target } = session;
  const erasureId = await beginErasure(target, plan.customer, reason, io.now(), plan.unfinished);
  const counts = { events: plan.erased.filter((stored) => stored.erasureId === erasureId).length, objectVersions: 0, messages: 0 };
  const swept: Swept[] = [];
  let finishedAt: string | undefined;
  const tell = progressOf(io, plan.events.length, 'events erased');
  try {
    for (const stored of plan.erased) counts.objectVersions += await eraseArchived(target, stored);
    for (const [index, stored] of plan.events.entries()) {
      if (io.signal.aborted) throw stopped(`stopped: ${index} of ${plan.events.length} events are erased; the same command goes on`);
      counts.objectVersions += await eraseArchived(target, stored);
      await redactRow(target, stored, { erasureId, erasedAt: new Date(io.now()).toISOString(), keepMerchantRef });
      counts.events += 1;
      tell(index + 1);
    }
    swept.push(...(await sweepAll(session, 'all', { customer: plan.customer, payments: plan.payments }, true)));
    counts.messages = foundIn(swept);
    if (plan.onTheWay.length === 0) finishedAt = new Date(io.now()).toISOString();
  } finally {
    await recordErasure(target, erasureId, counts, finishedAt);
  }
  answerErased(session, plan, { erasureId, ...counts, finishedAt: finishedAt ?? null, unseen: swept.filter(({ unseen }) => unseen > 0) });
}

interface Outcome {
  readonly erasureId: string;
  readonly events: number;
  readonly objectVersions: number;
  readonly messages: number;
  readonly finishedAt: string | null;
  readonly unseen: readonly Swept[];
}

function answerErased(session: Session, { onTheWay }: Plan, { unseen, ...outcome }: Outcome): void {
  const { erasureId, events, objectVersions, messages, finishedAt } = outcome;
  const value = {
    ...outcome,
    leftOnTheWay: onTheWay.length,
    unseen: unseen.map(({ queue, unseen: count }) => ({ queue, messages: count })),
  };
  session.answer(value, () =>
    [
      `${finishedAt === null ? 'Begun' : 'Erased'}: ${events} event(s), ${objectVersions} version(s) in the archive, ${messages} message(s) (${session.target.title}).`,
      `Proof: row erasure#${erasureId}, which the audit trail has too.`,
      ...unseen.map(({ queue, unseen: count }) =>
        pc.yellow(`${count} message(s) of ${queue} were being worked on and could not be looked at.`),
      ),
      ...onTheWayLines(onTheWay),
    ].join('\n'),
  );
  if (finishedAt === null) throw new OpsFailure('not everything could be erased yet: run it again in some minutes');
}
