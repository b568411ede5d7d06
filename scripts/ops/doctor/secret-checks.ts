import { createProviders } from '../../../functions/shared/providers';
import { isJsonArray, parseJsonObject, textAt } from '../../local/json';
import { keyIsLive, wrongMode } from '../api-keys';
import { isErrorNamed } from '../failure';
import { readEvents } from '../rows';
import { secretFrom } from '../secret-entries';
import { ageText } from '../times';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';
import { Unanswerable } from './unanswerable';

const day = 86_400_000;

/** Secrets Manager's words for a secret whose key it may not or cannot use. */
const undecryptable = ['DecryptionFailure', 'KMSDisabledException', 'KMSInvalidStateException', 'InvalidRequestException'] as const;

/** What webhooks are signed with. */
export const secretChecks: readonly Check[] = [
  {
    id: 'secret-set',
    title: 'Every provider that is switched on has a secret',
    run: (patient) => eachProvider(patient, (provider) => unsetSecret(patient, provider)),
    mend: (patient) => patient.ops('secrets set <provider>'),
  },
  {
    id: 'secret-shape',
    title: 'Every secret can be decrypted and has the form that its provider needs',
    run: (patient) => eachProvider(patient, (provider) => misshapenSecret(patient, provider)),
    mend: (patient) => patient.ops('secrets set <provider> --replace'),
  },
  {
    id: 'square-url',
    title: "The URL in Square's secret is the deployed one",
    run: squareUrl,
    mend: (patient) => patient.ops('secrets set square --replace --notification-url <url>'),
  },
  {
    id: 'paypal-environment',
    title: "PayPal's secret is of the environment that this one is for",
    run: paypalEnvironment,
    mend: (patient) => patient.ops(`secrets set paypal --replace --environment ${patient.production ? 'live' : 'sandbox'}`),
  },
  {
    id: 'api-key-mode',
    title: 'No API key lists test payments in production, or live ones elsewhere',
    run: (patient) => eachProvider(patient, (provider) => keyOfOtherMode(patient, provider)),
    mend: (patient) => patient.ops('secrets api-key <provider>'),
  },
  {
    id: 'livemode',
    title: 'No test payments arrive in production, and no live ones elsewhere',
    run: livemode,
    mend: (patient) => patient.ops('secrets rotate <provider>'),
  },
  {
    id: 'secret-rotation',
    title: 'No rotation of a secret was left unfinished for a week',
    run: (patient) => eachProvider(patient, (provider) => openRotation(patient, provider)),
    mend: (patient) => patient.ops('secrets rotate <provider> --finish'),
  },
];

async function eachProvider(patient: Patient, look: (provider: string) => Promise<readonly Symptom[]>): Promise<readonly Symptom[]> {
  const found: Symptom[] = [];
  for (const provider of await patient.providers()) found.push(...(await look(provider)));
  return found;
}

async function unsetSecret(patient: Patient, provider: string): Promise<readonly Symptom[]> {
  const reading = await stateOf(patient, provider);
  switch (reading) {
    case 'absent':
      return [error(`there is no secret for ${provider}: its webhooks are answered 503`, patient.deploy('data'))];
    case 'empty':
      return [error(`the secret of ${provider} has no value: its webhooks are answered 503`, setCommand(patient, provider))];
    case 'set':
    case 'undecryptable':
      return [];
  }
}

function setCommand(patient: Patient, provider: string): string {
  if (provider === 'paypal') return patient.ops(`secrets set paypal --environment ${patient.production ? 'live' : 'sandbox'}`);
  return patient.ops(`secrets set ${provider}${provider === 'square' ? ' --notification-url <url>' : ''}`);
}

async function misshapenSecret(patient: Patient, provider: string): Promise<readonly Symptom[]> {
  const state = await stateOf(patient, provider);
  if (state === 'undecryptable')
    return [error(`the secret of ${provider} cannot be decrypted: its webhooks are answered 503`, patient.deploy('data'))];
  const text = await textOf(patient, provider);
  const read = text === undefined ? undefined : createProviders().get(provider)?.verifierFrom(text);
  if (read?.ok !== false) return [];
  const mend = patient.ops(`secrets set ${provider} --replace`);
  return [error(`the secret of ${provider} cannot be used (${read.problem}): its webhooks are answered 503`, mend)];
}

