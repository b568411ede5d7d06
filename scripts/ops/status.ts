import type { Command } from 'commander';
import pc from 'picocolors';
import { providerNames } from '../../functions/shared/providers';
import type { ControlStatus } from '../local/control';
import { foundQueues } from './dlq';
import { newestFirst } from './event-index';
import { notFound } from './failure';
import type { Io } from './io';
import { askControl } from './local-control';
import { stageFunctions } from './pause';
import { secretChangedAt } from './provider-secret';
import { countsOf } from './queues';
import { readEvents } from './rows';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { heading, table } from './table';
import { ageText } from './times';

interface QueueLine {
  readonly queue: string;
  readonly deadLetters: boolean;
  readonly waiting: number;
  readonly inFlight: number;
  /** Null where only CloudWatch knows. */
  readonly oldestAgeSeconds: number | null;
}

interface ProviderLine {
  readonly provider: string;
  /** ISO 8601; null: none in the days that were looked at. */
  readonly lastReceivedAt: string | null;
  readonly lastKind: string | null;
  readonly secretChangedAt: string | null;
}

const day = 86_400_000;
const lookBackMs = 7 * day;

export function addStatusCommand(program: Command, io: Io): void {
  addCommand(program, 'status', 'One screen: queues, dead letters, what is paused, the last webhook and the secret of each provider.', [
    'status',
    'status --env prod',
    "status --json | jq '.queues[] | select(.deadLetters and .waiting > 0)'",
  ]).action((options: CommonOptions) => withSession(io, options, showStatus));
}

async function showStatus(session: Session): Promise<void> {
  const { target, io } = session;
  const control = await askControl(target, 'GET', '/status');
  const [queues, providers] = await Promise.all([
    queueLines(session, control),
    Promise.all(providerNames.map((name) => providerLine(session, name))),
  ]);
  const stages = stageFunctions(target.names).map(({ stage, functionName }) => ({ stage, state: stateOf(control, functionName) }));
  const now = io.now();
  session.answer({ target: target.title, queues, stages, providers }, () =>
    [
      heading(target.title),
      '',
      table(queues, [
        { title: 'queue', cell: ({ queue }) => queue, paint: (line) => (line.deadLetters && line.waiting > 0 ? pc.red : plain) },
        { title: 'waiting', cell: ({ waiting }) => String(waiting), align: 'right' },
        { title: 'in flight', cell: ({ inFlight }) => String(inFlight), align: 'right' },
        { title: 'oldest', cell: ({ oldestAgeSeconds: age }) => (age === null ? '' : ageText(age * 1000)), align: 'right' },
      ]),
      ...(control === undefined ? [pc.dim('How old messages are, throughput and alarms: the dashboard (CloudWatch).')] : []),
      '',
      table(stages, [
        { title: 'stage', cell: ({ stage }) => stage },
        { title: 'state', cell: ({ state }) => state, paint: ({ state }) => (state === 'paused' ? pc.yellow : plain) },
      ]),
      '',
      table(providers, [
        { title: 'provider', cell: ({ provider }) => provider },
        { title: 'last webhook', cell: ({ lastReceivedAt: at }) => (at === null ? 'none in 7 d' : `${ageText(now - Date.parse(at))} ago`) },
        { title: 'kind', cell: ({ lastKind }) => lastKind ?? '' },
        {
          title: 'secret',
          cell: ({ secretChangedAt: at }) => (at === null ? 'NOT SET' : `set ${ageText(now - Date.parse(at))} ago`),
          paint: ({ secretChangedAt: at }) => (at === null ? pc.yellow : plain),
        },
      ]),
    ].join('\n'),
  );
}

async function queueLines(session: Session, control: ControlStatus | undefined): Promise<QueueLine[]> {
  const { target } = session;
  const work = await Promise.all(
    [target.names.processingQueue, target.names.notificationQueue].map(async (name) => {
      const url = await target.queueUrl(name);
      if (url === undefined) throw notFound(`there is no queue ${name}`);
      return { name, deadLetters: false, ...(await countsOf(target, url)) };
    }),
  );
  const dead = (await foundQueues(session)).map((queue) => ({ ...queue, deadLetters: true }));
  return [...work, ...dead].map(({ name, deadLetters, waiting, inFlight, delayed }) => {
    const age = control?.queues.find((queue) => queue.name === name)?.oldestAgeSeconds;
    return { queue: name, deadLetters, waiting: waiting + delayed, inFlight, oldestAgeSeconds: age ?? null };
  });
}

function stateOf(control: ControlStatus | undefined, functionName: string): 'running' | 'paused' | 'unknown' {
  const trigger = control?.queueTriggers.find((one) => one.functionName === functionName);
  if (trigger === undefined) return 'unknown';
  return trigger.paused ? 'paused' : 'running';
}

async function providerLine(session: Session, provider: string): Promise<ProviderLine> {
  const { target, io } = session;
  const [changedAt, last] = await Promise.all([secretChangedAt(target, provider), lastEvent(session, provider, io.now())]);
  return {
    provider,
    lastReceivedAt: last?.event.receivedAt ?? null,
    lastKind: last?.event.kind ?? null,
    secretChangedAt: changedAt?.toISOString() ?? null,
  };
}

/** The event that happened last: one key of each partition of a day is read, until there is one. */
async function lastEvent({ target }: Session, provider: string, now: number) {
  for await (const key of newestFirst(target, { providers: [provider], since: now - lookBackMs, until: now + day }, 1)) {
    const [event] = await readEvents(target, [key]);
    if (event !== undefined) return event;
  }
  return undefined;
}

function plain(text: string): string {
  return text;
}
