import { describe, expect, it } from '@jest/globals';
import type { EventList } from '../../../../functions/shared/providers/events-api';
import { createProviders } from '../../../../functions/shared/providers';
import { eventsApis } from '../../../../functions/shared/providers/events-apis';

const fromMs = Date.UTC(2026, 10, 5, 10, 0, 0, 250);
const window = { fromMs, untilMs: fromMs + 3_600_000 };
const inside = new Date(fromMs + 60_000).toISOString();
const insideSeconds = Math.floor(fromMs / 1000) + 60;

function apiOf(provider: string) {
  const api = eventsApis.get(provider);
  if (api === undefined) throw new Error(`${provider} is no provider with a list of events`);
  return api;
}

const secrets = {
  stripe: { apiKey: 'rk_test_key1' },
  paypal: { environment: 'sandbox', clientId: 'client-1', clientSecret: 'secret_1' },
  square: { accessToken: 'EAAA-token_1', environment: 'sandbox' },
} as const;
type Provider = keyof typeof secrets;

function listOf(provider: Provider, secret: object = secrets[provider]): EventList {
  const read = apiOf(provider).listFrom(JSON.stringify(secret));
  if (!read.ok || read.list === undefined) throw new Error(`no list: ${JSON.stringify(read)}`);
  return read.list;
}

const pageOf = (provider: Provider, answer: unknown) => listOf(provider).readPage(JSON.stringify(answer), window);

function jsonOf(text = ''): unknown {
  return JSON.parse(text);
}

/** What a page holds, as the webhooks would have had it. */
function read(provider: Provider, answer: unknown) {
  const page = pageOf(provider, answer);
  if (!page.ok) throw new Error(page.problem);
  const { next } = page.value;
  return {
    next: next.ok ? next.value : next,
    events: page.value.events.map(({ body, headers }) => ({ body: jsonOf(Buffer.from(body).toString('utf8')), headers })),
  };
}

describe('the providers that can be asked for past events', () => {
  it('are those that say so', () => {
    const saying = [...createProviders().values()].filter(({ listsEvents }) => listsEvents).map(({ name }) => name);
    expect([...eventsApis.keys()].toSorted()).toEqual(saying.toSorted());
  });

  it('are three, each with the days it keeps them and the fields of its secret', () => {
    expect([...eventsApis].map(([name, { provider, keptDays, secretFields }]) => [name, provider, keptDays, secretFields])).toEqual([
      ['stripe', 'stripe', 30, ['apiKey']],
      ['paypal', 'paypal', 30, ['clientId', 'clientSecret']],
      ['square', 'square', 28, ['accessToken', 'environment']],
    ]);
  });
});

