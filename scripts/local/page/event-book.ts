import type { Activity } from '../activity';
import { parseJsonObject, textAt, type JsonObject } from '../json';

/** How far an event has come. */
export type EventState = 'received' | 'archived' | 'published' | 'rejected' | 'unavailable';

/** One line of the page's list. */
export interface EventSummary {
  /** Grows from event to event. */
  readonly id: number;
  readonly at: number;
  readonly provider: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: string;
  readonly paymentId: string;
  /** `USD 49.90`, or empty. */
  readonly money: string;
  readonly band: string;
  readonly state: EventState;
  /** Why it was refused. */
  readonly reason: string;
  /** How often the provider sent it. */
  readonly deliveries: number;
  readonly alerts: number;
  readonly conflict: boolean;
  /** Its message lies in a dead-letter queue, as far as anybody was told. */
  readonly dead: boolean;
}

export interface Hop {
  readonly at: number;
  readonly hop: string;
  /** The function that said so; empty where none did. */
  readonly functionName: string;
  readonly detail: string;
}

export interface BookedEvent {
  readonly summary: EventSummary;
  readonly archiveKey: string;
  readonly correlationId: string;
  readonly hops: readonly Hop[];
}

interface Entry {
  key: string;
  summary: EventSummary;
  archiveKey: string;
  correlationId: string;
  hops: Hop[];
}

/** Hops kept of one event; the oldest go first. */
const maxHops = 60;
/** Characters kept of any text that came from outside. */
const maxText = 300;

const hopOf: Readonly<Record<string, string>> = {
  'webhook stored': 'stored',
  'webhook duplicate': 'duplicate',
  'webhook conflict': 'conflict',
  'webhook rejected': 'rejected',
  'webhook unavailable': 'unavailable',
  'event relayed': 'archived, enqueued',
  'alert sent': 'alert sent',
  'alert skipped': 'alert skipped',
};

const order: readonly EventState[] = ['received', 'archived', 'published'];

/** The newest events of a run by what its functions said of them; the oldest are forgotten. */
export class EventBook {
  readonly #limit: number;
  readonly #byKey = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #changed = new Set<Entry>();
  #nextId = 1;

  /** `limit`: how many events are kept. */
  constructor(limit = 10_000) {
    this.#limit = limit;
  }

