import type { StoredEvent } from '../../functions/shared/domain/ports';
import { findByEventId, providersOf } from './event-index';
import { notFound, wrongUsage } from './failure';
import { readEvents, readPayment, type PaymentRows } from './rows';
import type { Session } from './session';
import { ageText } from './times';

export interface FindOptions {
  readonly provider?: string;
  readonly since?: number;
  readonly until?: number;
}

const day = 86_400_000;
/** How far back an event is looked for when nobody says when it was; an event can be dated a little ahead of us. */
const lookBackMs = 30 * day;

/** The window that the options name. */
export function windowOf({ provider, since, until }: FindOptions, now: number, lookBack: number) {
  const window = { providers: providersOf(provider), until: until ?? now + day, since: since ?? (until ?? now) - lookBack };
  if (window.since > window.until) throw wrongUsage('--since is after --until');
  return window;
}

/** Every row with this event id, dedupe id or event key. */
export async function eventsById({ io, target }: Session, id: string, options: FindOptions): Promise<StoredEvent[]> {
  return readEvents(target, await findByEventId(target, id, windowOf(options, io.now(), lookBackMs)));
}

/** The one event that is meant. Throws where there is none, or more than one. */
export async function theEvent(session: Session, id: string, options: FindOptions): Promise<StoredEvent> {
  const events = await eventsById(session, id, options);
  const [event, ...others] = events;
  if (event === undefined) throw notFound(`no event ${id} was found${searched(options, session.io.now())}`);
  if (others.length === 0) return event;
  const keys = events.map(({ eventKey, event: { provider } }) => `${provider} ${eventKey}`);
  throw wrongUsage(`${events.length} events have this id: name one by its key, or its --provider (${keys.join(', ')})`);
}

/** A payment by `<provider>:<id>`, or by the provider's id alone. */
export async function thePayment({ target }: Session, id: string): Promise<PaymentRows & { readonly paymentId: string }> {
  const candidates = [id, ...providersOf(undefined).map((provider) => `${provider}:${id}`)];
  const found = await Promise.all(candidates.map(async (paymentId) => ({ paymentId, ...(await readPayment(target, paymentId)) })));
  const [payment, ...others] = found.filter(({ events, alerts, replays }) => events.length + alerts.length + replays.length > 0);
  if (payment === undefined) throw notFound(`no payment ${id} was found: an id looks like stripe:pi_123`);
  if (others.length > 0) throw wrongUsage(`several providers have a payment ${id}: write it as <provider>:${id}`);
  return payment;
}

function searched({ provider, since }: FindOptions, now: number): string {
  const where = provider === undefined ? '' : ` at ${provider}`;
  return `${where} in the last ${ageText(now - (since ?? now - lookBackMs))}: an older one needs --since`;
}