describe('a secret', () => {
  it.each([
    ['stripe', {}],
    ['stripe', { signingSecrets: ['whsec_x'] }],
    ['paypal', { environment: 'live' }],
    ['square', {}],
    ['square', { environment: 'production' }],
  ])('of %s without a key (%j) has nobody asked', (provider, secret) => {
    expect(apiOf(provider).listFrom(JSON.stringify(secret))).toEqual({ ok: true });
  });

  const stripeKey = 'apiKey must be a secret or restricted key, sk_… or rk_…';
  it.each([
    ['stripe', { apiKey: 'pk_test_1' }, stripeKey],
    ['stripe', { apiKey: 'x_sk_test_1' }, stripeKey],
    ['stripe', { apiKey: 'sk_prod_1' }, stripeKey],
    ['stripe', { apiKey: 'sk_test_' }, stripeKey],
    ['stripe', { apiKey: 'sk_test_a b' }, stripeKey],
    ['stripe', { apiKey: 'sk_test_a\r\nx: y' }, stripeKey],
    ['stripe', { apiKey: '' }, 'apiKey must not be empty'],
    ['paypal', {}, 'environment is missing'],
    ['paypal', { environment: 'production' }, 'environment must be live or sandbox'],
    ['paypal', { environment: 'live', clientId: 'a b', clientSecret: 'x' }, 'clientId must be the client id of the app'],
    ['paypal', { environment: 'live', clientId: '!a', clientSecret: 'x' }, 'clientId must be the client id of the app'],
    ['paypal', { environment: 'live', clientId: 'a!', clientSecret: 'x' }, 'clientId must be the client id of the app'],
    ['paypal', { environment: 'live', clientId: 'a', clientSecret: 'x:y' }, 'clientSecret must be the secret of the app'],
    ['paypal', { environment: 'live', clientId: 'a', clientSecret: ':y' }, 'clientSecret must be the secret of the app'],
    ['paypal', { environment: 'live', clientId: 'a', clientSecret: 'y:' }, 'clientSecret must be the secret of the app'],
    ['paypal', { environment: 'live', clientId: 'a' }, 'clientSecret is missing beside clientId'],
    ['paypal', { environment: 'live', clientSecret: 'a' }, 'clientId is missing beside clientSecret'],
    ['square', { accessToken: 'a b' }, 'accessToken must be a personal access token'],
    ['square', { accessToken: '.a' }, 'accessToken must be a personal access token'],
    ['square', { accessToken: 'a.' }, 'accessToken must be a personal access token'],
    ['square', { accessToken: 'a', environment: 'live' }, 'environment must be production or sandbox'],
  ])('of %s with %j is told what is wrong', (provider, secret, problem) => {
    expect(apiOf(provider).listFrom(JSON.stringify(secret))).toEqual({ ok: false, problem });
  });

  it.each(['stripe', 'paypal', 'square'])('of %s that is no JSON is told so', (provider) => {
    expect(apiOf(provider).listFrom('sk_test_1')).toEqual({ ok: false, problem: 'the secret is not JSON' });
  });

  it.each(['sk_live_a1', 'sk_test_a1', 'rk_live_a1', 'rk_test_A_1'])('of stripe with the key %s asks with it', (apiKey) => {
    expect(listOf('stripe', { apiKey }).pageRequest(window, undefined, undefined).headers).toEqual({ authorization: `Bearer ${apiKey}` });
  });
});

