import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiReply } from '../../support/provider-apis';
import { World } from '../../support/fakes';
import { apiEvent, ProviderApis } from '../../support/provider-apis';
import { byHand, minute, runOver, scheduled, setSecrets } from './reconciling';

let apis: ProviderApis;
let world: World;
beforeAll(async () => {
  apis = await ProviderApis.start();
});
afterAll(() => apis.close());
beforeEach(() => {
  apis.reset();
  world = new World();
  setSecrets(world);
  for (const provider of ['stripe', 'paypal', 'square'] as const) {
    for (let ago = 10; ago < 40; ago += 1) apis.events[provider].push(apiEvent(provider, ago, world.now - ago * minute).listed);
  }
});

const ask = (provider: string, overrides: Parameters<typeof runOver>[2] = {}) => byHand(runOver(world, apis, overrides), { provider });
const pauses: number[] = [];
const patient = () => {
  pauses.length = 0;
  return {
    pause: (milliseconds: number) => {
      pauses.push(milliseconds);
      world.now += milliseconds;
      return Promise.resolve();
    },
  };
};

describe('a provider that is busy', () => {
  it('is asked again when it says so', async () => {
    apis.answer({ status: 429, headers: { 'retry-after': '7' } }, 2);
    expect(await ask('stripe', patient())).toMatchObject({ outcome: 'done', tally: { listed: 30 } });
    expect(pauses).toEqual([7000, 7000]);
  });

  it('is asked again ever later when it does not say when, and given up for this run in the end', async () => {
    apis.answer({ status: 429 }, 99);
    expect(await ask('square', patient())).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'throttled', detail: 'connect.squareupsandbox.com answered 429' },
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
    expect(world.rows.size).toBe(0);
  });

  it.each(['3600', 'Thu, 05 Nov 2099 10:00:00 GMT'])(
    'is left to the next run when it wants more patience than a run has (%s)',
    async (header) => {
      apis.answer({ status: 429, headers: { 'retry-after': header } }, 99);
      expect(await ask('stripe', patient())).toMatchObject({ outcome: 'failed', failure: { reason: 'throttled' } });
      expect(pauses).toEqual([]);
    },
  );

  it('does not keep a run beyond its time', async () => {
    apis.answer({ status: 429, headers: { 'retry-after': '30' } }, 99);
    expect(await ask('stripe', { ...patient(), deadlineMs: world.now + 45_000 })).toMatchObject({ outcome: 'failed' });
    expect(pauses).toEqual([30_000]);
    expect(await ask('stripe', { deadlineMs: world.now })).toMatchObject({ outcome: 'more', tally: { listed: 0 } });
  });
});

describe('a provider that fails', () => {
  it.each([500, 502, 503, 504, 408])('with %i is asked again', async (status) => {
    apis.answer({ status, text: '<html>upstream</html>' }, 3);
    expect(await ask('paypal', patient())).toMatchObject({ outcome: 'done', tally: { listed: 30 } });
  });

  it('for good is unreachable, and the others are asked all the same', async () => {
    apis.answer({ status: 503 }, 99, ({ url }) => url.pathname === '/v1/events');
    const { outcomes } = await scheduled(runOver(world, apis, patient()));
    expect(outcomes['stripe']).toMatchObject([{ outcome: 'failed', failure: { reason: 'unreachable' } }]);
    expect([outcomes['paypal'], outcomes['square']]).toMatchObject([[{ outcome: 'done' }], [{ outcome: 'done' }]]);
    apis.reset();
    expect(world.progress.get('stripe')).toBeUndefined();
  });

  it('in the middle of its pages keeps what was recovered before, and goes on from there', async () => {
    apis.pageSize = 10;
    let pages = 0;
    apis.answer({ status: 503 }, 5, ({ url }) => url.pathname === '/v1/events' && (pages += 1) > 1);
    const { outcomes } = await scheduled(runOver(world, apis, patient()));
    expect(outcomes['stripe']).toMatchObject([{ outcome: 'failed', tally: { listed: 10, missed: { length: 10 } } }]);
    expect(world.progress.get('stripe')?.open?.cursor).toBe('evt_19');
    const again = await scheduled(runOver(world, apis));
    expect(again.outcomes['stripe']).toMatchObject([
      { outcome: 'done', tally: { listed: 20, missed: { length: 20 } } },
      { outcome: 'done' },
    ]);
  });
});

describe("PayPal's token", () => {
  it('is asked for once, and again when it expires in the middle', async () => {
    apis.pageSize = 10;
    let lists = 0;
    apis.answer({ status: 401, json: { error: 'invalid_token' } }, 1, ({ url }) => {
      if (url.pathname.includes('webhooks-events')) lists += 1;
      if (lists === 2) apis.expireTokens();
      return lists === 2;
    });
    expect(await ask('paypal')).toMatchObject({ outcome: 'done', tally: { listed: 30, missed: { length: 30 } } });
    expect(apis.calls.filter(({ url }) => url.pathname === '/v1/oauth2/token')).toHaveLength(2);
  });

  it.each([
    ['is refused', { status: 401, json: { error: 'invalid_client' } }, 'credentials_refused', 'api-m.sandbox.paypal.com answered 401'],
    [
      'is no token',
      { json: { access_token: 'a b\r\nx: y', token_type: 'Bearer' } },
      'answer_unreadable',
      "the answer's access_token is not",
    ],
    ['is of another kind', { json: { access_token: 'x', token_type: 'mac' } }, 'answer_unreadable', "the answer's token_type is not"],
  ])('that %s is a clear failure', async (_, reply, reason, detail) => {
    apis.answer(reply, 99, ({ url }) => url.pathname === '/v1/oauth2/token');
    const outcome = await ask('paypal');
    expect(outcome).toMatchObject({ outcome: 'failed', failure: { reason, detail: expect.stringContaining(detail) } });
    expect(apis.calls).toHaveLength(1);
  });
});

