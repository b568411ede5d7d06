import * as v from 'valibot';
import { OpsFailure } from './failure';

/** The providers' secrets, each a list of what may be in use at one time. What an entry is made of, the adapters check. */
const entryLists: Readonly<Record<string, string>> = {
  stripe: 'signingSecrets',
  paypal: 'webhookIds',
  square: 'subscriptions',
  generic: 'signingSecrets',
};

const rotationSchema = v.object({ startedAt: v.string(), retiring: v.pipe(v.number(), v.integer(), v.minValue(1)) });
const secretSchema = v.record(v.string(), v.unknown());

/** How long two entries have been in use beside each other, and how many of the last ones are to go. */
type Rotation = v.InferOutput<typeof rotationSchema>;

export interface Secret {
  /** All of it but the list and our note of a rotation. */
  readonly rest: Readonly<Record<string, unknown>>;
  /** The newest first. */
  readonly entries: readonly unknown[];
  readonly rotation: Rotation | undefined;
}

/** Reads a provider's secret. An error never shows any of it. */
export function secretFrom(provider: string, text: string): Secret {
  const list = listOf(provider);
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), secretSchema), text);
  if (!read.success) throw new OpsFailure(`the secret of ${provider} is not JSON`);
  const { [list]: entries, rotation, ...rest } = read.output;
  if (!Array.isArray(entries)) throw new OpsFailure(`the secret of ${provider}: ${list} must be a list`);
  const noted = v.safeParse(rotationSchema, rotation);
  const valid = noted.success && noted.output.retiring < entries.length;
  return { rest, entries: entries.map((entry: unknown) => entry), rotation: valid ? noted.output : undefined };
}

/** The text that is stored. `rotation` is ours: the adapters leave keys alone that they do not know. */
export function secretText(provider: string, { rest, entries, rotation }: Secret): string {
  return JSON.stringify({ ...rest, [listOf(provider)]: entries, ...(rotation === undefined ? {} : { rotation }) });
}

function listOf(provider: string): string {
  const list = entryLists[provider];
  if (list === undefined) throw new OpsFailure(`the form of ${provider}'s secret is not known here`);
  return list;
}
