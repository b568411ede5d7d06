import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Argument, type Command } from 'commander';
import pc from 'picocolors';
import {
  alertEndpointsFrom,
  alertEndpointsSecret,
  forwardedTopics,
  type AlertEndpoints,
  type ForwardedTopic,
} from '../../functions/shared/domain/alert-endpoints';
import { isErrorNamed, notFound, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { readHidden } from './prompt';
import { readSecretText, secretChangedAt, secretName } from './provider-secret';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { table } from './table';
import { ageText } from './times';

interface SetOptions {
  readonly replace: boolean;
}

const none: AlertEndpoints = { alerts: [], operations: [] };

/** `secrets endpoints`: where alerts and alarms are posted. A chat's URL is its credential, and so never an argument and never shown. */
export function addEndpointCommands(secrets: Command, io: Io): void {
  const group = addGroup(secrets, 'endpoints', 'Where alerts (about payments) and operations (alarms) are posted: set, and never shown.');
  const topic = (): Argument => new Argument('<topic>', 'whose messages').choices(forwardedTopics);
  addCommand(
    group,
    'set',
    'Sets the endpoints of a topic, from a prompt that shows nothing or from a pipe: HTTPS URLs with spaces between.',
    [
      'secrets endpoints set alerts --env prod',
      'secrets endpoints set operations --env prod < urls.txt    (one URL a line, in place of those that are set)',
    ],
  )
    .addArgument(topic())
    .option('--replace', 'although the secret that is there cannot be read, and its other topic is lost', false)
    .action((name: ForwardedTopic, options: CommonOptions & SetOptions) =>
      withSession(io, options, (session) => setEndpoints(session, name, options)),
    );
  addCommand(group, 'remove', 'Takes the endpoints of a topic away: its messages are posted nowhere.', [
    'secrets endpoints remove operations --env prod',
  ])
    .addArgument(topic())
    .action((name: ForwardedTopic, options: CommonOptions) => withSession(io, options, (session) => removeEndpoints(session, name)));
  addCommand(group, 'status', 'Says how many endpoints each topic has, and how old they are.', [
    'secrets endpoints status --env prod',
  ]).action((options: CommonOptions) => withSession(io, options, showEndpoints));
}

async function setEndpoints(session: Session, topic: ForwardedTopic, { replace }: SetOptions): Promise<void> {
  const stored = await storedEndpoints(session);
  if (!stored.ok && !replace) throw wrongUsage(`the secret cannot be read (${stored.problem}): --replace drops all of it`);
  const text = await readHidden(session.io, `URLs that ${topic} are posted to, with spaces between`);
  const urls = text.split(/\s+/).filter((url) => url !== '');
  if (urls.length === 0) throw wrongUsage(`nothing was stored: no URL came; secrets endpoints remove ${topic} takes them away`);
  await store(session, { ...(stored.ok ? stored.value : none), [topic]: urls });
  session.answer(
    { topic, endpoints: urls.length },
    () => `${counted(urls.length)} of ${topic} set (${session.target.title}). Posted to within 5 minutes.`,
  );
}

async function removeEndpoints(session: Session, topic: ForwardedTopic): Promise<void> {
  const stored = await storedEndpoints(session);
  if (!stored.ok) throw wrongUsage(`the secret cannot be read (${stored.problem}): set it anew with secrets endpoints set --replace`);
  if (stored.value[topic].length === 0) throw notFound(`${topic} has no endpoint`);
  const others = forwardedTopics.filter((name) => name !== topic && stored.value[name].length > 0);
  if (others.length === 0) throw wrongUsage('these are the last endpoints: take alertEndpoints: true out of the environment, and deploy');
  await store(session, { ...stored.value, [topic]: [] });
  session.answer({ topic, endpoints: 0 }, () => `${topic} is posted nowhere any more, within 5 minutes (${session.target.title}).`);
}

/** What is set; nothing where nothing was. Throws where the stacks made no such secret. */
async function storedEndpoints({ target }: Session): Promise<ReturnType<typeof alertEndpointsFrom>> {
  if ((await changedAt(target)) === undefined) return { ok: true, value: none };
  const text = await readSecretText(target, alertEndpointsSecret);
  return text === undefined ? { ok: true, value: none } : alertEndpointsFrom(text, { local: isLocal(target) });
}

async function changedAt(target: Session['target']): Promise<Date | undefined> {
  try {
    return await secretChangedAt(target, alertEndpointsSecret);
  } catch (error) {
    if (!(error instanceof OpsFailure)) throw error;
    throw notFound(
      `there is no secret ${secretName(target, alertEndpointsSecret)}: say alertEndpoints: true in the environment, and deploy`,
    );
  }
}

function isLocal({ local }: Session['target']): boolean {
  return local !== undefined;
}

/** Stores what the forwarder can post to, and nothing else. */
async function store(session: Session, endpoints: AlertEndpoints): Promise<void> {
  const { target } = session;
  const SecretString = JSON.stringify(endpoints);
  const read = alertEndpointsFrom(SecretString, { local: isLocal(target) });
  if (!read.ok) throw wrongUsage(`nothing was stored: ${read.problem}`);
  session.checkpoint();
  try {
    await target.secrets.send(new PutSecretValueCommand({ SecretId: secretName(target, alertEndpointsSecret), SecretString }));
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException')) throw notFound(`there is no secret ${secretName(target, alertEndpointsSecret)}`);
    // The SDK's own words may quote the request.
    throw new OpsFailure(`the endpoints were not stored (${error instanceof Error ? error.name : 'unknown error'})`, 1, { cause: error });
  }
}

async function showEndpoints(session: Session): Promise<void> {
  const changed = await changedAt(session.target);
  const stored = await storedEndpoints(session);
  const state = (count: number): string => (count === 0 ? 'not set: posted nowhere' : 'set');
  const lines = forwardedTopics.map((topic) => {
    const endpoints = stored.ok ? stored.value[topic].length : 0;
    return {
      topic,
      state: stored.ok ? state(endpoints) : `not valid: ${stored.problem}`,
      endpoints,
      changedAt: changed?.toISOString() ?? null,
    };
  });
  session.answer({ endpoints: lines }, () =>
    table(lines, [
      { title: 'topic', cell: ({ topic }) => topic },
      { title: 'state', cell: (line) => line.state, paint: (line) => (line.state === 'set' ? pc.green : pc.yellow), max: 80 },
      { title: 'endpoints', cell: ({ endpoints }) => String(endpoints), align: 'right' },
      {
        title: 'changed',
        cell: (line) => (line.changedAt === null ? '' : `${ageText(session.io.now() - Date.parse(line.changedAt))} ago`),
        align: 'right',
      },
    ]),
  );
}

function counted(endpoints: number): string {
  return endpoints === 1 ? '1 endpoint' : `${endpoints} endpoints`;
}
