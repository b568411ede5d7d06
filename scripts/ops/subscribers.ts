import { UpdateConnectionCommand } from '@aws-sdk/client-eventbridge';
import type { Command } from 'commander';
import pc from 'picocolors';
import { isErrorNamed, notFound, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { readHidden } from './prompt';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { authorizedSince, connectionOf, subscriberStates, type SubscriberState } from './subscriber-states';
import { table } from './table';

export function addSubscriberCommands(program: Command, io: Io): void {
  const group = addGroup(program, 'subscribers', 'Your own consumers of payment events (docs/events.md).');
  addCommand(group, 'list', 'Lists the subscribers, and which of them still wait for their secret.', [
    'subscribers list --env prod',
    'subscribers list --json',
  ]).action((options: CommonOptions) => withSession(io, options, listSubscribers));
  addCommand(group, 'authorize', 'Sets the secret of a subscriber over HTTPS, from a prompt that shows nothing or from a pipe.', [
    'subscribers authorize ledger --env prod',
    'subscribers authorize ledger --env prod < header-value.txt    (all of the header’s value, such as Bearer …)',
    'subscribers authorize ledger --header X-Api-Key',
  ])
    .argument('<name>', 'its name in the environment’s record')
    .option('--header <name>', 'header that carries it (default: the one that it has)')
    .action((name: string, options: CommonOptions & { readonly header?: string }) =>
      withSession(io, options, (session) => authorize(session, name, options.header)),
    );
}

async function listSubscribers(session: Session): Promise<void> {
  const subscribers = await subscriberStates(session.target);
  session.answer({ subscribers }, () =>
    subscribers.length === 0
      ? `no subscribers (${session.target.title}): docs/events.md says how to add one`
      : table(subscribers, [
          { title: 'name', cell: ({ name }) => name },
          { title: 'target', cell: ({ kind }) => kind },
          {
            title: 'state',
            cell: stateText,
            max: 80,
            paint: ({ authorizedAt, enabled }) => (authorizedAt === null || !enabled ? pc.yellow : pc.green),
          },
          { title: 'where', cell: ({ targetArn }) => targetArn, max: 100 },
        ]),
  );
}

function stateText({ enabled, authorizedAt, name }: SubscriberState): string {
  if (!enabled) return 'rule disabled';
  if (authorizedAt === undefined) return 'delivered to';
  return authorizedAt === null ? `no secret yet: subscribers authorize ${name}` : `authorized since ${authorizedAt}`;
}

async function authorize(session: Session, name: string, header: string | undefined): Promise<void> {
  const { target, io } = session;
  if (header !== undefined && !/^[A-Za-z0-9-]{1,256}$/.test(header))
    throw wrongUsage('--header is the name of a header, like Authorization');
  const connection = target.names.ofRule(name);
  const ApiKeyName = header ?? (await headerOf(session, name));
  const ApiKeyValue = await readHidden(io, `Value of the header ${ApiKeyName}, all of it, such as Bearer …`);
  if (!/^[\x21-\x7e][\x20-\x7e]{0,510}[\x21-\x7e]$|^[\x21-\x7e]$/.test(ApiKeyValue))
    throw wrongUsage('nothing was changed: a header’s value is one line of 1 to 512 printable ASCII characters without spaces at its ends');
  session.checkpoint();
  const authorizedAt = new Date(io.now()).toISOString();
  try {
    await target.operator.events.send(
      new UpdateConnectionCommand({
        Name: connection,
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName, ApiKeyValue } },
        Description: `${authorizedSince}${authorizedAt}`,
      }),
    );
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException')) throw noSuch(session, name);
    // The SDK's own words may quote the request.
    throw new OpsFailure(`the secret was not set (${error instanceof Error ? error.name : 'unknown error'})`, 1, { cause: error });
  }
  session.answer(
    { name, header: ApiKeyName, authorizedAt },
    () => `${name} is authorized with the header ${ApiKeyName} (${target.title}). Events that waited are tried again by themselves.`,
  );
}

async function headerOf(session: Session, name: string): Promise<string> {
  try {
    return (await connectionOf(session.target, session.target.names.ofRule(name))).header;
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException')) throw noSuch(session, name);
    throw error;
  }
}

function noSuch({ target }: Session, name: string): OpsFailure {
  return notFound(`there is no subscriber "${name}" over HTTPS (${target.title}): npm run ops -- subscribers list`);
}