describe("Stripe's list", () => {
  it('is asked for whole seconds around the window, from the newest on', () => {
    expect(listOf('stripe').token).toBeUndefined();
    const request = listOf('stripe').pageRequest(window, undefined, undefined);
    const { searchParams } = new URL(request.path, 'https://x');
    expect(request).toEqual({
      method: 'GET',
      host: 'api.stripe.com',
      path: expect.stringMatching(/^\/v1\/events\?/),
      headers: { authorization: 'Bearer rk_test_key1' },
    });
    expect(Object.fromEntries(searchParams)).toEqual({
      limit: '100',
      'created[gte]': String((fromMs - 250) / 1000),
      'created[lt]': String((window.untilMs - 250) / 1000 + 1),
    });
    const more = new URL(listOf('stripe').pageRequest(window, 'evt_9', undefined).path, 'https://x').searchParams;
    expect(more.get('starting_after')).toBe('evt_9');
  });

  const events = ['evt_1', 'evt_2'].map((id) => ({ id, type: 'charge.succeeded', created: insideSeconds, data: { kept: true } }));

  it('gives each event whole, and goes on after the last one', () => {
    const headers = { 'content-type': ['application/json'] };
    const bodies = events.map((body) => ({ body, headers }));
    expect(read('stripe', { object: 'list', data: events, has_more: false })).toEqual({ next: undefined, events: bodies });
    expect(read('stripe', { object: 'list', data: events, has_more: true })).toEqual({ next: 'evt_2', events: bodies });
  });

  it.each([
    [{ object: 'event', data: [], has_more: false }, "the answer's object is not"],
    [{ data: [], has_more: false }, "the answer's object is missing"],
    [{ object: 'list', data: [{ id: 'e', type: ' ', created: 1 }], has_more: false }, "the answer's data.0.type is not"],
    [{ object: 'list', data: [{ id: 'e', type: 't', created: 1.5 }], has_more: false }, "the answer's data.0.created is not"],
    [
      { object: 'list', data: [{ id: 'e', type: 't', created: insideSeconds / 1000 }], has_more: false },
      "the answer's data.0.created is not",
    ],
    [
      { object: 'list', data: Array.from({ length: 101 }, () => ({ id: 'e', type: 't', created: insideSeconds })), has_more: false },
      "the answer's data is not",
    ],
  ])('is not taken from %#', (answer, problem) => {
    expect(pageOf('stripe', answer)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it.each([
    [{ has_more: true, data: [] }, 'the answer has more events, and none to go on from'],
    [{ has_more: true, data: [{ ...events[0], id: 'evt 1' }] }, 'the answer has more events, and none to go on from'],
    [{ has_more: true, data: [{ ...events[0], id: 'e'.repeat(256) }] }, 'the answer has more events, and none to go on from'],
    [{ has_more: 'no', data: events }, 'the answer does not say whether there are more events'],
    [{ data: events }, 'the answer does not say whether there are more events'],
  ])('gives its events also where it does not say how to go on (%#)', (answer, problem) => {
    const given = read('stripe', { object: 'list', ...answer });
    expect([given.next, given.events.length]).toEqual([{ ok: false, problem }, answer.data.length]);
  });

  it.each(['evt_1NG8Du2eZvKYlo2CUI79vXWy', 'e', 'e'.repeat(255)])('goes on after %s', (cursor) => {
    expect(listOf('stripe').isCursor(cursor)).toBe(true);
  });

  it.each(['', 'e'.repeat(256), 'evt_1&limit=1', 'evt 1', 'evt_é'])('knows that %j is no cursor of its own', (cursor) => {
    expect(listOf('stripe').isCursor(cursor)).toBe(false);
  });

  it('may have a hundred events on a page', () => {
    const data = Array.from({ length: 100 }, (_, index) => ({ id: `evt_${index}`, type: 't', created: insideSeconds }));
    expect(read('stripe', { object: 'list', data, has_more: true })).toMatchObject({ next: 'evt_99', events: { length: 100 } });
  });
});

describe("PayPal's list", () => {
  it.each([
    ['live', 'api-m.paypal.com'],
    ['sandbox', 'api-m.sandbox.paypal.com'],
  ])('of %s has its token and its pages from %s', (environment, host) => {
    const list = listOf('paypal', { ...secrets.paypal, environment });
    expect(list.token?.request).toEqual({
      method: 'POST',
      host,
      path: '/v1/oauth2/token',
      headers: {
        authorization: `Basic ${Buffer.from('client-1:secret_1').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials',
    });
    const request = list.pageRequest(window, undefined, 'token-1');
    const url = new URL(request.path, 'https://x');
    expect(request).toEqual({ method: 'GET', host, path: url.pathname + url.search, headers: { authorization: 'Bearer token-1' } });
    expect(url.pathname).toBe('/v1/notifications/webhooks-events');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      page_size: '100',
      start_time: new Date(window.fromMs).toISOString(),
      end_time: new Date(window.untilMs).toISOString(),
    });
    const cursor = '/v1/notifications/webhooks-events/?start_time=2026-11-05T10:00:00.250Z&move_to=next&index_id=3';
    expect(list.pageRequest(window, cursor, undefined)).toMatchObject({ host, path: cursor, headers: { authorization: 'Bearer ' } });
  });

  it.each([
    [
      { access_token: 'A21-x.~', token_type: 'Bearer', expires_in: 1 },
      { ok: true, value: 'A21-x.~' },
    ],
    [
      { access_token: 'x'.repeat(4096), token_type: 'Bearer' },
      { ok: true, value: 'x'.repeat(4096) },
    ],
    [
      { access_token: 'x'.repeat(4097), token_type: 'Bearer' },
      { ok: false, problem: expect.stringContaining("the answer's access_token is not") },
    ],
    [
      { access_token: '', token_type: 'Bearer' },
      { ok: false, problem: expect.stringContaining("the answer's access_token is not") },
    ],
    [
      { access_token: 'a\u00e9', token_type: 'Bearer' },
      { ok: false, problem: expect.stringContaining("the answer's access_token is not") },
    ],
    [
      { access_token: ' a', token_type: 'Bearer' },
      { ok: false, problem: expect.stringContaining("the answer's access_token is not") },
    ],
    [
      { access_token: 'a', token_type: 'bearer' },
      { ok: false, problem: expect.stringContaining("the answer's token_type is not") },
    ],
    [{ token_type: 'Bearer' }, { ok: false, problem: "the answer's access_token is missing" }],
  ])('reads a token as what it is (%#)', (answer, result) => {
    expect(listOf('paypal').token?.read(JSON.stringify(answer))).toEqual(result);
  });

  const event = { id: 'WH-1', event_type: 'PAYMENT.CAPTURE.COMPLETED', create_time: inside, resource: { kept: true } };
  const listed = { body: event, headers: { 'content-type': ['application/json'] } };
  const page = (href: string) => ({
    events: [event],
    links: [
      { href: 'https://api-m.sandbox.paypal.com/self?x=1', rel: 'self' },
      { href, rel: 'next' },
    ],
  });
  const path = '/v1/notifications/webhooks-events';

  it('gives each event whole, and ends where no next link is', () => {
    expect(read('paypal', { events: [event] })).toEqual({ next: undefined, events: [listed] });
    expect(read('paypal', { events: [event], links: [{ href: 'https://elsewhere.example', rel: 'self' }] })).toEqual({
      next: undefined,
      events: [listed],
    });
    expect(read('paypal', {})).toEqual({ next: undefined, events: [] });
  });

  // The sample answer of PayPal's API reference (docs/api/webhooks/v1, "List event notifications"), whose links its SDKs' tests repeat with
  // the older host, and with `&` escaped once, twice or not.
  const sampleQuery = [
    'start_time=2014-08-04T12:46:47-07:00',
    'end_time=2014-09-18T12:46:47-07:00',
    'page_size=2',
    'move_to=next',
    'index_time=2014-09-17T23:07:35Z',
    'index_id=3',
  ];
  it.each([
    ['live', 'https://api-m.paypal.com', '&'],
    ['live', 'https://api-m.paypal.com', '&amp;'],
    ['live', 'https://api-m.paypal.com', '&amp;amp;'],
    ['live', 'https://api.paypal.com', '&amp;'],
    ['sandbox', 'https://api-m.sandbox.paypal.com', '&'],
    ['sandbox', 'https://api.sandbox.paypal.com', '&amp;amp;'],
    ['sandbox', '', '&'],
  ])("goes on where the API reference's sample leads (%s, %s, %s)", (environment, host, and) => {
    const list = listOf('paypal', { ...secrets.paypal, environment });
    const links = ['previous', 'next'].map((rel) => ({
      href: `${host}${path}/?${sampleQuery.join(and).replace('move_to=next', `move_to=${rel}`)}`,
      rel,
      method: 'GET',
    }));
    const answer = list.readPage(JSON.stringify({ events: [event], count: 2, links }), window);
    const cursor = `${path}/?${sampleQuery.join('&')}`;
    expect(answer).toMatchObject({ ok: true, value: { next: { ok: true, value: cursor }, events: { length: 1 } } });
    expect(list.isCursor(cursor)).toBe(true);
    const request = list.pageRequest(window, cursor, 'token-1');
    expect([request.host, request.path]).toEqual([environment === 'live' ? 'api-m.paypal.com' : 'api-m.sandbox.paypal.com', cursor]);
  });

  it.each([
    `https://api-m.sandbox.paypal.com${path}?page_size=100&next_page_token=t`,
    `https://api.sandbox.paypal.com${path}?page_size=100&next_page_token=t`,
    `${path}?page_size=100&next_page_token=t`,
  ])('goes on where %s leads, without a slash', (href) => {
    expect(read('paypal', page(href))).toEqual({ next: `${path}?page_size=100&next_page_token=t`, events: [listed] });
  });

  const elsewhere = { next: { ok: false, problem: 'the next link leads elsewhere' }, events: [listed] };

  it('follows a link whose path and query have 2,048 characters and none that is longer', () => {
    const link = (length: number) => `https://api-m.sandbox.paypal.com${`${path}?x=`.padEnd(length, 'y')}`;
    expect(read('paypal', page(link(2048))).next).toHaveLength(2048);
    expect(read('paypal', page(link(2049)))).toEqual(elsewhere);
  });

  it.each([
    `https://api-m.paypal.com${path}?x=1`,
    `https://api.paypal.com${path}/?x=1`,
    `https://evil.example${path}?x=1`,
    `https://api-m.sandbox.paypal.com.evil.example${path}?x=1`,
    `https://api-m.sandbox.paypal.com@evil.example${path}/?x=1`,
    `//evil.example${path}/?x=1`,
    `https://api-m.sandbox.paypal.com:8443${path}?x=1`,
    `http://api-m.sandbox.paypal.com${path}?x=1`,
    `https://api-m.sandbox.paypal.com/v1/payments?x=1`,
    `https://api-m.sandbox.paypal.com${path}/WH-1?x=1`,
    `https://api-m.sandbox.paypal.com${path}//?x=1`,
    `https://api-m.sandbox.paypal.com${path}/../webhooks?x=1`,
    `https://api-m.sandbox.paypal.com${path}-lookup/?x=1`,
    `https://api-m.sandbox.paypal.com${path}?`,
    `https://api-m.sandbox.paypal.com${path}`,
    'https://',
  ])('does not follow %s, and has the events all the same', (href) => {
    expect(read('paypal', page(href))).toEqual(elsewhere);
  });

  it.each([{ links: {} }, { links: [{ rel: 'next' }] }, { links: [{ href: 7, rel: 'next' }] }])(
    'gives its events also where its links cannot be read (%j)',
    (answer) => {
      expect(read('paypal', { events: [event], ...answer })).toEqual({
        next: { ok: false, problem: "the answer's links cannot be read" },
        events: [listed],
      });
    },
  );

  it.each(['', 'page_size=100&next_page_token=t', `${path}/`, `//evil.example${path}/?x=1`, `${path}/?x=1\r\ny: z`, `${path}/?x=1 2`])(
    'knows that %j is no cursor of its own',
    (cursor) => {
      expect(listOf('paypal').isCursor(cursor)).toBe(false);
    },
  );

  it.each([
    [{ events: [{ ...event, id: ' ' }] }, "the answer's events.0.id is not"],
    [{ events: [{ ...event, event_type: '' }] }, "the answer's events.0.event_type is not"],
    [{ events: [{ ...event, create_time: 1 }] }, "the answer's events.0.create_time is not"],
    [{ events: Array.from({ length: 1001 }, () => event) }, "the answer's events is not"],
    [{ events: [{ ...event, create_time: '2020-01-01T00:00:00Z' }] }, 'the answer has events of another time than was asked for alone'],
  ])('is not taken from %#', (answer, problem) => {
    expect(pageOf('paypal', answer)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('takes a page of a thousand events, for it heeds no page size', () => {
    expect(read('paypal', { events: Array.from({ length: 1000 }, () => event) }).events).toHaveLength(1000);
  });
});

describe("Square's list", () => {
  it.each([
    [{ accessToken: 'EAAA' }, 'connect.squareup.com'],
    [{ accessToken: 'EAAA', environment: 'production' }, 'connect.squareup.com'],
    [{ accessToken: 'EAAA', environment: 'sandbox' }, 'connect.squareupsandbox.com'],
  ])('with %j is searched at %s', (secret, host) => {
    const list = listOf('square', secret);
    expect(list.token).toBeUndefined();
    const request = list.pageRequest(window, undefined, undefined);
    expect({ ...request, body: jsonOf(request.body) }).toEqual({
      method: 'POST',
      host,
      path: '/v2/events',
      headers: { authorization: 'Bearer EAAA', 'content-type': 'application/json' },
      body: {
        limit: 100,
        query: {
          filter: { created_at: { start_at: new Date(window.fromMs).toISOString(), end_at: new Date(window.untilMs).toISOString() } },
          sort: { field: 'DEFAULT', order: 'DESC' },
        },
      },
    });
    expect(jsonOf(list.pageRequest(window, 'c-1', undefined).body)).toMatchObject({ limit: 100, cursor: 'c-1' });
  });

  const event = { event_id: 'e-1', type: 'payment.updated', created_at: inside, data: { kept: true } };

  it.each(['production', 'sandbox'] as const)('of %s says in a header whose events they are', (environment) => {
    const answer = JSON.stringify({ events: [event], cursor: 'c-2' });
    const page = listOf('square', { accessToken: 'EAAA', environment }).readPage(answer, window);
    expect(page).toMatchObject({
      ok: true,
      value: {
        next: { ok: true, value: 'c-2' },
        events: [{ headers: { 'content-type': ['application/json'], 'square-environment': [environment] } }],
      },
    });
  });

  it.each([{ events: [event] }, { events: [event], cursor: '' }, { events: [event], cursor: null }])('ends without a cursor', (answer) => {
    expect(read('square', answer)).toEqual({
      next: undefined,
      events: [{ body: event, headers: { 'content-type': ['application/json'], 'square-environment': ['sandbox'] } }],
    });
  });

  it('may be empty', () => {
    expect(read('square', {})).toEqual({ next: undefined, events: [] });
  });

  const bare = inside.slice(0, -1);
  it.each([
    [bare, `${bare}Z`],
    [`${bare}Z`, `${bare}Z`],
    [`${bare}z`, `${bare}z`],
    [`${bare}+00:00`, `${bare}+00:00`],
    [`${bare}-00:00`, `${bare}-00:00`],
  ])('has the time %s as %s', (created, told) => {
    expect(read('square', { events: [{ ...event, created_at: created }] }).events).toMatchObject([{ body: { created_at: told } }]);
  });

  it('has the offset of a time heeded', () => {
    const other = { ...event, created_at: `${bare}+05:30` };
    expect(pageOf('square', { events: [other] })).toEqual({
      ok: false,
      problem: 'the answer has events of another time than was asked for alone',
    });
  });

  it.each([
    [{ events: [{ ...event, event_id: '' }] }, "the answer's events.0.event_id is not"],
    [{ events: [{ ...event, type: ' ' }] }, "the answer's events.0.type is not"],
    [{ events: [{ ...event, created_at: 1 }] }, "the answer's events.0.created_at is not"],
    [{ events: Array.from({ length: 101 }, () => event) }, "the answer's events is not"],
    [{ errors: [{ category: 'API_ERROR', code: 'INTERNAL_SERVER_ERROR' }] }, "the answer's errors is not"],
  ])('is not taken from %#', (answer, problem) => {
    expect(pageOf('square', answer)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it.each(['c'.repeat(4097), 7, 'a b', {}])('gives its events also with the cursor %j', (cursor) => {
    const given = read('square', { events: [event], cursor });
    expect([given.next, given.events.length]).toEqual([{ ok: false, problem: "the answer's cursor is invalid" }, 1]);
  });

  // The example of a search answer in Square's own specification (square/connect-api-specification, api.json, SearchEventsResponse).
  it("reads the example of Square's specification", () => {
    const dispute = { amount_money: { amount: 8801, currency: 'USD' }, id: 'ORSEVtZAJxb37RA1EiGw', state: 'WON', version: 6 };
    const sample = {
      created_at: '2022-04-26T10:08:40.454726',
      data: { id: 'ORSEVtZAJxb37RA1EiGw', object: { dispute }, type: 'dispute' },
      event_id: '73ecd468-0aba-424f-b862-583d44efe7c8',
      location_id: 'VJDQQP3CG14EY',
      merchant_id: '0HPGX5JYE6EE1',
      type: 'dispute.state.updated',
    };
    const metadata = [{ api_version: '2022-12-13', event_id: sample.event_id }];
    const at = Date.parse(`${sample.created_at}Z`);
    const answer = JSON.stringify({ cursor: '6b571fc9773647f=', events: [sample], metadata });
    expect(listOf('square').readPage(answer, { fromMs: at - 1000, untilMs: at + 1000 })).toMatchObject({
      ok: true,
      value: { next: { ok: true, value: '6b571fc9773647f=' }, events: { length: 1 } },
    });
  });

  it('may have a hundred events and a cursor of 4,096 characters', () => {
    const answer = { events: Array.from({ length: 100 }, () => event), cursor: 'c'.repeat(4096) };
    expect(read('square', answer)).toMatchObject({ events: { length: 100 }, next: answer.cursor });
  });
});

describe('a list', () => {
  it.each([
    ['stripe', { apiKey: 'sk_live_a1' }, true],
    ['stripe', { apiKey: 'rk_live_a1' }, true],
    ['stripe', { apiKey: 'sk_test_live_1' }, false],
    ['stripe', { apiKey: 'rk_test_a1' }, false],
    ['paypal', { ...secrets.paypal, environment: 'live' }, true],
    ['paypal', secrets.paypal, false],
    ['square', { accessToken: 'EAAA' }, true],
    ['square', secrets.square, false],
  ] as const)('of %s with %j says whether it is of live payments: %s', (provider, secret, live) => {
    expect(listOf(provider, secret).live).toBe(live);
  });
});