async function stateOf(patient: Patient, provider: string): Promise<'absent' | 'empty' | 'set' | 'undecryptable'> {
  try {
    return (await patient.secret(provider)).state;
  } catch (cause) {
    if (isErrorNamed(cause, ...undecryptable)) return 'undecryptable';
    throw cause;
  }
}

/** The secret's text; undefined where another check says what is wrong with it. */
async function textOf(patient: Patient, provider: string): Promise<string | undefined> {
  const reading = await patient.secret(provider);
  return reading.state === 'set' ? reading.text : undefined;
}

async function squareUrl(patient: Patient): Promise<readonly Symptom[]> {
  const parsed = await objectOf(patient, 'square');
  const subscriptions = parsed['subscriptions'];
  if (!isJsonArray(subscriptions)) throw new Unanswerable('the secret has no list of subscriptions: see secret-shape');
  const deployed = `${await patient.baseUrl()}/webhook/square`;
  const registered = subscriptions.map((subscription) => textAt(subscription, 'notificationUrl'));
  if (registered.includes(deployed)) return [];
  const mend = patient.ops(`secrets set square --replace --notification-url ${deployed}`);
  return [
    error(
      `the secret says ${registered.join(' and ')}, and deployed is ${deployed}: Square signs its URL, so every webhook is answered 401`,
      mend,
    ),
  ];
}

async function paypalEnvironment(patient: Patient): Promise<readonly Symptom[]> {
  const environment = textAt(await objectOf(patient, 'paypal'), 'environment');
  if (patient.production && environment === 'sandbox')
    return [error('the secret is of the sandbox, and this is production: every live webhook is answered 401')];
  if (!patient.production && environment === 'live')
    return [error(`the secret is of live payments, and ${patient.target.suffix} is not production`)];
  return [];
}

/** PayPal's key is of the secret's environment, which has a check of its own. */
async function keyOfOtherMode(patient: Patient, provider: string): Promise<readonly Symptom[]> {
  const text = provider === 'paypal' ? undefined : await textOf(patient, provider);
  const live = text === undefined ? undefined : keyIsLive(provider, text);
  if (live === undefined || live === patient.production) return [];
  const square = provider === 'square' ? ` --api-environment ${patient.production ? 'production' : 'sandbox'}` : '';
  const effect = 'missed webhooks are not found, and events of the other mode are recovered';
  const mend = patient.ops(`secrets api-key ${provider}${square}`);
  return [error(`${wrongMode(provider, live, patient.target.suffix)}: ${effect}`, mend)];
}

async function objectOf(patient: Patient, provider: string) {
  if (!(await patient.providers()).includes(provider)) throw new Unanswerable(`${provider} is not switched on`);
  const text = await textOf(patient, provider);
  const parsed = text === undefined ? undefined : parseJsonObject(text);
  if (parsed === undefined) throw new Unanswerable('the secret is not set or not JSON: see secret-set and secret-shape');
  return parsed;
}

/** A signing secret does not say whether it is of test mode; the events that it signed do. */
async function livemode(patient: Patient): Promise<readonly Symptom[]> {
  const found: Symptom[] = [];
  let told = 0;
  for (const provider of await patient.providers()) {
    const modes = await recentModes(patient, provider);
    told += modes.length;
    const wrong = modes.filter((live) => live !== patient.production).length;
    if (wrong === 0) continue;
    const which = patient.production ? 'test' : 'live';
    const mend = patient.ops(`secrets set ${provider} --replace`);
    found.push(
      error(
        `${wrong} of the last ${modes.length} events of ${provider} that tell are ${which} payments: an endpoint of the wrong mode posts here`,
        mend,
      ),
    );
  }
  if (told === 0) throw new Unanswerable('no event of the last 7 days tells whether it is a test');
  return found;
}

async function recentModes(patient: Patient, provider: string): Promise<readonly boolean[]> {
  const events = await readEvents(patient.target, await patient.recent(provider));
  return events.flatMap(({ event }) => event.livemode ?? []);
}

async function openRotation(patient: Patient, provider: string): Promise<readonly Symptom[]> {
  const text = await textOf(patient, provider);
  if (text === undefined || createProviders().get(provider)?.verifierFrom(text).ok !== true) return [];
  const { rotation } = secretFrom(provider, text);
  const age = rotation === undefined ? 0 : patient.now - Date.parse(rotation.startedAt);
  if (!(age > 7 * day)) return [];
  return [
    warning(
      `the old secret of ${provider} still counts, ${ageText(age)} after the new one was set`,
      patient.ops(`secrets rotate ${provider} --finish`),
    ),
  ];
}
