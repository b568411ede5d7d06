import { isJsonArray, isObject, parseJson, type Json } from '../local/json';
import { isOf, type Customer } from './customer';
import { deadLetterQueues } from './dead-letters';
import { HeldMessages, workQueues } from './queues';
import type { Session } from './session';

/** Whose messages are looked for: those that name the customer, and those of its payments that name nobody. */
export interface Wanted {
  readonly customer: Customer;
  readonly payments: ReadonlySet<string>;
}

export interface Swept {
  readonly queue: string;
  readonly lookedAt: number;
  readonly found: number;
  /** Messages that somebody was working on and that could not be looked at. */
  readonly unseen: number;
}

/** The queues in which a message can lie: those of the two stages, that of alerts to be posted, and all dead letters. */
function queuesToSweep({ target }: Session, which: 'all' | 'dead letters'): readonly string[] {
  const { names } = target;
  const work = which === 'all' ? workQueues(names) : [];
  return [...work, ...deadLetterQueues(names).map(({ name }) => name)];
}

/** Sweeps these queues at the same time, each to its end, also where another fails. */
export async function sweepAll(session: Session, which: 'all' | 'dead letters', wanted: Wanted, remove: boolean): Promise<Swept[]> {
  const outcomes = await Promise.allSettled(queuesToSweep(session, which).map((queue) => sweep(session, queue, wanted, remove)));
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Looks at every message of a queue and takes those of the customer out of it, or only counts them; the others go back. */
async function sweep(session: Session, queue: string, wanted: Wanted, remove: boolean): Promise<Swept> {
  const url = await session.target.queueUrl(queue);
  if (url === undefined) return { queue, lookedAt: 0, found: 0, unseen: 0 };
  const held = new HeldMessages(session, url);
  let [lookedAt, found] = [0, 0];
  try {
    for (let messages = await held.receive(10); messages.length > 0; messages = await held.receive(10)) {
      session.checkpoint();
      for (const message of messages) {
        lookedAt += 1;
        if (!isAbout(wanted, message.Body ?? '')) continue;
        found += 1;
        if (remove) await held.delete(message);
      }
    }
    return { queue, lookedAt, found, unseen: await held.unseen() };
  } finally {
    await held.release();
  }
}

/** Whether a message has the customer's data in it, whatever kind of message it is. */
export function isAbout(wanted: Wanted, body: string): boolean {
  const value = jsonIn(body);
  // What cannot be read may have anything in it.
  if (value === undefined) return isAlertAbout(wanted, body) || body.includes(wanted.customer.ref);
  return isValueAbout(wanted, value);
}

function isValueAbout(wanted: Wanted, value: Json): boolean {
  if (typeof value === 'string') return isTextAbout(wanted, value);
  if (!isObject(value)) return isJsonArray(value) && value.some((inner) => isValueAbout(wanted, inner));
  return isEventAbout(wanted, value) || Object.values(value).some((inner) => isValueAbout(wanted, inner));
}

function isEventAbout({ customer, payments }: Wanted, value: Readonly<Record<string, Json>>): boolean {
  const { provider, customerRef = null, kind, objectId, paymentId } = value;
  if (typeof provider !== 'string' || typeof paymentId !== 'string') return false;
  if (customerRef === null && payments.has(paymentId) && (customer.provider ?? provider) === provider) return true;
  return isOf(customer, {
    provider,
    customerRef: textOf(customerRef),
    kind: kind === 'other' ? kind : 'payment.pending',
    objectId: textOf(objectId),
  });
}

function jsonIn(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A notification has the alert as text, a message in a message has it as JSON. */
function isTextAbout(wanted: Wanted, text: string): boolean {
  const inner = /^[{[]/.test(text) ? jsonIn(text) : undefined;
  return inner === undefined ? isAlertAbout(wanted, text) : isValueAbout(wanted, inner);
}

/** An alert has `Customer:` and `Payment:` on lines of their own. */
function isAlertAbout({ customer, payments }: Wanted, text: string): boolean {
  const line = (name: string): string | undefined => new RegExp(`^${name}: +(.*)$`, 'm').exec(text)?.[1];
  if ((customer.provider ?? line('Provider')) !== line('Provider')) return false;
  return line('Customer') === customer.ref || (line('Customer') === undefined && payments.has(line('Payment') ?? ''));
}
