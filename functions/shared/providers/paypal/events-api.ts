import * as v from 'valibot';
import { identity, isoTime, listedEvent, pageSize, readAnswer, withinWindow } from '../events-api';
import type { ApiHost, EventList, EventsApi, ListWindow, Page, Read } from '../events-api';
import { readSecret, secretText } from '../secret';
import { parseInstant } from '../time';

const secretSchema = v.object({
  environment: v.picklist(['live', 'sandbox'], 'must be live or sandbox'),
  clientId: v.exactOptional(v.pipe(secretText, v.regex(/^[\w-]+$/, 'must be the client id of the app'))),
  clientSecret: v.exactOptional(v.pipe(secretText, v.regex(/^[\w-]+$/, 'must be the secret of the app'))),
});

const hosts = { live: 'api-m.paypal.com', sandbox: 'api-m.sandbox.paypal.com' } as const satisfies Readonly<Record<string, ApiHost>>;
const listPath = '/v1/notifications/webhooks-events';
/** Path and query of a link to a further page: the path ends with a slash in PayPal's links, and without one in its documentation. */
const cursorPattern = /^\/v1\/notifications\/webhooks-events\/?\?[\x21-\x7e]+$/;
const maxLinkLength = 2048;

const tokenSchema = v.object({ access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,4096}$/)), token_type: v.literal('Bearer') });

const pageSchema = v.object({
  // PayPal leaves out what is empty.
  events: v.optional(
    v.pipe(v.array(v.looseObject({ id: identity, event_type: identity, create_time: v.string() })), v.maxLength(10 * pageSize)),
    [],
  ),
  // The events count also where these are not what they should be.
  links: v.optional(v.unknown(), []),
});

const linksSchema = v.array(v.object({ href: v.string(), rel: v.string() }));

/**
 * PayPal's event notifications of the app, with an OAuth token of its own. Simulated events are in it under the same ids as their
 * webhooks. https://developer.paypal.com/docs/api/webhooks/v1/#webhooks-events_list
 */
export const paypalEvents: EventsApi = {
  provider: 'paypal',
  keptDays: 30,
  secretFields: ['clientId', 'clientSecret'],
  lists: () => true,
  listFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    if (!read.ok) return read;
    const { environment, clientId, clientSecret } = read.secret;
    if (clientId === undefined && clientSecret === undefined) return { ok: true };
    if (clientId === undefined) return { ok: false, problem: 'clientId is missing beside clientSecret' };
    if (clientSecret === undefined) return { ok: false, problem: 'clientSecret is missing beside clientId' };
    return { ok: true, list: listWith(environment, clientId, clientSecret) };
  },
};

function listWith(environment: keyof typeof hosts, clientId: string, clientSecret: string): EventList {
  const host = hosts[environment];
  const credentials = Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64');
  return {
    live: environment === 'live',
    token: {
      request: {
        method: 'POST',
        host,
        path: '/v1/oauth2/token',
        headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=client_credentials',
      },
      read: (answer) => {
        const read = readAnswer(tokenSchema, answer);
        return read.ok ? { ok: true, value: read.value.access_token } : read;
      },
    },
    isCursor,
    pageRequest: (window, cursor, token) => ({
      method: 'GET',
      host,
      path: cursor ?? `${listPath}?${queryOf(window)}`,
      headers: { authorization: `Bearer ${token ?? ''}` },
    }),
    readPage: (answer, window) => readPage(answer, window, host),
  };
}

function queryOf({ fromMs, untilMs }: ListWindow): string {
  const query = { page_size: String(pageSize), start_time: isoTime(fromMs), end_time: isoTime(untilMs) };
  return new URLSearchParams(query).toString();
}

function readPage(answer: string, window: ListWindow, host: ApiHost): Read<Page> {
  const read = readAnswer(pageSchema, answer);
  if (!read.ok) return read;
  const { events, links } = read.value;
  const inside = withinWindow(events, (event) => parseInstant(event.create_time), window);
  if (!inside.ok) return inside;
  return { ok: true, value: { events: inside.value.map((event) => listedEvent(event)), next: nextOf(links, host) } };
}

function nextOf(answered: unknown, host: ApiHost): Read<string | undefined> {
  const links = v.safeParse(linksSchema, answered);
  if (!links.success) return { ok: false, problem: "the answer's links cannot be read" };
  const link = links.output.find(({ rel }) => rel === 'next');
  if (link === undefined) return { ok: true, value: undefined };
  const next = cursorOfLink(link.href, host);
  return next === undefined ? { ok: false, problem: 'the next link leads elsewhere' } : { ok: true, value: next };
}

/**
 * Path and query of a link to the next page, as PayPal gives them; the request goes to our host also where the link names the older one.
 * The API reference's own sample has `&amp;` for `&`: https://developer.paypal.com/docs/api/webhooks/v1/#webhooks-events_list
 */
function cursorOfLink(href: string, host: ApiHost): string | undefined {
  const link = href.replaceAll(/&(?:amp;)+/g, '&');
  if (!URL.canParse(link, `https://${host}`)) return undefined;
  const { protocol, host: linkedHost, pathname, search } = new URL(link, `https://${host}`);
  const ours = linkedHost === host || linkedHost === host.replace('api-m.', 'api.');
  const cursor = `${pathname}${search}`;
  return protocol === 'https:' && ours && isCursor(cursor) ? cursor : undefined;
}

function isCursor(cursor: string): boolean {
  return cursor.length <= maxLinkLength && cursorPattern.test(cursor);
}
