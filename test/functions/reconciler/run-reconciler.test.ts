import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventIndex } from '../../../functions/shared/domain/ports';
import { wasRecoveredElsewhere } from '../../../functions/shared/domain/recovered';
import { storeEvent } from '../../../functions/shared/domain/store-event';
import { createProviders } from '../../../functions/shared/providers';
import { eventRecordOf } from '../../../functions/shared/providers/event-record';
import { rawBodyOf } from '../../../functions/shared/providers/raw-body';
import { World } from '../../support/fakes';
import { apiEvent, keys, ProviderApis, type ApiEvent } from '../../support/provider-apis';
import { byHand, minute, reconciled, runOver, scheduled, secrets, setSecrets } from './reconciling';

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
});

type Name = (typeof reconciled)[number];

/** A webhook arrives: what the receiver does with it once it is verified. */
async function webhook(provider: Name, body: ApiEvent) {
  const adapter = createProviders().get(provider);
  const headers = provider === 'square' ? { 'square-environment': ['Sandbox'] } : {};
  const request = { headers, body: Buffer.from(JSON.stringify(body, null, 2)) };
  const read = adapter?.normalize(request, new Date(world.now).toISOString());
  if (adapter === undefined || read?.ok !== true) throw new Error('not normalized');
  const record = eventRecordOf(read.normalized, adapter.signedHeaders, { request, correlationId: 'webhook' }, 90);
  return (await wasRecoveredElsewhere(world, record)) ? 'duplicate' : storeEvent(world, record, request.body);
}

/** One event a minute and provider, from this minute before now on; webhooks come but for the dark ones. */
async function traffic(from: number, until: number, isDark: (minutesAgo: number) => boolean): Promise<void> {
  for (const provider of reconciled) {
    for (let ago = from; ago > until; ago -= 1) {
      const { listed, webhook: body } = apiEvent(provider, ago, world.now - ago * minute);
      apis.events[provider].push(listed);
      if (!isDark(ago)) expect(await webhook(provider, body)).toBe('stored');
    }
  }
}

const missedBy = (outcomes: Awaited<ReturnType<typeof scheduled>>['outcomes'], provider: Name) =>
  (outcomes[provider] ?? []).flatMap((outcome) => ('tally' in outcome ? outcome.tally.missed.map(({ eventId }) => eventId) : []));
const rowsOf = (provider: Name) => [...world.rows.values()].filter(({ event }) => event.provider === provider);
const writes = () => world.calls.filter((call) => call === 'store.put' || call === 'archive.put');

describe('after 30 minutes of darkness', () => {
  const dark = (ago: number) => ago <= 40 && ago > 10;

  it.each(reconciled)('everything of %s is there, once, and the next run does nothing', async (provider) => {
    apis.pageSize = 7;
    await traffic(55, 5, dark);
    const received = rowsOf(provider).length;
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(missedBy(outcomes, provider)).toHaveLength(30);
    expect(outcomes[provider]).toMatchObject([{ outcome: 'done', tally: { listed: 50, expected: 50 } }]);
    expect(rowsOf(provider)).toHaveLength(received + 30);
    expect(rowsOf(provider).filter(({ source }) => source === 'reconciled')).toHaveLength(30);
    expect(new Set(rowsOf(provider).map(({ eventKey }) => eventKey)).size).toBe(50);

    world.calls.length = 0;
    const again = await scheduled(runOver(world, apis));
    expect([missedBy(again.outcomes, provider), writes()]).toEqual([[], []]);
  });

  it('stores what a webhook would have, with the bytes of the list, and says so', async () => {
    const { listed } = apiEvent('stripe', 1, world.now - 20 * minute);
    apis.events.stripe.push(listed);
    await scheduled(runOver(world, apis, { correlationId: 'run-x' }));
    const [row] = rowsOf('stripe');
    expect(row).toMatchObject({
      source: 'reconciled',
      status: 'received',
      correlationId: 'run-x',
      eventKey: 'event#evt_1',
      signedHeaders: { 'content-type': 'application/json' },
      event: { paymentId: 'stripe:pi_1', kind: 'payment.succeeded', amount: '49.90', receivedAt: new Date(world.now).toISOString() },
    });
    const body = row === undefined ? undefined : rawBodyOf(row);
    expect(body?.ok === true && JSON.parse(Buffer.from(body.value ?? []).toString('utf8'))).toEqual(listed);
  });

  it.each(reconciled)('a webhook of %s that comes after all is a duplicate, and no conflict', async (provider) => {
    const { listed, webhook: body } = apiEvent(provider, 1, world.now - 20 * minute);
    apis.events[provider].push(listed);
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(missedBy(outcomes, provider)).toHaveLength(1);
    world.now += 60 * minute;
    expect(await webhook(provider, body)).toBe('duplicate');
  });
});

