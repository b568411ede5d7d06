import { Argument, Option, type Command } from 'commander';
import { eventsApis } from '../../functions/shared/providers/events-apis';
import { productionTarget } from './doctor/production';
import { wrongUsage } from './failure';
import type { Io } from './io';
import { readHidden } from './prompt';
import { secretText, type Secret } from './secret-entries';
import { addCommand, withSession, type CommonOptions, type Session } from './session';
import type { Target } from './target';

interface ApiKeyOptions {
  readonly clientId?: string;
  readonly apiEnvironment?: string;
  readonly remove: boolean;
}

/** How a provider's secret is read and written; so that what is stored is always what its adapters take. */
export interface SecretAccess {
  readonly read: (session: Session, provider: string) => Promise<Secret>;
  readonly write: (session: Session, provider: string, secret: Secret) => Promise<void>;
}

const questions: Readonly<Record<string, string>> = {
  stripe: 'Restricted key with "Events: read", rk_…',
  paypal: 'Secret of the app',
  square: 'Personal access token of the application',
};

/** `secrets api-key`: what the reconciler lists a provider's events with. */
export function addApiKeyCommand(group: Command, io: Io, access: SecretAccess): void {
  addCommand(
    group,
    'api-key',
    'Sets the API key that missed events are looked for with, from a prompt that shows nothing or from a pipe.',
    [
      'secrets api-key stripe --env prod',
      'secrets api-key paypal --client-id AeA1QIZXiflr1 --env prod < client-secret.txt',
      'secrets api-key square --api-environment sandbox --env dev',
      'secrets api-key stripe --remove --env prod    (events are not compared any more)',
    ],
  )
    .addArgument(new Argument('<provider>', 'whose').choices([...eventsApis.keys()]))
    .option('--client-id <id>', 'PayPal: the client id of the app, which is no secret')
    .addOption(new Option('--api-environment <name>', 'Square: whose events (default: production)').choices(['production', 'sandbox']))
    .option('--remove', 'take the key away', false)
    .action((provider: string, options: CommonOptions & ApiKeyOptions) =>
      withSession(io, options, (session) => setApiKey(session, provider, options, access)),
    );
}

async function setApiKey(session: Session, provider: string, options: ApiKeyOptions, { read, write }: SecretAccess): Promise<void> {
  const secret = await read(session, provider);
  const rest = withoutApiKey(provider, secret.rest);
  const fields = options.remove ? {} : await fieldsFrom(session, provider, options);
  const changed = { ...secret, rest: { ...rest, ...fields } };
  await refuseWrongMode(session.target, session.io.note, provider, changed);
  await write(session, provider, changed);
  session.answer({ provider, apiKey: !options.remove }, () =>
    options.remove
      ? `The API key of ${provider} is gone (${session.target.title}). Its events are not compared any more.`
      : `The API key of ${provider} is set (${session.target.title}). Its events are compared from the next run on.`,
  );
}

async function fieldsFrom(session: Session, provider: string, { clientId, apiEnvironment }: ApiKeyOptions): Promise<object> {
  if (provider === 'paypal' && clientId === undefined) throw wrongUsage('PayPal: say the --client-id of the app');
  const text = await readHidden(session.io, questions[provider] ?? 'API key');
  if (provider === 'paypal') return { clientId, clientSecret: text };
  if (provider === 'square') return { accessToken: text, ...(apiEnvironment === undefined ? {} : { environment: apiEnvironment }) };
  return { apiKey: text };
}

/** Throws for a live key of an environment that is not production, and for a test key of one that is; says so where that cannot be told. */
export async function refuseWrongMode(target: Target, note: Io['note'], provider: string, secret: Secret): Promise<void> {
  const live = keyIsLive(provider, secretText(provider, secret));
  if (live === undefined) return;
  const production = await productionTarget(target);
  if (production === undefined) {
    const lists = live ? 'live' : 'test';
    note(`the key lists ${lists} payments; whether ${target.suffix} is production is not known here: run npm run synth, then doctor`);
    return;
  }
  if (production === live) return;
  const other = live ? 'sandbox' : 'production';
  const next = provider === 'square' ? `; for a ${other} token use --api-environment ${other}` : '';
  throw wrongUsage(`nothing was stored: ${wrongMode(provider, live, target.suffix)}${next}`);
}

/** Whether the API key in a provider's secret (JSON text) is of live payments; undefined without a key that can be used. */
export function keyIsLive(provider: string, secretJson: string): boolean | undefined {
  const read = eventsApis.get(provider)?.listFrom(secretJson);
  return read?.ok === true ? read.list?.live : undefined;
}

/** What is wrong with a key of the other mode. */
export function wrongMode(provider: string, live: boolean, suffix: string): string {
  const [of, but] = live ? ['live payments', 'is not production'] : ['test payments', 'is production'];
  return `the API key of ${provider} lists ${of}, and ${suffix} ${but}`;
}

/** The fields of a secret that are about signatures. PayPal's `environment` is one of them. */
function withoutApiKey(provider: string, rest: Secret['rest']): Secret['rest'] {
  const about = eventsApis.get(provider)?.secretFields ?? [];
  return Object.fromEntries(Object.entries(rest).filter(([field]) => !about.includes(field)));
}

/** The fields of a secret that are about the API: a new signing secret leaves them as they are. */
export function apiKeyOf(provider: string, rest: Secret['rest']): Secret['rest'] {
  const about = eventsApis.get(provider)?.secretFields ?? [];
  return Object.fromEntries(Object.entries(rest).filter(([field]) => about.includes(field)));
}
