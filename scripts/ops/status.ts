import type { Command } from 'commander';
import { providerNames } from '../../functions/shared/providers';
import type { Names } from '../../stacks/naming';
import type { ControlStatus } from '../local/control';
import { deadLetterQueues } from './dead-letters';
import { foundQueues } from './dlq';
import { newestFirst } from './event-index';
import { lineOf, notFound } from './failure';
import type { Io } from './io';
import { askControl } from './local-control';
import { observe, observedLocally, ringingAlarms, type Observed } from './observed';
import { stageFunctions, stageState, type StageState } from './pause';
import { secretChangedAt } from './provider-secret';
import { countsOf, workQueues } from './queues';
import { readEvents } from './rows';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import { statusScreen, type ProviderLine, type QueueLine, type StageLine, type Status } from './status-screen';

const day = 86_400_000;
const lookBackMs = 7 * day;

export function addStatusCommand(program: Command, io: Io): void {
  addCommand(
    program,
    'status',
    'One screen: throughput, lag, alarms, queues, dead letters, what is paused, the last webhook and the secret of each provider.',
    ['status', 'status --env prod', "status --json | jq '.queues[] | select(.deadLetters and .waiting > 0)'"],
  ).action((options: CommonOptions) => withSession(io, options, showStatus));
}

async function showStatus(session: Session): Promise<void> {
  const { target, io } = session;
  const control = await askControl(target, 'GET', '/status');
  const unknown: string[] = [];
  const known = async <T>(what: string, asked: Promise<T>): Promise<T | undefined> =>
    asked.catch((cause: unknown) => {
      unknown.push(`${what}: ${lineOf(cause).slice(0, 160)}`);
      return undefined;
    });
  const [watched, alarms, queues, stages, providers] = await Promise.all([
    target.local === undefined ? known('throughput, ages and lag', observe(target, queueNames(target.names), io.now())) : undefined,
    target.local === undefined ? known('alarms', ringingAlarms(target)) : undefined,
    queueCounts(session),
    Promise.all(stageFunctions(target.names).map((stage) => stageLine(session, stage, control, known))),
    Promise.all(providerNames.map((name) => providerLine(session, name))),
  ]);
  const status: Status = {
    target: target.title,
    traffic: (control === undefined ? watched?.traffic : observedLocally(control)) ?? null,
    alarms: alarms ?? null,
    queues: queues.map((queue) => ({ ...queue, oldestAgeSeconds: ageOf(queue.queue, control, watched) })),
    streams: watched?.streams ?? null,
    stages,
    providers,
    unknown: target.local === undefined ? unknown : ['alarms and how far the streams are behind: a local run has no CloudWatch'],
  };
  session.answer(status, () => statusScreen(status, io.now()));
}

async function stageLine(
  { target }: Session,
  { stage, name }: ReturnType<typeof stageFunctions>[number],
  control: ControlStatus | undefined,
  known: (what: string, asked: Promise<StageState>) => Promise<StageState | undefined>,
): Promise<StageLine> {
  return { stage, state: (await known(stage, stageState(target, name, control))) ?? 'unknown' };
}

function ageOf(name: string, control: ControlStatus | undefined, watched: Observed | undefined): number | null {
  return control?.queues.find((queue) => queue.name === name)?.oldestAgeSeconds ?? watched?.queueAges.get(name) ?? null;
}

function queueNames(names: Names): readonly string[] {
  return [...workQueues(names), ...deadLetterQueues(names).map(({ name }) => name)];
}

async function queueCounts(session: Session): Promise<Omit<QueueLine, 'oldestAgeSeconds'>[]> {
  const { target } = session;
  const work = await Promise.all(
    workQueues(target.names).map(async (name) => {
      const url = await target.queueUrl(name);
      // Only an environment that posts alerts to HTTPS endpoints has that queue.
      if (url === undefined && name === target.names.forwardingQueue) return [];
      if (url === undefined) throw notFound(`there is no queue ${name}`);
      return [{ name, deadLetters: false, ...(await countsOf(target, url)) }];
    }),
  );
  const dead = (await foundQueues(session)).map((queue) => ({ ...queue, deadLetters: true }));
  return [...work.flat(), ...dead].map(({ name, deadLetters, waiting, inFlight, delayed }) => ({
    queue: name,
    deadLetters,
    waiting: waiting + delayed,
    inFlight,
  }));
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
