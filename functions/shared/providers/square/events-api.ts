import * as v from 'valibot';
import { identity, isoTime, listedEvent, pageSize, readAnswer, withinWindow } from '../events-api';
import type { ApiHost, EventList, EventsApi, ListWindow, Page, Read } from '../events-api';
import { readSecret, secretText } from '../secret';
import { parseInstant } from '../time';

const secretSchema = v.object({
  accessToken: v.exactOptional(v.pipe(secretText, v.regex(/^[\w-]+$/, 'must be a personal access token'))),
  environment: v.optional(v.picklist(['production', 'sandbox'], 'must be production or sandbox'), 'production'),
});

const hosts = { production: 'connect.squareup.com', sandbox: 'connect.squareupsandbox.com' } as const satisfies Readonly<
  Record<string, ApiHost>
>;

const pageSchema = v.object({
  // "If there are errors processing the request, the events field will not be present": that is no empty list.
  errors: v.optional(v.pipe(v.array(v.unknown()), v.maxLength(0)), []),
  events: v.optional(
    v.pipe(v.array(v.looseObject({ event_id: identity, type: identity, created_at: v.string() })), v.maxLength(pageSize)),
    [],
  ),
  // The events count also where this is not what it should be.
  cursor: v.optional(v.unknown()),
});

const cursorPattern = /^[\x21-\x7e]{1,4096}$/;

/**
 * Square's events of the application, which takes a personal access token and no OAuth token, and has nothing from before events were
 * enabled for the application. https://developer.squareup.com/docs/events-api/overview
 */
export const squareEvents: EventsApi = {
  provider: 'square',
  keptDays: 28,
  secretFields: ['accessToken', 'environment'],
  lists: () => true,
  listFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    if (!read.ok) return read;
    const { accessToken, environment } = read.secret;
    return accessToken === undefined ? { ok: true } : { ok: true, list: listWith(accessToken, environment) };
  },
};

function listWith(accessToken: string, environment: keyof typeof hosts): EventList {
  return {
    live: environment === 'production',
    isCursor,
    pageRequest: (window, cursor) => ({
      method: 'POST',
      host: hosts[environment],
      path: '/v2/events',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ limit: pageSize, query: queryOf(window), ...(cursor === undefined ? {} : { cursor }) }),
    }),
    readPage: (answer, window) => readPage(answer, window, environment),
  };
}

function queryOf({ fromMs, untilMs }: ListWindow) {
  return { filter: { created_at: { start_at: isoTime(fromMs), end_at: isoTime(untilMs) } }, sort: { field: 'DEFAULT', order: 'DESC' } };
}

function readPage(answer: string, window: ListWindow, environment: string): Read<Page> {
  const read = readAnswer(pageSchema, answer);
  if (!read.ok) return read;
  const { cursor } = read.value;
  const events = read.value.events.map((event) => ({ ...event, created_at: zoned(event.created_at) }));
  const inside = withinWindow(events, (event) => parseInstant(event.created_at), window);
  if (!inside.ok) return inside;
  // A webhook says in a header what the search leaves to the host that was asked.
  const headers = { 'square-environment': [environment] };
  return { ok: true, value: { events: inside.value.map((event) => listedEvent(event, headers)), next: nextOf(cursor) } };
}

/** "If empty, this is the final response." */
function nextOf(cursor: unknown): Read<string | undefined> {
  if (cursor === undefined || cursor === null || cursor === '') return { ok: true, value: undefined };
  if (typeof cursor === 'string' && isCursor(cursor)) return { ok: true, value: cursor };
  return { ok: false, problem: "the answer's cursor is invalid" };
}

function isCursor(cursor: string): boolean {
  return cursorPattern.test(cursor);
}

/** Square's own example of a search answer has times without a zone, which are UTC; the webhook of the same event names it. */
function zoned(time: string): string {
  return /(Z|[+-]\d\d:\d\d)$/i.test(time) ? time : `${time}Z`;
}