describe('an event that was recovered and then comes by webhook in another shape', () => {
  it.each([
    ['stripe', { data: { object: { id: 'ch_1', object: 'charge', payment_intent: 'pi_other' } } }],
    ['paypal', { resource: { id: 'OTHER', amount: { value: '49.90', currency_code: 'USD' } } }],
    ['square', { data: { type: 'payment', id: 'OTHER', object: { payment: { id: 'OTHER', status: 'COMPLETED' } } } }],
  ] as const)('is a duplicate (%s): it is not stored under another payment', async (provider, shape) => {
    const { listed, webhook: body } = apiEvent(provider, 1, world.now - 20 * minute);
    apis.events[provider].push(listed);
    await scheduled(runOver(world, apis));
    expect(rowsOf(provider)).toHaveLength(1);
    world.now += 60 * minute;
    expect(await webhook(provider, { ...body, ...shape })).toBe('duplicate');
    expect(rowsOf(provider)).toHaveLength(1);
  });
});

describe('what is not missed', () => {
  it('is an event whose webhook may be on its way', async () => {
    await traffic(5, 0, () => true);
    const { outcomes } = await scheduled(runOver(world, apis));
    for (const provider of reconciled) expect(missedBy(outcomes, provider)).toEqual([]);
    world.now += 15 * minute;
    expect(missedBy((await scheduled(runOver(world, apis))).outcomes, 'stripe')).toHaveLength(5);
  });

  it('is an event of a type that means nothing for money, unless the environment names it', async () => {
    const at = Math.floor((world.now - 20 * minute) / 1000);
    const customer = { id: 'evt_c', object: 'event', type: 'customer.created', created: at, data: { object: { id: 'cus_1' } } };
    apis.events.stripe.push(customer, apiEvent('stripe', 1, world.now - 20 * minute).listed);
    const dryly = (types: Record<string, string[]>) => byHand(runOver(world, apis, { types }), { provider: 'stripe', dryRun: true });
    expect(await dryly({})).toMatchObject({
      tally: { listed: 2, expected: 1, missed: [{ eventId: 'evt_1' }], leftOut: new Map([['customer.created', 1]]) },
    });
    expect(await dryly({ stripe: ['customer.*'] })).toMatchObject({
      tally: { expected: 1, missed: [{ eventId: 'evt_c', kind: 'other' }] },
    });
    expect(await dryly({ stripe: ['customer'] })).toMatchObject({ tally: { expected: 0 } });
  });

  it('is an event that is stored under another payment, as another version of the API had it', async () => {
    const { listed, webhook: body } = apiEvent('stripe', 1, world.now - 20 * minute);
    await webhook('stripe', body);
    const moved = { ...listed, data: { object: { id: 'ch_1', object: 'charge', payment_intent: 'pi_other' } } };
    apis.events.stripe.push({ ...moved, type: 'payment_intent.succeeded' });
    expect(missedBy((await scheduled(runOver(world, apis))).outcomes, 'stripe')).toEqual([]);
  });

  it('is an event whose webhook comes while it is compared', async () => {
    const { listed, webhook: body } = apiEvent('stripe', 1, world.now - 20 * minute);
    apis.events.stripe.push(listed);
    const index: EventIndex = {
      ...world.index,
      elsewhere: async () => {
        expect(await webhook('stripe', body)).toBe('stored');
        return [];
      },
    };
    const { outcomes } = await scheduled(runOver(world, apis, { index }));
    expect([missedBy(outcomes, 'stripe'), rowsOf('stripe').map(({ source }) => source)]).toEqual([[], [undefined]]);
  });

  it('is a thin event of Stripe, which only names an object', async () => {
    apis.events.stripe.push({
      id: 'evt_t',
      object: 'v2.core.event',
      type: 'v1.billing.x',
      created: Math.floor((world.now - 20 * minute) / 1000),
    });
    expect(missedBy((await scheduled(runOver(world, apis))).outcomes, 'stripe')).toEqual([]);
  });
});

