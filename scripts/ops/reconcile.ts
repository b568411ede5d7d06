import { Option, type Command } from 'commander';
import pc from 'picocolors';
import * as v from 'valibot';
import { eventsApis } from '../../functions/shared/providers/events-apis';
import { notFound, OpsFailure, wrongUsage } from './failure';
import { invokeFunction } from './invoke';
import type { Io } from './io';
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
const counts = { listed: v.number(), expected: v.number(), missed: v.number(), events: v.array(missedSchema) };
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
}

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
  const total = await compared(session, window, options.endpoint);
  session.answer({ provider, dryRun, ...total }, () => textOf(session, provider, dryRun, total));
}

/** Asks the function until the window is done; each call goes on where the last one ran out of time. */
async function compared(session: Session, window: { readonly provider: string }, endpoint: string | undefined): Promise<Total> {
  const { target, io } = session;
  let total: Total = { listed: 0, expected: 0, missed: 0, events: [] };
  let cursor: string | undefined;
  for (;;) {
    session.checkpoint();
    const event = { reconcile: { ...window, ...(cursor === undefined ? {} : { cursor }) } };
    const read = v.safeParse(answerSchema, await invokeFunction(target, target.names.ofFunction('reconciler'), event, endpoint));
    if (!read.success) throw new OpsFailure('the reconciler answered something that this version does not know: deploy it again');
    const answer = read.output;
    if ('listed' in answer) total = added(total, answer);
    if (answer.outcome === 'done') return total;
    if (answer.outcome !== 'more') throw failureOf(answer, window.provider, total);
    cursor = answer.cursor;
    io.note(pc.dim(`${total.listed} events listed, ${total.missed} missed so far…`));
  }
}

function added(total: Total, more: Total): Total {
  return {
    listed: total.listed + more.listed,
    expected: total.expected + more.expected,
    missed: total.missed + more.missed,
    events: [...total.events, ...more.events],
  };
}

function failureOf(
  answer: Exclude<v.InferOutput<typeof answerSchema>, { outcome: 'done' | 'more' }>,
  provider: string,
  total: Total,
): OpsFailure {
  switch (answer.outcome) {
    case 'refused':
      return wrongUsage(answer.detail);
    case 'off':
      return notFound(`no API key of ${provider} is set: npm run ops -- secrets api-key ${provider}`);
    case 'busy':
      return new OpsFailure(`another run compares the events of ${provider} at this moment: try again in a minute`);
    case 'failed': {
      const kept = total.missed === 0 ? '' : `; ${total.missed} missed events were recovered before`;
      return new OpsFailure(`the events of ${provider} cannot be compared (${answer.reason}): ${answer.detail}${kept}`);
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

function textOf({ target }: Session, provider: string, dryRun: boolean, { listed, expected, missed, events }: Total): string {
  const seen = `${listed} events in the list of ${provider}, ${expected} of them expected as webhooks`;
  if (missed === 0) return `Nothing is missed: ${seen} (${target.title}).`;
  const what = dryRun ? `${missed} missed, and would be recovered` : `${missed} missed, and recovered`;
  const more = missed > events.length ? [pc.dim(`${missed - events.length} more are named in the log of the reconciler.`)] : [];
  return [table(events, columns), ...more, `${seen}, ${what} (${target.title}).`].join('\n');
}
