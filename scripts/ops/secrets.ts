import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Argument, Option, type Command } from 'commander';
import pc from 'picocolors';
import { createProviders, providerNames } from '../../functions/shared/providers';
import { eventsApis } from '../../functions/shared/providers/events-apis';
import { addEndpointCommands } from './alert-endpoints';
import { addApiKeyCommand, apiKeyOf, refuseWrongMode } from './api-keys';
import { isErrorNamed, notFound, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { readHidden } from './prompt';
import { readSecretText, secretChangedAt, secretName } from './provider-secret';
import { secretFrom, secretText, type Secret } from './secret-entries';
import { addCommand, addGroup, withSession, type CommonOptions, type Session } from './session';
import { table } from './table';
import { ageText } from './times';

interface EntryOptions {
  readonly notificationUrl?: string;
  readonly environment?: string;
}

interface SetOptions extends EntryOptions {
  readonly replace: boolean;
  readonly intermediates?: string;
}

interface RotateOptions extends EntryOptions {
  readonly finish: boolean;
  readonly old?: string;
}

const questions: Readonly<Record<string, string>> = {
  stripe: 'Signing secret of the endpoint, whsec_…',
  paypal: 'Webhook id',
  square: 'Signature key of the subscription',
  generic: 'Signing secret, your own or whsec_…',
};

export function addSecretCommands(program: Command, io: Io): void {
  const group = addGroup(program, 'secrets', 'What webhooks are signed with: set, rotated, and never shown.');
  const provider = (): Argument => new Argument('<provider>', 'whose').choices(providerNames);
  const set = addCommand(group, 'set', 'Sets the secret of a provider, from a prompt that shows nothing or from a pipe.', [
    'secrets set stripe --env prod',
    'secrets set paypal --environment live --env prod',
    'secrets set paypal --environment live --intermediates issuer.pem --replace --env prod',
    'secrets set square --notification-url https://api.example.com/prod/webhook/square --env prod',
    'secrets set generic --env prod < secret.txt    (the text alone, or the whole secret as JSON)',
  ]).addArgument(provider());
  addEntryOptions(set)
    .option('--intermediates <file>', 'PayPal: issuers of its certificate to know in addition to the pinned ones, in PEM')
    .option('--replace', 'although one is set, which then counts no more', false)
    .action((name: string, options: CommonOptions & SetOptions) =>
      withSession(io, options, (session) => setSecret(session, name, options)),
    );
  const rotate = addCommand(group, 'rotate', 'Puts a new secret beside the old one; with --finish takes the old one away.', [
    'secrets rotate stripe --env prod',
    'secrets rotate stripe --finish --env prod',
  ]).addArgument(provider());
  addEntryOptions(rotate)
    .option('--old <number>', 'which entry it replaces, where there are several: 1 is the newest')
    .option('--finish', 'the old one is not in use any more', false)
    .action((name: string, options: CommonOptions & RotateOptions) =>
      withSession(io, options, (session) => (options.finish ? finishRotation(session, name) : rotateSecret(session, name, options))),
    );
  addApiKeyCommand(group, io, { read: storedSecret, write: store });
  addEndpointCommands(group, io);
  addCommand(group, 'status', 'Says which secrets are set, how old they are and which are being rotated.', [
    'secrets status',
    'secrets status stripe --env prod',
  ])
    .addArgument(provider().argOptional())
    .action((name: string | undefined, options: CommonOptions) => withSession(io, options, (session) => showSecrets(session, name)));
}

function addEntryOptions(command: Command): Command {
  return command
    .option('--notification-url <url>', 'Square: the URL of the subscription, byte for byte as it is registered')
    .addOption(new Option('--environment <name>', 'PayPal: whose certificates count').choices(['live', 'sandbox']));
}

async function setSecret(session: Session, provider: string, options: SetOptions): Promise<void> {
  const { target, io } = session;
  const changedAt = await secretChangedAt(target, provider);
  if (changedAt !== undefined && !options.replace) {
    throw wrongUsage(`a secret of ${provider} is set: secrets rotate keeps it beside the new one, --replace drops it`);
  }
  const named = intermediatesOf(provider, options.intermediates);
  const text = await readHidden(io, questions[provider] ?? 'Secret');
  const secret = text.trimStart().startsWith('{') ? secretFrom(provider, text) : newSecret(provider, text, options);
  await refuseWrongMode(target, io.note, provider, secret);
  const kept = changedAt === undefined ? {} : await keptOf(session, provider);
  await store(session, provider, { ...secret, rest: { ...kept, ...secret.rest, ...named }, rotation: undefined });
  session.answer({ provider, set: true }, () => `The secret of ${provider} is set (${target.title}). It counts within 5 minutes.`);
}

/** What another signing secret leaves as it is: the API key, and PayPal's issuers. A secret that cannot be read has neither. */
async function keptOf({ target }: Session, provider: string): Promise<Secret['rest']> {
  const text = await readSecretText(target, provider);
  try {
    const { rest } = text === undefined ? { rest: {} } : secretFrom(provider, text);
    return { ...apiKeyOf(provider, rest), ...('intermediates' in rest && { intermediates: rest.intermediates }) };
  } catch {
    return {};
  }
}

function intermediatesOf(provider: string, file: string | undefined): Secret['rest'] {
  if (file === undefined) return {};
  if (provider !== 'paypal') throw wrongUsage('--intermediates is for PayPal');
  const intermediates = pemFile(file).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (intermediates === null) throw wrongUsage(`${file} has no certificate in PEM`);
  return { intermediates };
}

function pemFile(file: string): string {
  try {
    return readFileSync(path.resolve(file), 'utf8');
  } catch (error) {
    throw wrongUsage(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A secret with one entry. */
function newSecret(provider: string, text: string, options: EntryOptions): Secret {
  const entries = [newEntry(provider, text, options.notificationUrl)];
  if (provider !== 'paypal') return { rest: {}, entries, rotation: undefined };
  if (options.environment === undefined) throw wrongUsage('PayPal: say --environment live or --environment sandbox');
  return { rest: { environment: options.environment }, entries, rotation: undefined };
}

function newEntry(provider: string, text: string, notificationUrl: string | undefined): unknown {
  if (provider !== 'square') return text;
  if (notificationUrl === undefined) throw wrongUsage('Square: say the --notification-url of the subscription');
  return { signatureKey: text, notificationUrl };
}

async function rotateSecret(session: Session, provider: string, options: RotateOptions): Promise<void> {
  const secret = await storedSecret(session, provider);
  if (secret.rotation !== undefined) {
    throw wrongUsage(
      `a rotation of ${provider} goes on since ${secret.rotation.startedAt}: end it first with secrets rotate ${provider} --finish`,
    );
  }
  const { index, entry: old } = replacedEntry(secret, provider, options);
  const text = await readHidden(session.io, `New: ${questions[provider] ?? 'Secret'}`);
  const url = options.notificationUrl ?? urlOf(old);
  const entry = text.trimStart().startsWith('{') ? onlyEntry(provider, text) : newEntry(provider, text, url);
  if (secret.entries.some((one) => JSON.stringify(one) === JSON.stringify(entry))) throw wrongUsage('this secret is in use already');
  const entries = [entry, ...secret.entries.filter((_, at) => at !== index), old];
  const startedAt = new Date(session.io.now()).toISOString();
  await store(session, provider, { ...secret, entries, rotation: { startedAt, retiring: 1 } });
  session.answer({ provider, rotating: true, entries: entries.length }, () =>
    [
      `The new secret of ${provider} counts within 5 minutes, and the old one still does (${session.target.title}).`,
      `Once ${provider} signs with the new one alone: npm run ops -- secrets rotate ${provider} --finish`,
    ].join('\n'),
  );
}

/** The entry that the new one replaces. Several may be in use at one time, one per endpoint at the provider. */
function replacedEntry(
  { entries }: Secret,
  provider: string,
  { old, notificationUrl }: RotateOptions,
): { readonly index: number; readonly entry: unknown } {
  const candidates = entries
    .map((entry, index) => ({ index, entry }))
    .filter(({ entry, index }) =>
      old === undefined ? notificationUrl === undefined || urlOf(entry) === notificationUrl : String(index + 1) === old,
    );
  const [candidate, ...others] = candidates;
  if (candidate === undefined) throw wrongUsage(`no entry of ${provider}'s secret is meant: it has ${entries.length}`);
  if (others.length > 0)
    throw wrongUsage(`${provider} has ${entries.length} secrets in use: say which is replaced with --old 1 to --old ${entries.length}`);
  return candidate;
}

function urlOf(entry: unknown): string | undefined {
  return typeof entry === 'object' && entry !== null && 'notificationUrl' in entry && typeof entry.notificationUrl === 'string'
    ? entry.notificationUrl
    : undefined;
}

function onlyEntry(provider: string, text: string): unknown {
  const { entries } = secretFrom(provider, text);
  if (entries.length !== 1) throw wrongUsage('a rotation takes one new entry');
  return entries[0];
}

async function finishRotation(session: Session, provider: string): Promise<void> {
  const secret = await storedSecret(session, provider);
  const { rotation, entries } = secret;
  if (rotation === undefined) throw wrongUsage(`no rotation of ${provider} is going on`);
  await store(session, provider, { ...secret, entries: entries.slice(0, -rotation.retiring), rotation: undefined });
  session.answer(
    { provider, rotating: false, entries: entries.length - rotation.retiring },
    () => `The old secret of ${provider} counts no more, within 5 minutes.`,
  );
}

async function storedSecret({ target }: Session, provider: string): Promise<Secret> {
  const text = await readSecretText(target, provider);
  if (text === undefined) throw notFound(`no secret of ${provider} is set: npm run ops -- secrets set ${provider}`);
  return secretFrom(provider, text);
}

/** Stores what the receiver can verify with, and nothing else. */
async function store(session: Session, provider: string, secret: Secret): Promise<void> {
  const SecretString = secretText(provider, secret);
  const problem = problemOf(provider, SecretString);
  if (problem !== undefined) throw wrongUsage(`nothing was stored: ${problem}`);
  session.checkpoint();
  try {
    await session.target.secrets.send(new PutSecretValueCommand({ SecretId: secretName(session.target, provider), SecretString }));
  } catch (error) {
    if (isErrorNamed(error, 'ResourceNotFoundException'))
      throw notFound(`there is no secret ${secretName(session.target, provider)}: is the data stack deployed?`);
    // The SDK's own words may quote the request.
    throw new OpsFailure(`the secret was not stored (${error instanceof Error ? error.name : 'unknown error'})`, 1, { cause: error });
  }
}

function problemOf(provider: string, text: string): string | undefined {
  const read = createProviders().get(provider)?.verifierFrom(text);
  if (read?.ok === false) return read.problem;
  const api = eventsApis.get(provider)?.listFrom(text);
  return api?.ok === false ? api.problem : undefined;
}

async function showSecrets(session: Session, only: string | undefined): Promise<void> {
  const names = only === undefined ? providerNames : [only];
  const lines = await Promise.all(names.map((name) => statusOf(session, name)));
  const now = session.io.now();
  session.answer({ secrets: lines }, () =>
    table(lines, [
      { title: 'provider', cell: ({ provider }) => provider },
      { title: 'state', cell: ({ state }) => state, paint: ({ state }) => (state === 'set' ? pc.green : pc.yellow), max: 80 },
      { title: 'in use', cell: ({ entries }) => (entries === null ? '' : String(entries)), align: 'right' },
      { title: 'API key', cell: ({ provider, apiKey }) => (apiKey ? 'set' : eventsApis.has(provider) ? 'not set' : 'none needed') },
      {
        title: 'changed',
        cell: ({ changedAt }) => (changedAt === null ? '' : `${ageText(now - Date.parse(changedAt))} ago`),
        align: 'right',
      },
    ]),
  );
}

async function statusOf({ target }: Session, provider: string) {
  const changedAt = (await secretChangedAt(target, provider))?.toISOString() ?? null;
  const text = changedAt === null ? undefined : await readSecretText(target, provider);
  if (text === undefined) return { provider, state: 'not set: its webhooks are answered 503', entries: null, apiKey: false, changedAt };
  const problem = problemOf(provider, text);
  if (problem !== undefined) return { provider, state: `not valid: ${problem}`, entries: null, apiKey: false, changedAt };
  const { entries, rotation } = secretFrom(provider, text);
  const state = rotation === undefined ? 'set' : `old and new since ${rotation.startedAt}`;
  const api = eventsApis.get(provider)?.listFrom(text);
  return { provider, state, entries: entries.length, apiKey: api?.ok === true && api.list !== undefined, changedAt };
}