describe('an empty list', () => {
  it.each(reconciled)('of %s is no comparison where webhooks of its time came, and its window stays open', async (provider) => {
    for (const number of [1, 2, 3]) await webhook(provider, apiEvent(provider, number, world.now - 20 * minute).webhook);
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(outcomes[provider]).toMatchObject([
      { outcome: 'failed', failure: { reason: 'list_empty', detail: expect.stringContaining(`the list of ${provider} is empty`) } },
    ]);
    expect(world.progress.get(provider)).toBeUndefined();
    expect(await byHand(runOver(world, apis), { provider, dryRun: true })).toMatchObject({ failure: { reason: 'list_empty' } });
  });

  it.each([1, 2])('beside webhooks of %d payments is told, and not asked for again: test events are in no list', async (payments) => {
    for (let number = 1; number <= payments; number += 1)
      await webhook('paypal', apiEvent('paypal', number, world.now - 20 * minute).webhook);
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(outcomes['paypal']).toMatchObject([{ outcome: 'failed', failure: { reason: 'list_empty' } }]);
    world.now += 60 * minute;
    expect((await scheduled(runOver(world, apis))).outcomes['paypal']).toMatchObject([{ outcome: 'done' }]);
  });

  it('is nothing unusual without webhooks, or with those of another time or another provider', async () => {
    await webhook('stripe', apiEvent('stripe', 1, world.now - 90 * minute).webhook);
    await webhook('stripe', apiEvent('stripe', 2, world.now - 2 * minute).webhook);
    const { outcomes } = await scheduled(runOver(world, apis));
    for (const provider of reconciled) expect(outcomes[provider]).toMatchObject([{ outcome: 'done', tally: { listed: 0 } }]);
  });

  it('is believed where what is there was recovered, means nothing for money, or is of another list', async () => {
    const at = world.now - 20 * minute;
    apis.events.stripe.push(apiEvent('stripe', 1, at).listed);
    await scheduled(runOver(world, apis));
    apis.events.stripe.length = 0;
    const { webhook: body } = apiEvent('stripe', 2, at);
    await webhook('stripe', { ...body, id: 'evt_3', account: 'acct_connected' });
    await webhook('stripe', { ...body, id: 'evt_4', type: 'customer.created' });
    await webhook('stripe', { id: 'evt_5', object: 'v2.core.event', type: 'v1.charge.succeeded', created: new Date(at).toISOString() });
    world.progress.clear();
    expect((await scheduled(runOver(world, apis, { types: { stripe: ['payment_intent.*', 'v1.*'] } }))).outcomes['stripe']).toMatchObject([
      { outcome: 'done', tally: { listed: 0 } },
    ]);
    await webhook('stripe', { ...body, id: 'evt_6' });
    expect(await byHand(runOver(world, apis), { provider: 'stripe' })).toMatchObject({ failure: { reason: 'list_empty' } });
  });

  it('at the end of pages is the end of the list', async () => {
    await webhook('stripe', apiEvent('stripe', 1, world.now - 20 * minute).webhook);
    apis.events.stripe.push(apiEvent('stripe', 1, world.now - 20 * minute).listed);
    expect(await byHand(runOver(world, apis), { provider: 'stripe', cursor: 'evt_1' })).toMatchObject({
      outcome: 'done',
      tally: { listed: 0 },
    });
  });
});

