import { Option, type Command } from 'commander';
import pc from 'picocolors';
import * as v from 'valibot';
import { eventsApis } from '../../functions/shared/providers/events-apis';
import { notFound, OpsFailure, wrongUsage } from './failure';
import { invokeFunction } from './invoke';
import type { Io } from './io';
import { printable } from './printable';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { table, type Column } from './table';
import { clockText, timeArgument } from './times';

interface ReconcileOptions extends CommonOptions {
  readonly provider: string;
  readonly since?: number;
  readonly until?: number;
  readonly dryRun: boolean;
}

const missedSchema = v.object({
  eventId: v.string(),
  eventType: v.string(),
  kind: v.string(),
  paymentId: v.string(),
  occurredAt: v.string(),
});
const counts = {
  listed: v.number(),
  expected: v.number(),
  missed: v.number(),
  events: v.array(missedSchema),
  leftOutTypes: v.optional(v.array(v.string()), []),
  anew: v.optional(v.boolean(), false),
};
const answerSchema = v.variant('outcome', [
  v.object({ outcome: v.literal('done'), ...counts }),
  v.object({ outcome: v.literal('more'), cursor: v.optional(v.string()), ...counts }),
  v.object({ outcome: v.literal('failed'), reason: v.string(), detail: v.string(), ...counts }),
  v.object({ outcome: v.literal('refused'), detail: v.string() }),
  v.object({ outcome: v.literal('off') }),
  v.object({ outcome: v.literal('busy') }),
]);

type Missed = v.InferOutput<typeof missedSchema>;

/** What several calls of the function come to. */
interface Total {
  readonly listed: number;
  readonly expected: number;
  readonly missed: number;
  readonly events: readonly Missed[];
  /** Types of the events that no webhook is expected of; the rest of `listed`. */
  readonly leftOutTypes: readonly string[];
}

type Answer = v.InferOutput<typeof answerSchema>;
type Ended = Exclude<Answer, { outcome: 'more' }>;

const day = 86_400_000;

export function addReconcileCommand(program: Command, io: Io): void {
  addCommand(program, 'reconcile', "Finds events in a provider's own list that no webhook brought, and recovers them.", [
    'reconcile --provider stripe --since 24h --dry-run --env prod',
    'reconcile --provider square --since 2026-11-05T08:00:00Z --until 2026-11-05T09:00:00Z --env prod',
    "reconcile --provider paypal --since 7d --json | jq '.events[].eventId'",
  ])
    .addOption(new Option('--provider <name>', 'whose events').choices([...eventsApis.keys()]).makeOptionMandatory())
    .option('--since <time>', '30m, 2h, 7d, a day or a time (default: 24h)', timeArgument(io.now))
    .option('--until <time>', 'the same (default: now; what is younger than five minutes is left alone)', timeArgument(io.now))
    .option('--dry-run', 'only say what is missed', false)
    .action((options: ReconcileOptions) => withSession(io, options, (session) => reconcile(session, options)));
}

async function reconcile(session: Session, options: ReconcileOptions): Promise<void> {
  const { provider, dryRun } = options;
  const until = options.until ?? session.io.now();
  const since = options.since ?? until - day;
  if (since >= until) throw wrongUsage('--since is after --until');
  const window = { provider, since: new Date(since).toISOString(), until: new Date(until).toISOString(), dryRun };
  const { total, end } = await compared(session, window, options.endpoint);
  if (end.outcome === 'done') {
    session.answer(jsonOf(window, total), () => textOf(session, provider, dryRun, total));
    return;
  }
  if (total.missed > 0) session.answer({ ...jsonOf(window, total), incomplete: true }, () => table(total.events, columns));
  throw failureOf(end, window, total);
}

interface Window {
  readonly provider: string;
  readonly dryRun: boolean;
}

function jsonOf({ provider, dryRun }: Window, total: Total) {
  return { provider, dryRun, ...total, leftOut: total.listed - total.expected };
}

