import { InvalidArgumentError, Option, type Command } from 'commander';
import pc from 'picocolors';
import { kinds } from '../../functions/shared/domain/payment-event';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { maxReasonLength } from '../../functions/shared/domain/replay';
import { pause } from '../local/pause';
import { groupsOf, type RowKey } from './event-index';
import { addWindow, eventColumns, summaryOf } from './events';
import { lineOf, notFound, OpsFailure, stopped, wrongUsage } from './failure';
import { theEvent, windowOf, type FindOptions } from './find';
import type { Io } from './io';
import { wholeNumber } from './numbers';
import { progressOf } from './progress';
import { keysOf, selection, sorted, type LeftOut } from './replay-selection';
import { newRunId, openReplayer, replayedAtOnce, replayEntries, type Delivery, type ReplayEntry, type ReplayRun } from './replayer';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { shellCommand } from './shell-command';
import { table } from './table';

interface ReplayOptions extends CommonOptions, FindOptions {
  readonly event?: string;
  readonly kind?: string;
  readonly to: ReplayEntry;
  readonly reason?: string;
  readonly realert: boolean;
  readonly dryRun: boolean;
  readonly rate: number;
  readonly runId?: string;
}

const day = 86_400_000;

export function addReplayCommand(program: Command, io: Io): void {
  const command = addCommand(program, 'replay', 'Sends events again that are stored: one, or those of a time.', [
    'replay --event evt_1RqWq2LkdIwHu7ix --reason "ledger lost it"',
    'replay --provider stripe --since 2026-11-05T10:00:00Z --until 2026-11-05T11:00:00Z --dry-run',
    'replay --since 2h --kind payment.failed --to bus --reason "consumer was down" --rate 20 --env prod',
    'replay --event evt_1RqWq2LkdIwHu7ix --realert --reason "nobody read the first alert"',
  ]);
  addWindow(command, io, '30d with --event, else it has to be said')
    .option('--event <id>', 'one event, by its event id or event key')
    .addOption(new Option('--kind <kind>', 'of a time: only what happened').choices(kinds))
    .addOption(
      new Option('--to <place>', 'processing: in front of the processor; bus: at once').choices(replayEntries).default('processing'),
    )
    .option(
      '--reason <text>',
      `why; kept in the audit trail, and shown to consumers (${maxReasonLength} characters at most)`,
      reasonArgument,
    )
    .option('--realert', 'alert people again (default: a replay alerts nobody)', false)
    .option('--dry-run', 'only say what would go', false)
    .option('--rate <number>', 'events a second', wholeNumber(1, 1000), 50)
    .option('--run-id <id>', 'go on with a run that was stopped: what it has sent does not go again', runIdArgument)
    .action((options: ReplayOptions) => withSession(io, options, (session) => replay(session, options)));
}

/** Reads a reason; the same for every command that has one. */
export function reasonArgument(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > maxReasonLength || /[\p{Cc}\p{Cn}\p{Cs}]/u.test(reason))
    throw new InvalidArgumentError(`A reason is one line of 1 to ${maxReasonLength} characters.`);
  return reason;
}

function runIdArgument(text: string): string {
  if (!/^[\w-]{1,40}$/.test(text)) throw new InvalidArgumentError('A run id has 1 to 40 of a-z, A-Z, 0-9, _ and -.');
  return text;
}

async function replay(session: Session, options: ReplayOptions): Promise<void> {
  const { reason } = options;
  if (options.event === undefined && options.since === undefined)
    throw wrongUsage('say which events: --event <id>, or a time with --since (and --until, --provider, --kind)');
  if (options.event !== undefined && options.kind !== undefined) throw wrongUsage('--kind is for a time, and --event names one event');
  if (options.dryRun) {
    await dryRun(session, options);
    return;
  }
  if (reason === undefined) throw wrongUsage('a replay needs a --reason "…": the audit trail keeps it (only --dry-run goes without)');
  const run = { runId: options.runId ?? newRunId(), to: options.to, reason, realert: options.realert };
  await new ReplayRunner(session, options, run).go();
}