/** Answers that are none, by provider; `problem` is what a person reads. */
const lies: readonly (readonly [string, string, ApiReply, string])[] = [
  ['HTML', 'stripe', { text: '<html>maintenance</html>' }, 'the answer is no JSON object'],
  ['nothing', 'square', { text: '' }, 'the answer is no JSON object'],
  ['a list without a name', 'stripe', { json: { data: [], has_more: false } }, "the answer's object is missing"],
  ['an event without an id', 'stripe', { json: list([{ type: 'x', created: 1 }]) }, "the answer's data.0.id is missing"],
  [
    'an id that is a number',
    'square',
    { json: { events: [{ event_id: 7, type: 'x', created_at: '' }] } },
    "the answer's events.0.event_id is not",
  ],
  ['a blank id', 'paypal', { json: { events: [{ id: ' ', event_type: 'x', create_time: '' }] } }, "the answer's events.0.id is not"],
  ['events of another year alone', 'stripe', { json: list([{ id: 'e', type: 't', created: 1 }]) }, 'another time than was asked for alone'],
  [
    'a page that is too long',
    'stripe',
    { json: list(Array.from({ length: 101 }, () => ({ id: 'e', type: 't', created: 1 }))) },
    "the answer's data is not",
  ],
  ['a redirect', 'square', { status: 302, headers: { location: 'https://evil.example/' } }, 'connect.squareupsandbox.com answered 302'],
];

function list(data: readonly unknown[]) {
  return { object: 'list', data, has_more: false };
}

/** What a page says of how to go on, that is no way to go on. */
const endings: readonly (readonly [string, string, object, string])[] = [
  ['a link to another host', 'paypal', next('https://evil.example/v1/notifications/webhooks-events/?x=1'), 'the next link leads elsewhere'],
  ['a link to another path', 'paypal', next('https://api-m.sandbox.paypal.com/v1/payments?x=1'), 'the next link leads elsewhere'],
  ['a link to the live host', 'paypal', next('https://api-m.paypal.com/v1/notifications/webhooks-events/?x=1'), 'leads elsewhere'],
  ['a link that is none', 'paypal', next('https://'), 'the next link leads elsewhere'],
  ['links that are none', 'paypal', { links: 'next' }, "the answer's links cannot be read"],
  ['more events without one to go on from', 'stripe', { has_more: 'yes' }, 'does not say whether there are more'],
  ['a cursor that is none', 'square', { cursor: 7 }, "the answer's cursor is invalid"],
];

function next(href: string) {
  return { links: [{ href, rel: 'next', method: 'GET' }] };
}

describe('a page that does not say how to go on', () => {
  it.each(endings)('with %s (%s) is compared before that is said', async (_, provider, ending, problem) => {
    const { listed } = apiEvent(
      provider === 'paypal' ? 'paypal' : provider === 'square' ? 'square' : 'stripe',
      77,
      world.now - 20 * minute,
    );
    const events = provider === 'stripe' ? { object: 'list', data: [listed] } : { events: [listed] };
    apis.answer({ json: { ...events, ...ending } }, 99, ({ url }) => url.pathname !== '/v1/oauth2/token');
    expect(await ask(provider)).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'answer_unreadable', detail: expect.stringContaining(problem) },
      tally: { listed: 1, expected: 1, missed: { length: 1 } },
    });
    expect(world.rows.size).toBe(1);
    expect(apis.calls.filter(({ url }) => url.pathname !== '/v1/oauth2/token')).toHaveLength(1);
  });
});

describe('a provider API that lies', () => {
  it.each(lies)('with %s (%s) is told so, and nothing is changed', async (_, provider, reply, problem) => {
    apis.answer(reply, 99, ({ url }) => url.pathname !== '/v1/oauth2/token');
    expect(await ask(provider)).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'answer_unreadable', detail: expect.stringContaining(problem) },
    });
    expect(world.rows.size).toBe(0);
    expect(apis.calls.filter(({ url }) => url.pathname !== '/v1/oauth2/token')).toHaveLength(1);
  });

  it('with a list that goes round in a circle is told so', async () => {
    apis.answer({ json: { cursor: 'again' } }, 99);
    expect(await ask('square')).toMatchObject({ outcome: 'failed', failure: { detail: 'the list goes round in a circle' } });
    expect(apis.calls).toHaveLength(2);
  });

  it('with a page that nobody could hold is told so', async () => {
    apis.answer({ text: `{"object":"list","x":"${'y'.repeat(34 * 1024 * 1024)}"}` });
    expect(await ask('stripe')).toMatchObject({
      failure: { reason: 'answer_unreadable', detail: expect.stringContaining('more than anybody') },
    });
  });

  it.each([400, 404, 422])('with %i is told that it refused', async (status) => {
    apis.answer({ status, json: { secret: 'in the answer' } }, 99);
    const outcome = await ask('stripe');
    expect(outcome).toMatchObject({ failure: { reason: 'request_refused', detail: `api.stripe.com answered ${status}` } });
    expect(JSON.stringify(outcome)).not.toContain('in the answer');
  });
});
