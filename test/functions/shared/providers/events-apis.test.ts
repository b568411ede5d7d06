import { describe, expect, it } from '@jest/globals';
import type { EventList } from '../../../../functions/shared/providers/events-api';
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
  return {
    next: page.value.next,
    events: page.value.events.map(({ body, headers }) => ({ body: jsonOf(Buffer.from(body).toString('utf8')), headers })),
  };
}

describe('the providers that can be asked for past events', () => {
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
    [{ object: 'list', data: [], has_more: 'no' }, "the answer's has_more is not"],
    [{ object: 'list', data: [{ id: 'e', type: ' ', created: 1 }], has_more: false }, "the answer's data.0.type is not"],
    [{ object: 'list', data: [{ id: 'e', type: 't', created: 1.5 }], has_more: false }, "the answer's data.0.created is not"],
    [
      { object: 'list', data: [{ id: 'e', type: 't', created: insideSeconds / 1000 }], has_more: false },
      "the answer's data.0.created is not",
    ],
    [{ object: 'list', data: [], has_more: true }, 'the answer has more events, and none to go on from'],
    [
      { object: 'list', data: Array.from({ length: 101 }, () => ({ id: 'e', type: 't', created: insideSeconds })), has_more: false },
      "the answer's data is not",
    ],
  ])('is not taken from %#', (answer, problem) => {
    expect(pageOf('stripe', answer)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
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
    expect(list.pageRequest(window, 'a=1&b=2', undefined)).toMatchObject({
      path: '/v1/notifications/webhooks-events?a=1&b=2',
      headers: { authorization: 'Bearer ' },
    });
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

  it.each([
    `https://api-m.sandbox.paypal.com${path}?page_size=100&next_page_token=t`,
    `https://api.sandbox.paypal.com${path}?page_size=100&next_page_token=t`,
    `${path}?page_size=100&next_page_token=t`,
  ])('goes on where %s leads', (href) => {
    expect(read('paypal', page(href))).toEqual({ next: 'page_size=100&next_page_token=t', events: [listed] });
  });

  it('follows a link of 2,048 characters and none that is longer', () => {
    const link = `https://api-m.sandbox.paypal.com${path}?x=`;
    expect(read('paypal', page(link.padEnd(2048, 'y'))).next).toHaveLength(2048 - link.length + 2);
    expect(pageOf('paypal', page(link.padEnd(2049, 'y')))).toEqual({ ok: false, problem: 'the next link leads elsewhere' });
  });

  it.each([
    `https://api-m.paypal.com${path}?x=1`,
    `https://evil.example${path}?x=1`,
    `https://api-m.sandbox.paypal.com.evil.example${path}?x=1`,
    `https://api-m.sandbox.paypal.com:8443${path}?x=1`,
    `http://api-m.sandbox.paypal.com${path}?x=1`,
    `https://api-m.sandbox.paypal.com/v1/payments?x=1`,
    `https://api-m.sandbox.paypal.com${path}?`,
    `https://api-m.sandbox.paypal.com${path}`,
    'https://',
  ])('does not follow %s', (href) => {
    expect(pageOf('paypal', page(href))).toEqual({ ok: false, problem: 'the next link leads elsewhere' });
  });

  it.each([
    [{ events: [{ ...event, id: ' ' }] }, "the answer's events.0.id is not"],
    [{ events: [{ ...event, event_type: '' }] }, "the answer's events.0.event_type is not"],
    [{ events: [{ ...event, create_time: 1 }] }, "the answer's events.0.create_time is not"],
    [{ events: Array.from({ length: 1001 }, () => event) }, "the answer's events is not"],
    [{ events: [event], links: [{ rel: 'next' }] }, "the answer's links.0.href is missing"],
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
      value: { next: 'c-2', events: [{ headers: { 'content-type': ['application/json'], 'square-environment': [environment] } }] },
    });
  });

  it.each([{ events: [event] }, { events: [event], cursor: '' }])('ends without a cursor', (answer) => {
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
    [{ cursor: 'c'.repeat(4097) }, "the answer's cursor is not"],
    [{ cursor: 7 }, "the answer's cursor is not"],
  ])('is not taken from %#', (answer, problem) => {
    expect(pageOf('square', answer)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('may have a hundred events and a cursor of 4,096 characters', () => {
    const answer = { events: Array.from({ length: 100 }, () => event), cursor: 'c'.repeat(4096) };
    expect(read('square', answer)).toMatchObject({ events: { length: 100 }, next: answer.cursor });
  });
});
