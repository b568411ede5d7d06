import type { Command } from 'commander';
import pc from 'picocolors';
import { formatMajorUnits } from '../../functions/shared/domain/money';
import { paymentStateOf, type PaymentState } from '../../functions/shared/domain/payment-state';
import { eventColumns, summaryOf } from './events';
import { thePayment } from './find';
import type { Io } from './io';
import type { AlertRow, ReplayRow } from './rows';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { fields, heading, table, type Column } from './table';
import { clockText } from './times';

export function addPaymentCommands(program: Command, io: Io): void {
  const group = addGroup(program, 'payments', 'Payments and what became of them.');
  addCommand(group, 'show <id>', 'Shows the state of a payment, its history and its alerts.', [
    'payments show stripe:pi_3RqWq2LkdIwHu7ix',
    'payments show 5O190127TN364715T --env prod',
    'payments show square:R2B3Z8WMVt3EAmzYWLZvz7Y69EbZY --json',
  ]).action((id: string, options: CommonOptions) => withSession(io, options, (session) => showPayment(session, id)));
}

async function showPayment(session: Session, id: string): Promise<void> {
  const { paymentId, events, alerts, replays } = await thePayment(session, id);
  const history = [...events].sort((a, b) => (a.event.occurredAt < b.event.occurredAt ? -1 : 1));
  const state = paymentStateOf(events.map(({ event }) => event));
  session.answer({ paymentId, state, events: history.map(summaryOf), alerts, replays }, () =>
    [
      heading(`${paymentId}  ${state.status}${state.dispute === 'none' ? '' : `, dispute ${state.dispute}`}`),
      fields(amountsOf(state)),
      '',
      heading('History'),
      table(history, eventColumns),
      '',
      heading('Alerts'),
      alerts.length === 0 ? pc.dim('none') : table(alerts, alertColumns),
      ...(replays.length === 0 ? [] : ['', heading('Replays'), table(replays, replayColumns)]),
    ].join('\n'),
  );
}

const titles = {
  authorizedMinor: 'authorized',
  succeededMinor: 'succeeded',
  refundPendingMinor: 'refund pending',
  refundedMinor: 'refunded',
  disputedMinor: 'disputed',
  lostMinor: 'lost',
  paidOutMinor: 'paid out',
} as const;

function amountsOf({ amounts, lastEventAt }: PaymentState): [string, string | null][] {
  const sums = amounts.flatMap(({ currency, ...sum }) =>
    Object.entries(titles).flatMap(([name, title]): [string, string][] => {
      const minor: unknown = Reflect.get(sum, name);
      return typeof minor === 'bigint' && minor > 0n ? [[title, `${currency} ${formatMajorUnits({ minor, currency })}`]] : [];
    }),
  );
  return [...sums, ['last event', lastEventAt]];
}

const alertColumns: readonly Column<AlertRow>[] = [
  {
    title: 'sent (UTC)',
    cell: ({ sentAt, claimedUntil }) => (sentAt === undefined ? `claimed until ${clockText(claimedUntil)}` : clockText(sentAt)),
  },
  { title: 'reason', cell: ({ reason, deliveryId }) => `${reason}${deliveryId === undefined ? '' : ' (replay)'}`, paint: () => pc.red },
  { title: 'object', cell: ({ objectId }) => objectId },
  { title: 'message', cell: ({ messageId }) => messageId ?? '' },
];

const replayColumns: readonly Column<ReplayRow>[] = [
  { title: 'sent (UTC)', cell: ({ sentAt }) => (sentAt === undefined ? 'asked for, not sent' : clockText(sentAt)) },
  { title: 'delivery', cell: ({ deliveryId }) => deliveryId },
  { title: 'event', cell: ({ replayedEvent }) => replayedEvent },
  { title: 'to', cell: ({ to, realert }) => `${to}${realert ? ', with alert' : ''}` },
  { title: 'by', cell: ({ requestedBy }) => requestedBy },
  { title: 'why', cell: ({ reason }) => reason, max: 80 },
];