interface Plan {
  readonly total: number;
  readonly batches: AsyncIterable<{ readonly keys: number; readonly events: readonly StoredEvent[]; readonly leftOut: readonly LeftOut[] }>;
}

/** What is meant, as far as keys tell. Throws where nothing is. */
async function planOf(session: Session, options: ReplayOptions): Promise<Plan> {
  if (options.event !== undefined) {
    const stored = await theEvent(session, options.event, options);
    const { events, leftOut } = await sorted(session, [stored]);
    const [left] = leftOut;
    if (left !== undefined) throw notFound(`${stored.event.eventId} cannot go: ${left.why}`);
    return { total: 1, batches: oneBatch(events) };
  }
  const keys: readonly RowKey[] = await keysOf(session, windowOf(options, session.io.now(), day));
  if (keys.length === 0) throw nothingFound(session, options);
  return { total: keys.length, batches: selection(session, keys, options.kind) };
}

async function* oneBatch(events: readonly StoredEvent[]) {
  yield await Promise.resolve({ keys: 1, events, leftOut: [] });
}

function nothingFound({ io }: Session, options: ReplayOptions): OpsFailure {
  const { since, until } = windowOf(options, io.now(), day);
  const what = [options.provider, options.kind].filter((part) => part !== undefined).join(' ');
  const span = `from ${new Date(since).toISOString()} to ${new Date(until).toISOString()}`;
  return notFound(`no event${what === '' ? '' : ` of ${what}`} happened ${span}: nothing was sent`);
}

async function dryRun(session: Session, options: ReplayOptions): Promise<void> {
  const { batches } = await planOf(session, options);
  const events: StoredEvent[] = [];
  const leftOut: LeftOut[] = [];
  for await (const batch of batches) {
    session.checkpoint();
    events.push(...batch.events);
    leftOut.push(...batch.leftOut);
  }
  if (events.length + leftOut.length === 0) throw nothingFound(session, options);
  const value = { dryRun: true, to: options.to, wouldSend: events.length, events: events.map(summaryOf), leftOut: leftOut.map(leftOutOf) };
  session.answer(value, () =>
    [
      ...(events.length === 0 ? [] : [table(events, eventColumns)]),
      `Would send ${events.length} event(s) to ${placeOf(options.to)} (${session.target.title}).`,
      ...remarks(events, leftOut, options),
    ].join('\n'),
  );
}

function leftOutOf({ stored, why }: LeftOut) {
  return { eventId: stored.event.eventId, eventKey: stored.eventKey, paymentId: stored.event.paymentId, why };
}

function placeOf(to: ReplayEntry): string {
  return to === 'bus' ? 'the bus' : 'the processing queue';
}

function remarks(events: readonly StoredEvent[], leftOut: readonly LeftOut[], { realert }: Pick<ReplayOptions, 'realert'>): string[] {
  const pending = events.filter(({ status }) => status === 'received').length;
  const counts = new Map<string, number>();
  for (const { why } of leftOut) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [
    ...(pending === 0 || realert
      ? []
      : [pc.yellow(`${pending} of them were never published, and nobody is told of these by a replay: --realert does`)]),
    ...[...counts].map(([why, count]) => pc.yellow(`${count} left out: ${why}`)),
  ];
}

/** One run from its first event to its last. */
class ReplayRunner {
  readonly #session: Session;
  readonly #options: ReplayOptions;
  readonly #run: ReplayRun;
  readonly #deliveries: Delivery[] = [];
  #sent = 0;
  /** When the next may go; time that was not used is not made up for. */
  #free = 0;
  readonly #leftOut: LeftOut[] = [];
  readonly #pending: StoredEvent[] = [];

  constructor(session: Session, options: ReplayOptions, run: ReplayRun) {
    this.#session = session;
    this.#options = options;
    this.#run = run;
  }

