import * as v from 'valibot';
import type { PaymentEvent } from '../domain/payment-event';
import { parseJsonObject } from './json';

/** The hosts that an API key may be sent to, and no others. */
export const apiHosts = [
  'api.stripe.com',
  'api-m.paypal.com',
  'api-m.sandbox.paypal.com',
  'connect.squareup.com',
  'connect.squareupsandbox.com',
] as const;
export type ApiHost = (typeof apiHosts)[number];

/** A request to a provider's API, over HTTPS. Its headers hold the key: never to be logged. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  readonly host: ApiHost;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** From when to when events are asked for, in milliseconds since the epoch; the end does not belong to it. */
export interface ListWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One event as the API gave it: what a webhook's body would be, and the headers that decide what it means. */
export interface ListedEvent {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** An answer that was understood, or what is wrong with it; never a value of it. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export interface Page {
  readonly events: readonly ListedEvent[];
  /** Where to go on, undefined at the end of the list; or why that cannot be told, which takes nothing from the page's events. */
  readonly next: Read<string | undefined>;
}

/** How to list one provider's events with one version of its secret. Pure: it makes requests and reads answers. */
export interface EventList {
  /** Whether it lists live payments, as far as the key and its settings tell; tests and the sandbox otherwise. */
  readonly live: boolean;
  /** For APIs that exchange the key for a token first. */
  readonly token?: { readonly request: ApiRequest; read(answer: string): Read<string> };
  /** Whether this can be the `next` of a page. A cursor is kept between runs and comes back with what a person asks for. */
  isCursor(cursor: string): boolean;
  /** `cursor` is the `next` of an earlier page of the same window. */
  pageRequest(window: ListWindow, cursor: string | undefined, token: string | undefined): ApiRequest;
  readPage(answer: string, window: ListWindow): Read<Page>;
}

/** What one provider's API for past events is. */
export interface EventsApi {
  readonly provider: string;
  /** Days that the provider keeps its events for listing. */
  readonly keptDays: number;
  /** Fields of the provider's secret that are about the API, and not about signatures. */
  readonly secretFields: readonly string[];
  /** Whether the list has this event of a webhook; there are webhooks of other lists. */
  lists(event: PaymentEvent): boolean;
  /** Reads the provider's secret (JSON text). No `list`: no key is set, and the API is not to be asked. `problem` never shows a value. */
  listFrom(secretJson: string): { readonly ok: true; readonly list?: EventList } | { readonly ok: false; readonly problem: string };
}

/** Events asked for in one request; the most that Stripe and Square give. */
export const pageSize = 100;

/** A text of an event without which it has no identity. */
export const identity = v.pipe(
  v.string(),
  v.check((text) => text.trim() !== ''),
);

/** Reads an answer by its schema. */
export function readAnswer<T>(schema: v.GenericSchema<unknown, T>, answer: string): Read<T> {
  const json = parseJsonObject(Buffer.from(answer, 'utf8'));
  if (json === undefined) return { ok: false, problem: 'the answer is no JSON object' };
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const problem = issue.input === undefined ? 'is missing' : `is not ${issue.expected ?? issue.type}`;
  return { ok: false, problem: `the answer's ${v.getDotPath(issue) ?? 'value'} ${problem}` };
}

/** Seconds are cut, and some lists include their end. */
const slackMs = 2000;

/**
 * The events that belong to the window; younger ones are left for the next. Refuses a page of nothing but events from another time: a list
 * that does not heed its window has no end. One without a readable time, as PayPal's simulator makes them, belongs to it.
 */
export function withinWindow<Event>(
  events: readonly Event[],
  timeOf: (event: Event) => number | undefined,
  { fromMs, untilMs }: ListWindow,
): Read<readonly Event[]> {
  const inside = ({ at }: { readonly at: number | undefined }) => at === undefined || (at >= fromMs - slackMs && at < untilMs + slackMs);
  const timed = events.map((event) => ({ event, at: timeOf(event) }));
  if (timed.length > 0 && !timed.some(inside))
    return { ok: false, problem: 'the answer has events of another time than was asked for alone' };
  return { ok: true, value: timed.filter(({ at }) => at === undefined || at < untilMs).map(({ event }) => event) };
}

/** An event of an answer as the body that a webhook would have had. */
export function listedEvent(event: Readonly<Record<string, unknown>>, headers: ListedEvent['headers'] = {}): ListedEvent {
  return { body: Buffer.from(JSON.stringify(event), 'utf8'), headers: { 'content-type': ['application/json'], ...headers } };
}

/** RFC 3339 in UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