  get summaries(): readonly EventSummary[] {
    return [...this.#byId.values()].map(({ summary }) => summary);
  }

  byId(id: number): BookedEvent | undefined {
    return this.#byId.get(id);
  }

  /** The event that a line of a function is about. */
  idOf(fields: JsonObject): number | undefined {
    return this.#byKey.get(keyOf(fields))?.summary.id;
  }

  /** What changed since the last call. */
  takeChanged(): readonly EventSummary[] {
    const summaries = [...this.#changed].filter(({ summary }) => this.#byId.has(summary.id)).map(({ summary }) => summary);
    this.#changed.clear();
    return summaries;
  }

  add(activity: Activity): void {
    if (activity.kind === 'log') this.#line(activity.at, activity.functionName, activity.fields);
    if (activity.kind === 'published') this.#published(activity.at, parseJsonObject(activity.event.detail) ?? {}, activity.event.rules);
    if (activity.kind === 'dead-letter') this.#letter(activity.at, activity.letter.body, activity.letter.queueArn);
  }

  #line(at: number, functionName: string, fields: JsonObject): void {
    const hop = hopOf[textAt(fields, 'message')];
    if (hop === undefined) return;
    const detail = ['reason', 'field', 'alertReason', 'why']
      .map((name) => textAt(fields, name))
      .filter((text) => text !== '')
      .join(' ');
    const entry = this.#entry(at, fields);
    this.#hop(entry, { at, hop, functionName, detail: bounded(detail) });
    this.#update(entry, changeOf(hop, entry.summary, fields));
  }

  #published(at: number, detail: JsonObject, rules: readonly string[]): void {
    if (textAt(detail, 'eventId') === '') return;
    const entry = this.#entry(at, detail);
    const routed = rules.length === 0 ? 'no rule' : rules.map((rule) => rule.slice(rule.lastIndexOf('/') + 1)).join(', ');
    const deliveryId = textAt(detail, 'replay', 'deliveryId');
    const replay =
      deliveryId === '' ? '' : `${deliveryId} of ${textAt(detail, 'replay', 'replayOf')}: ${textAt(detail, 'replay', 'reason')} `;
    this.#hop(entry, { at, hop: replay === '' ? 'published' : 'replayed', functionName: '', detail: bounded(`${replay}→ ${routed}`) });
    const amount = textAt(detail, 'amount');
    this.#update(entry, {
      state: 'published',
      dead: false,
      band: bounded(textAt(detail, 'valueBand')),
      money: amount === '' ? '' : bounded(`${textAt(detail, 'currency')} ${amount}`),
    });
  }

  #letter(at: number, body: string, queueArn: string): void {
    const message = parseJsonObject(body) ?? {};
    // The processing message has it at the top, what a rule sent has it in the detail.
    const archiveKey = textAt(message, 'archiveKey') || textAt(message, 'detail', 'archiveKey');
    const entry = this.#byKey.get(keyOf({ archiveKey }));
    if (entry === undefined) return;
    this.#hop(entry, { at, hop: 'dead letter', functionName: '', detail: bounded(`in ${queueArn.slice(queueArn.lastIndexOf(':') + 1)}`) });
    this.#update(entry, { dead: true });
  }

  #entry(at: number, fields: JsonObject): Entry {
    const key = keyOf(fields);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const text = (name: string): string => bounded(textAt(fields, name));
    const summary: EventSummary = {
      id: this.#nextId,
      at,
      provider: text('provider'),
      eventId: text('eventId'),
      eventType: text('eventType'),
      kind: text('kind'),
      paymentId: text('paymentId'),
      money: '',
      band: '',
      state: 'received',
      reason: '',
      deliveries: 0,
      alerts: 0,
      conflict: false,
      dead: false,
    };
    const entry = { key, summary, archiveKey: textAt(fields, 'archiveKey'), correlationId: text('correlationId'), hops: [] };
    this.#nextId += 1;
    this.#byKey.set(key, entry);
    this.#byId.set(summary.id, entry);
    this.#forgetOldest();
    return entry;
  }

  #hop(entry: Entry, hop: Hop): void {
    entry.hops.push(hop);
    if (entry.hops.length > maxHops) entry.hops.shift();
  }

  #update(entry: Entry, change: Partial<EventSummary>): void {
    entry.summary = { ...entry.summary, ...change };
    this.#changed.add(entry);
  }

  #forgetOldest(): void {
    if (this.#byId.size <= this.#limit) return;
    const [oldest] = this.#byId.values();
    if (oldest === undefined) return;
    this.#byId.delete(oldest.summary.id);
    this.#byKey.delete(oldest.key);
    this.#changed.delete(oldest);
  }
}

function changeOf(hop: string, summary: EventSummary, fields: JsonObject): Partial<EventSummary> {
  switch (hop) {
    case 'stored':
    case 'duplicate':
      return { deliveries: summary.deliveries + 1 };
    case 'conflict':
      return { deliveries: summary.deliveries + 1, conflict: true };
    case 'rejected':
    case 'unavailable':
      return { state: hop, deliveries: summary.deliveries + 1, reason: bounded(textAt(fields, 'reason')) };
    case 'archived, enqueued':
      return { state: further(summary.state, 'archived') };
    case 'alert sent':
      return { alerts: summary.alerts + 1, dead: false };
    default:
      return {};
  }
}

function further(now: EventState, then: EventState): EventState {
  return order.indexOf(then) > order.indexOf(now) ? then : now;
}

/** The archive's file name is made of what decides about duplicates; what was refused has only its request. */
function keyOf(fields: JsonObject): string {
  const provider = textAt(fields, 'provider');
  const archived = textAt(fields, 'archiveKey').split('/').slice(2).join('/');
  if (archived !== '') return `archive ${archived}`;
  const eventId = textAt(fields, 'eventId');
  return eventId === '' ? `request ${textAt(fields, 'correlationId')}` : `event ${provider}/${eventId}`;
}

/** Never in the middle of a character. */
export function bounded(text: string, length = maxText): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