/** Asks the function until the window is done or fails; each call goes on where the last one ran out of time. */
async function compared(session: Session, window: Window, endpoint: string | undefined): Promise<{ total: Total; end: Ended }> {
  const { target, io } = session;
  let total: Total = { listed: 0, expected: 0, missed: 0, events: [], leftOutTypes: [] };
  let cursor: string | undefined;
  for (;;) {
    session.checkpoint();
    const event = { reconcile: { ...window, ...(cursor === undefined ? {} : { cursor }) } };
    const read = v.safeParse(answerSchema, await invokeFunction(target, target.names.ofFunction('reconciler'), event, endpoint));
    if (!read.success) throw new OpsFailure('the reconciler answered something that this version does not know: deploy it again');
    const answer = read.output;
    if ('listed' in answer) total = added(total, answer);
    if (answer.outcome !== 'more') return { total, end: answer };
    cursor = answer.cursor;
    io.note(pc.dim(`${total.listed} events listed, ${total.missed} missed so far…`));
  }
}

/** Counts distinct events. A window that was begun anew is counted from its start; what an earlier call found missed stays found. */
function added(total: Total, more: Total & { readonly anew: boolean }): Total {
  const before = more.anew ? { ...total, listed: 0, expected: 0 } : total;
  const known = new Set(total.events.map(identityOf));
  const events = more.events.filter((event) => !known.has(identityOf(event)));
  return {
    listed: before.listed + more.listed,
    expected: before.expected + more.expected,
    missed: before.missed + more.missed - (more.events.length - events.length),
    events: [...before.events, ...events],
    leftOutTypes: [...new Set([...before.leftOutTypes, ...more.leftOutTypes])],
  };
}

/** PayPal's simulator gives events of different types one id. */
function identityOf({ eventId, eventType }: Missed): string {
  return JSON.stringify([eventId, eventType]);
}

function failureOf(end: Exclude<Ended, { outcome: 'done' }>, { provider, dryRun }: Window, { missed }: Total): OpsFailure {
  switch (end.outcome) {
    case 'refused':
      return wrongUsage(end.detail);
    case 'off':
      return notFound(`no API key of ${provider} is set: npm run ops -- secrets api-key ${provider}`);
    case 'busy':
      return new OpsFailure(`another run compares the events of ${provider} at this moment: try again in a minute`);
    case 'failed': {
      const events = missed === 1 ? '1 missed event' : `${missed} missed events`;
      const found = dryRun ? `found ${events} before the failure; recovered none` : `recovered ${events} before the failure`;
      const kept = missed === 0 ? '' : `; ${found}`;
      return new OpsFailure(`the events of ${provider} cannot be compared (${end.reason}): ${end.detail}${kept}`);
    }
  }
}

const columns: readonly Column<Missed>[] = [
  { title: 'occurred (UTC)', cell: ({ occurredAt }) => clockText(occurredAt) },
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'type', cell: ({ eventType }) => eventType },
  { title: 'payment', cell: ({ paymentId }) => paymentId },
  { title: 'event', cell: ({ eventId }) => eventId },
];

function textOf({ target }: Session, provider: string, dryRun: boolean, total: Total): string {
  const { listed, expected, missed, events } = total;
  const seen = `${listed} events in the list of ${provider}, ${expected} of them expected as webhooks${leftOutText(total)}`;
  if (missed === 0) return `Nothing is missed: ${seen} (${target.title}).`;
  const what = dryRun ? `${missed} missed, and would be recovered` : `${missed} missed, and recovered`;
  const more = missed > events.length ? [pc.dim(`${missed - events.length} more are named in the log of the reconciler.`)] : [];
  return [table(events, columns), ...more, `${seen}, ${what} (${target.title}).`].join('\n');
}

const typesShown = 5;

function leftOutText({ listed, expected, leftOutTypes }: Total): string {
  if (listed === expected) return '';
  const more = leftOutTypes.length > typesShown ? ', …' : '';
  const types = leftOutTypes.length === 0 ? '' : ` (${leftOutTypes.slice(0, typesShown).map(printable).join(', ')}${more})`;
  return `, ${listed - expected} of other types left out${types}`;
}
