import * as v from 'valibot';
import { identity, listedEvent, pageSize, readAnswer, withinWindow } from '../events-api';
import type { EventList, EventsApi, ListWindow, Page, Read } from '../events-api';
import { readSecret, secretText } from '../secret';

const secretSchema = v.object({
  apiKey: v.exactOptional(v.pipe(secretText, v.regex(/^(sk|rk)_(live|test)_\w+$/, 'must be a secret or restricted key, sk_… or rk_…'))),
});

const pageSchema = v.object({
  object: v.literal('list'),
  data: v.pipe(
    v.array(v.looseObject({ id: identity, type: identity, created: v.pipe(v.number(), v.safeInteger()) })),
    v.maxLength(pageSize),
  ),
  // The events count also where this is not what it should be.
  has_more: v.optional(v.unknown()),
});

/** An event's id. */
const cursorPattern = /^[\w-]{1,255}$/;

/**
 * Stripe's events of the account itself, the newest first; those of connected accounts need a request of their own. A restricted key
 * with "Events: read" is enough. https://docs.stripe.com/api/events/list
 */
export const stripeEvents: EventsApi = {
  provider: 'stripe',
  keptDays: 30,
  secretFields: ['apiKey'],
  lists: ({ account, needsFetch }) => account === null && !needsFetch,
  listFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    if (!read.ok) return read;
    return read.secret.apiKey === undefined ? { ok: true } : { ok: true, list: listWith(read.secret.apiKey) };
  },
};

function listWith(apiKey: string): EventList {
  return {
    live: /^.k_live_/.test(apiKey),
    isCursor,
    pageRequest: (window, cursor) => ({
      method: 'GET',
      host: 'api.stripe.com',
      path: `/v1/events?${queryOf(window, cursor).toString()}`,
      headers: { authorization: `Bearer ${apiKey}` },
    }),
    readPage,
  };
}

/** Stripe counts whole seconds. */
function queryOf({ fromMs, untilMs }: ListWindow, cursor: string | undefined): URLSearchParams {
  return new URLSearchParams({
    limit: String(pageSize),
    'created[gte]': String(Math.floor(fromMs / 1000)),
    'created[lt]': String(Math.ceil(untilMs / 1000)),
    ...(cursor === undefined ? {} : { starting_after: cursor }),
  });
}

function readPage(answer: string, window: ListWindow): Read<Page> {
  const read = readAnswer(pageSchema, answer);
  if (!read.ok) return read;
  const { data, has_more: hasMore } = read.value;
  const inside = withinWindow(data, ({ created }) => created * 1000, window);
  if (!inside.ok) return inside;
  return { ok: true, value: { events: inside.value.map((event) => listedEvent(event)), next: nextOf(hasMore, data.at(-1)?.id) } };
}

function nextOf(hasMore: unknown, lastId: string | undefined): Read<string | undefined> {
  if (hasMore === false) return { ok: true, value: undefined };
  if (hasMore !== true) return { ok: false, problem: 'the answer does not say whether there are more events' };
  if (lastId === undefined || !isCursor(lastId)) return { ok: false, problem: 'the answer has more events, and none to go on from' };
  return { ok: true, value: lastId };
}

function isCursor(cursor: string): boolean {
  return cursorPattern.test(cursor);
}