describe('a provider without a key', () => {
  it('is off, and nothing is asked', async () => {
    setSecrets(world, {
      stripe: { signingSecrets: ['x'] },
      paypal: { webhookIds: ['W'], environment: 'live' },
      square: { subscriptions: [] },
    });
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(outcomes).toEqual({ stripe: [{ outcome: 'off' }], paypal: [{ outcome: 'off' }], square: [{ outcome: 'off' }] });
    expect(apis.calls).toEqual([]);
    expect(world.progress.size).toBe(0);
  });

  it.each([
    ['stripe', { apiKey: 'whsec_not_a_key' }, 'apiKey must be a secret or restricted key'],
    ['paypal', { environment: 'live', clientId: 'only' }, 'clientSecret is missing beside clientId'],
    ['paypal', { environment: 'live', clientSecret: 'only' }, 'clientId is missing beside clientSecret'],
    ['square', { accessToken: 'x', environment: 'live' }, 'environment must be production or sandbox'],
  ])('or with a wrong one (%s) says what is wrong, and not the value', async (provider, secret, detail) => {
    world.secretTexts.set(provider, JSON.stringify(secret));
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(outcomes[provider]).toMatchObject([
      { outcome: 'failed', failure: { reason: 'secret_invalid', detail: expect.stringContaining(detail) } },
    ]);
    expect(JSON.stringify(outcomes[provider])).not.toMatch(/whsec_not|only"/);
  });
});

describe('a run that ends in the middle', () => {
  it('goes on where it ended, and asks for no page twice', async () => {
    apis.pageSize = 10;
    await traffic(55, 5, () => true);
    let pages = 0;
    const clock = () => world.now;
    const api = runOver(world, apis).api;
    const slow = {
      send: (request: Parameters<typeof api.send>[0]) => {
        if (request.path.startsWith('/v1/events')) pages += 1;
        world.now += 10_000;
        return api.send(request);
      },
    };
    const first = await scheduled(runOver(world, apis, { api: slow, clock, deadlineMs: world.now + 25_000 }));
    expect(first.outcomes['stripe']).toMatchObject([{ outcome: 'more', tally: { listed: 30 } }]);
    expect([pages, rowsOf('stripe').length]).toEqual([3, 30]);
    expect(world.progress.get('stripe')).toMatchObject({ open: { cursor: expect.stringMatching(/^evt_/) } });

    apis.calls.length = 0;
    const second = await scheduled(runOver(world, apis));
    expect(second.outcomes['stripe']).toMatchObject([{ outcome: 'done', tally: { listed: 20 } }, { outcome: 'done' }]);
    expect(rowsOf('stripe')).toHaveLength(50);
    expect(apis.calls[0]?.url.searchParams.get('starting_after')).toBe('evt_35');
  });

  it('is killed between two writes, and the next one recovers the rest', async () => {
    await traffic(35, 5, () => true);
    world.killAt('after store.put');
    await expect(scheduled(runOver(world, apis))).rejects.toThrow('after store.put');
    expect(world.revive()).toBe(true);
    world.now += 6 * minute;
    await scheduled(runOver(world, apis));
    for (const provider of reconciled) expect(rowsOf(provider)).toHaveLength(30);
  });

  it('begins its window anew when the provider does not take its cursor any more', async () => {
    await traffic(35, 5, () => true);
    const open = { fromMs: world.now - 40 * minute, untilMs: world.now - 5 * minute, cursor: 'evt_gone' };
    world.progress.set('stripe', { open });
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(missedBy(outcomes, 'stripe')).toHaveLength(30);
    expect(apis.calls.slice(0, 2).map(({ url }) => url.searchParams.get('starting_after'))).toEqual(['evt_gone', null]);
  });

  it.each([
    ['another version kept', 'page_size=100&start_index=100'],
    ['somebody made up', '//evil.example/v1/notifications/webhooks-events/?x=1'],
  ])('begins its window anew where a cursor that %s is none of PayPal', async (_, cursor) => {
    await traffic(35, 5, () => true);
    world.progress.set('paypal', { open: { fromMs: world.now - 40 * minute, untilMs: world.now - 5 * minute, cursor } });
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(missedBy(outcomes, 'paypal')).toHaveLength(30);
    const asked = apis.calls.filter(({ url }) => url.pathname.startsWith('/v1/notifications')).map(({ url }) => url.search);
    expect(asked[0]).toMatch(/^\?page_size=100&start_time=/);
    expect(await byHand(runOver(world, apis), { provider: 'paypal', cursor })).toMatchObject({ outcome: 'done', tally: { listed: 30 } });
  });

  it('leaves the provider to another run that holds the lease, until that is over', async () => {
    world.leases.set('stripe', { owner: 'another', untilMs: world.now + 60_000 });
    expect((await scheduled(runOver(world, apis))).outcomes['stripe']).toEqual([{ outcome: 'busy' }]);
    expect(await byHand(runOver(world, apis), { provider: 'stripe' })).toEqual({ outcome: 'busy' });
    world.now += 61_000;
    expect((await scheduled(runOver(world, apis))).outcomes['stripe']).toMatchObject([{ outcome: 'done' }]);
    expect(world.leases.size).toBe(0);
  });
});

describe('the window', () => {
  const asked = () => {
    const query = apis.calls.find(({ url }) => url.pathname === '/v1/events')?.url.searchParams;
    return [Number(query?.get('created[gte]')) * 1000, Number(query?.get('created[lt]')) * 1000];
  };

  it('is the last hour at first, and later goes back half an hour behind the last run', async () => {
    await scheduled(runOver(world, apis));
    expect(asked()).toEqual([world.now - 65 * minute, world.now - 5 * minute]);
    const end = world.now - 5 * minute;
    world.now += 15 * minute;
    apis.calls.length = 0;
    await scheduled(runOver(world, apis));
    expect(asked()).toEqual([end - 30 * minute, world.now - 5 * minute]);
  });

  it('spans all that was not compared since, and tells when some of it is lost', async () => {
    world.progress.set('stripe', { reconciledUntilMs: world.now - 40 * 24 * 60 * minute });
    const { outcomes } = await scheduled(runOver(world, apis));
    expect(outcomes['stripe']).toMatchObject([{ outcome: 'failed', failure: { reason: 'window_passed' } }, { outcome: 'done' }]);
    expect(asked()[0]).toBe(world.now - 30 * 24 * 60 * minute + 10 * minute);
    expect((await scheduled(runOver(world, apis))).outcomes['stripe']).toMatchObject([{ outcome: 'done' }]);
  });

  it('never goes back behind what the table still knows, where every event would look missed', async () => {
    world.progress.set('stripe', { reconciledUntilMs: world.now - 25 * 24 * 60 * minute });
    await scheduled(runOver(world, apis, { retentionDays: 20 }));
    expect(asked()[0]).toBe(world.now - 19 * 24 * 60 * minute + 10 * minute);
  });
});

describe('by hand', () => {
  it.each([false, true])('begins anew where the provider does not take the cursor, and says so (dry run: %s)', async (dryRun) => {
    await traffic(35, 5, () => true);
    expect(await byHand(runOver(world, apis), { provider: 'stripe', cursor: 'evt_gone', dryRun })).toMatchObject({
      outcome: 'done',
      anew: true,
      tally: { listed: 30, missed: { length: 30 } },
    });
    expect(apis.calls.map(({ url }) => url.searchParams.get('starting_after'))).toEqual(['evt_gone', null]);
  });

  it.each([false, true])('forgets nothing of a cursor that was good for a page (dry run: %s)', async (dryRun) => {
    apis.pageSize = 10;
    await traffic(35, 5, () => true);
    let pages = 0;
    apis.answer({ status: 400 }, 1, () => (pages += 1) === 2);
    const outcome = await byHand(runOver(world, apis), { provider: 'stripe', cursor: 'evt_15', dryRun });
    expect(outcome).toMatchObject({ outcome: 'done', anew: true, tally: { listed: 30, missed: { length: 30 } } });
    const missed = 'tally' in outcome ? outcome.tally.missed.map(({ eventId }) => eventId) : [];
    expect(new Set(missed).size).toBe(30);
  });

  it.each(reconciled)('counts an event of %s once that is listed twice', async (provider) => {
    const { listed } = apiEvent(provider, 1, world.now - 20 * minute);
    apis.pageSize = 2;
    apis.events[provider].push(listed, listed, listed);
    expect(await byHand(runOver(world, apis), { provider, dryRun: true })).toMatchObject({
      outcome: 'done',
      tally: { listed: 1, expected: 1, missed: { length: 1 } },
    });
  });

  it('stores the rest of a page that has an event which cannot be read', async () => {
    await traffic(23, 20, () => true);
    const stripe = createProviders().get('stripe');
    if (stripe === undefined) throw new Error('no stripe');
    const normalize: typeof stripe.normalize = (request, receivedAt) =>
      Buffer.from(request.body).includes('"evt_22"')
        ? { ok: false, unreadable: { reason: 'field_missing', field: 'x', problem: 'is missing' } }
        : stripe.normalize(request, receivedAt);
    const providers = new Map([['stripe', { ...stripe, normalize }]]);
    expect(await byHand(runOver(world, apis, { providers }), { provider: 'stripe' })).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'answer_unreadable', detail: 'an event of the answer cannot be read (field_missing)' },
      tally: { missed: [{ eventId: 'evt_21' }, { eventId: 'evt_23' }] },
    });
    expect(rowsOf('stripe')).toHaveLength(2);
  });

  it('compares the pages behind an event that cannot be read, every time', async () => {
    apis.pageSize = 10;
    await traffic(30, 20, (ago) => ago > 25);
    const stripe = createProviders().get('stripe');
    if (stripe === undefined) throw new Error('no stripe');
    let newest: string | undefined;
    const normalize: typeof stripe.normalize = (request, receivedAt) => {
      newest ??= Buffer.from(request.body).toString('utf8');
      return Buffer.from(request.body).toString('utf8') === newest
        ? { ok: false, unreadable: { reason: 'field_missing', field: 'x', problem: 'is missing' } }
        : stripe.normalize(request, receivedAt);
    };
    const providers = new Map([['stripe', { ...stripe, normalize }]]);
    const before = rowsOf('stripe').length;
    const { outcomes } = await scheduled(runOver(world, apis, { providers }));
    expect(outcomes['stripe']).toMatchObject([{ outcome: 'failed', failure: { reason: 'answer_unreadable' } }]);
    expect(rowsOf('stripe').length).toBeGreaterThan(before);
    expect(world.progress.get('stripe')).toBeUndefined();
  });

  it('tells what would be done and writes nothing with dryRun', async () => {
    await traffic(30, 20, (ago) => ago > 25);
    world.calls.length = 0;
    expect(await byHand(runOver(world, apis), { provider: 'square', dryRun: true })).toMatchObject({
      outcome: 'done',
      tally: {
        listed: 10,
        expected: 10,
        missed: Array.from({ length: 5 }, () => ({ kind: 'payment.succeeded', eventType: 'payment.updated' })),
      },
    });
    expect(world.calls.filter((call) => /put|save|acquire|send/.test(call))).toEqual([]);
  });

  it('recovers the window that it is asked for, and leaves the checkpoint of the schedule alone', async () => {
    await traffic(50, 40, () => true);
    const result = await byHand(runOver(world, apis), {
      provider: 'paypal',
      since: world.now - 46 * minute,
      until: world.now - 40 * minute,
    });
    expect(result).toMatchObject({ outcome: 'done', tally: { listed: 6, missed: { length: 6 } } });
    expect(world.progress.size).toBe(0);
  });

  it.each([
    ['a provider without a list', { provider: 'generic' }, 'generic is not enabled here, or has no list of past events'],
    ['a provider that nobody knows', { provider: 'adyen' }, 'adyen is not enabled here'],
    ['what is too long ago', { provider: 'square', since: 0 }, 'cannot be compared any more'],
    ['what is too young', { provider: 'stripe', since: Date.parse('2026-11-05T09:58:00Z') }, 'older than five minutes'],
  ])('refuses %s', async (_, wanted, detail) => {
    expect(await byHand(runOver(world, apis), wanted)).toMatchObject({ outcome: 'refused', detail: expect.stringContaining(detail) });
    expect(apis.calls).toEqual([]);
  });

  it('knows no key but that of the secret', async () => {
    world.secretTexts.set('stripe', JSON.stringify({ ...secrets['stripe'], apiKey: 'rk_test_other' }));
    expect(await byHand(runOver(world, apis), { provider: 'stripe' })).toMatchObject({
      outcome: 'failed',
      failure: { reason: 'credentials_refused', detail: 'api.stripe.com answered 401' },
    });
    expect(apis.calls).toHaveLength(1);
    expect(apis.calls[0]?.authorization).toBe('Bearer rk_test_other');
    expect(keys.stripe.apiKey).not.toBe('rk_test_other');
  });
});