  async go(): Promise<void> {
    const { io, target } = this.#session;
    const { total, batches } = await planOf(this.#session, this.#options);
    const send = await openReplayer(target, this.#run, io.now);
    const tell = progressOf(io, total, 'events looked at');
    let lookedAt = 0;
    for await (const { keys, events, leftOut } of batches) {
      this.#leftOut.push(...leftOut);
      this.#pending.push(...events.filter(({ status }) => status === 'received'));
      for (const group of groupsOf(events, Math.min(replayedAtOnce, this.#options.rate))) await this.#send(send, group, total);
      lookedAt += keys;
      if (total > 1) tell(lookedAt);
    }
    this.#answer();
  }

  async #send(send: (events: readonly StoredEvent[]) => Promise<Delivery[]>, group: readonly StoredEvent[], total: number): Promise<void> {
    const { io } = this.#session;
    if (io.signal.aborted) throw stopped(`stopped: ${this.#sent} of ${total} sent. ${this.#resume()}`);
    this.#free = Math.max(this.#free, performance.now()) + (group.length * 1000) / this.#options.rate;
    try {
      const deliveries = await send(group);
      this.#deliveries.push(...deliveries);
      this.#sent += deliveries.filter(({ outcome }) => outcome === 'sent').length;
    } catch (error) {
      throw new OpsFailure(`stopped after ${this.#sent} of ${total}: ${lineOf(error)}. ${this.#resume()}`, 1, { cause: error });
    }
    const ahead = this.#free - performance.now();
    if (ahead > 0) await pause(ahead, io.signal);
  }

  #count(outcome: Delivery['outcome']): number {
    return this.#deliveries.filter((delivery) => delivery.outcome === outcome).length;
  }

  #resume(): string {
    const { since, until } = windowOf(this.#options, this.#session.io.now(), day);
    const { event, provider, kind, rate, env, endpoint, region } = this.#options;
    const { runId, to, reason, realert } = this.#run;
    const window = event === undefined ? { since: new Date(since).toISOString(), until: new Date(until).toISOString() } : { event };
    const again = { ...window, provider, kind, to, rate, realert, reason, 'run-id': runId, env, endpoint, region };
    return `Go on with: ${shellCommand('replay', again)}`;
  }

  #answer(): void {
    const [sent, before, failed] = [this.#sent, this.#count('sent before'), this.#count('failed')];
    const { runId, to, realert } = this.#run;
    if (this.#deliveries.length + this.#leftOut.length === 0) throw nothingFound(this.#session, this.#options);
    const deliveries = this.#deliveries.map(deliveryOf);
    const value = { runId, to, realert, sent, sentBefore: before, failed, deliveries, leftOut: this.#leftOut.map(leftOutOf) };
    this.#session.answer(value, () =>
      [
        `${sent} event(s) sent to ${placeOf(to)} (${this.#session.target.title}), run ${runId}.`,
        ...(deliveries.length === 1
          ? deliveries.map(({ deliveryId, replayOf }) => `Delivery ${deliveryId}, a replay of ${replayOf}.`)
          : []),
        ...(before === 0 ? [] : [`${before} were sent by this run before.`]),
        ...remarks(this.#pending, this.#leftOut, this.#options),
      ].join('\n'),
    );
    if (failed > 0) throw new OpsFailure(`${failed} could not be sent (${this.#problems()}). ${this.#resume()}`);
    if (this.#leftOut.some(({ stored }) => stored.erasedAt === undefined)) throw new OpsFailure('not every event could go');
  }

  #problems(): string {
    return [...new Set(this.#deliveries.flatMap(({ problem }) => problem ?? []))].join(', ');
  }
}

function deliveryOf({ deliveryId, stored, outcome, problem }: Delivery) {
  const { event, eventKey, correlationId } = stored;
  const { provider, eventId, paymentId } = event;
  return {
    deliveryId,
    replayOf: correlationId,
    provider,
    eventId,
    paymentId,
    eventKey,
    outcome,
    ...(problem === undefined ? {} : { problem }),
  };
}
