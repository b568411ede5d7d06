import { beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Unavailable } from '../../../functions/shared/domain/unavailable';
import { receiveWebhook } from '../../../functions/webhook-receiver/receive-webhook';
import type { Delivery, ReceiveDependencies } from '../../../functions/webhook-receiver/receive-webhook';
import { World, killPoints, rowKey } from '../../support/fakes';
import { genericBody, genericDelivery, genericSecret, receiverOver } from '../../support/receiving';
import { signingSchemes } from '../../support/schemes';
import { requestOf, signPaypal, paypalChain, signOwnHeader } from '../../support/signers';

const largeBody = genericBody({ filler: randomBytes(450_000).toString('base64') });
const certificateUrl = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb';
const paypalSecret = JSON.stringify({ webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox' });
const paypalBody = Buffer.from('{"id":"WH-1","event_type":"CUSTOMER.MADE.UP","resource":{}}');

let world: World;
let deps: ReceiveDependencies;
beforeEach(() => {
  world = new World();
  world.secretTexts.set('generic', genericSecret);
  world.secretTexts.set('paypal', paypalSecret);
  world.certificatePems.set(certificateUrl, paypalChain().pem);
  deps = receiverOver(world);
});

function paypalDelivery(): Delivery {
  const request = signPaypal(paypalBody, world.now, { webhookId: 'WEBHOOK_ONE', leaf: paypalChain().leaf });
  return { providerName: 'paypal', request, correlationId: 'request-1' };
}

function onlyRow() {
  const [row, ...others] = world.rows.values();
  if (row === undefined || others.length > 0) throw new Error(`there are ${world.rows.size} rows`);
  return row;
}

describe('a genuine webhook', () => {
  it('is stored with one write, which carries everything that the rest of the way needs', async () => {
    const body = genericBody();
    const receipt = await receiveWebhook(deps, { ...genericDelivery(body), traceHeader: 'Root=1-a' });
    expect(receipt).toMatchObject({ outcome: 'stored', event: { paymentId: 'generic:p-1', eventId: 'e-1', amountMinor: 12000 } });
    expect(world.calls).toEqual(['secrets.read', 'store.put']);
    const row = onlyRow();
    expect(row).toMatchObject({
      eventKey: 'event#e-1',
      bodySha256: createHash('sha256').update(body).digest('hex'),
      archiveKey: 'webhooks/2026-11-05/generic/e-1.json',
      signedHeaders: { 'content-type': 'application/json', 'x-webhook-signature': expect.any(String) },
      correlationId: 'request-1',
      traceHeader: 'Root=1-a',
      expiresAt: Date.parse('2027-02-03T10:00:00.000Z') / 1000,
    });
    expect(gunzipSync(row.bodyGzip ?? Buffer.alloc(0)).equals(body)).toBe(true);
  });

  it('that comes late is looked for before it is stored, and is a duplicate of what was recovered under another payment', async () => {
    const late = genericBody({ timestamp: new Date(world.now - 20 * 60_000).toISOString() });
    expect(await receiveWebhook(deps, genericDelivery(late))).toMatchObject({ outcome: 'stored' });
    // A generic sender has no list, so nothing of it can have been recovered.
    expect(world.calls).toEqual(['secrets.read', 'store.put']);
    world.rows.clear();
    const generic = deps.providers.get('generic');
    if (generic === undefined) throw new Error('no generic provider');
    deps = { ...deps, providers: new Map([['generic', { ...generic, listsEvents: true }]]) };
    world.calls.length = 0;
    expect(await receiveWebhook(deps, genericDelivery(late))).toMatchObject({ outcome: 'stored' });
    expect(world.calls).toEqual(['index.elsewhere', 'store.put']);
    const row = onlyRow();
    world.rows.clear();
    const paymentId = 'generic:p-recovered';
    world.rows.set(rowKey(paymentId, row.eventKey), { ...row, source: 'reconciled', event: { ...row.event, paymentId } });
    expect(await receiveWebhook(deps, genericDelivery(late))).toMatchObject({ outcome: 'duplicate', event: { eventId: 'e-1' } });
    expect(world.rows.size).toBe(1);
  });

  it.each(signingSchemes())('of $name is stored', async (scheme) => {
    const { provider, secret } = scheme;
    world.secretTexts.set(provider, JSON.stringify(secret));
    const body = Buffer.from(
      JSON.stringify({ ...JSON.parse(genericBody().toString()), id: 'x', event_id: 'x', type: 'made.up', event_type: 'MADE.UP' }),
    );
    const receipt = await receiveWebhook(deps, { providerName: provider, request: scheme.sign(body, world.now), correlationId: 'r' });
    expect(receipt.outcome).toBe('stored');
  });

  it('is read for its secret once in five minutes', async () => {
    await receiveWebhook(deps, genericDelivery(genericBody({ eventId: 'a' })));
    world.now += 299_999;
    await receiveWebhook(deps, genericDelivery(genericBody({ eventId: 'b' })));
    expect(world.calls.filter((call) => call === 'secrets.read')).toHaveLength(1);
  });

  it('of an unknown event type is stored as `other`', async () => {
    expect(await receiveWebhook(deps, paypalDelivery())).toMatchObject({ outcome: 'stored', event: { kind: 'other' } });
  });
});

describe('the same webhook again', () => {
  it('is a duplicate, and changes nothing', async () => {
    await receiveWebhook(deps, genericDelivery());
    const before = onlyRow();
    world.now += 3_600_000;
    expect(await receiveWebhook(deps, { ...genericDelivery(), correlationId: 'request-2' })).toMatchObject({
      outcome: 'duplicate',
      event: { eventId: 'e-1' },
    });
    expect(onlyRow()).toEqual(before);
  });

  it('is a duplicate though the sender wrote its JSON another way', async () => {
    await receiveWebhook(deps, genericDelivery());
    const spaced = Buffer.from(JSON.stringify(JSON.parse(genericBody().toString()), null, 2));
    expect(await receiveWebhook(deps, genericDelivery(spaced))).toMatchObject({ outcome: 'duplicate' });
  });

  it('without an event id of its own is still a duplicate', async () => {
    const body = genericBody({ eventId: undefined });
    await receiveWebhook(deps, genericDelivery(body));
    world.now += 60_000;
    expect(await receiveWebhook(deps, genericDelivery(body))).toMatchObject({ outcome: 'duplicate' });
    expect(world.rows.size).toBe(1);
  });

  it('with other content under the same id is a conflict, and not stored over the first', async () => {
    await receiveWebhook(deps, genericDelivery());
    const before = onlyRow();
    const other = genericDelivery(genericBody({ amount: '999.00' }));
    expect(await receiveWebhook(deps, other)).toMatchObject({ outcome: 'conflict', event: { eventId: 'e-1' } });
    expect(onlyRow()).toEqual(before);
  });
});

describe('a body that is too large for a row', () => {
  it('is archived whole before the row points at it', async () => {
    expect(await receiveWebhook(deps, genericDelivery(largeBody))).toMatchObject({ outcome: 'stored' });
    expect(world.calls).toEqual(['secrets.read', 'store.get', 'archive.put', 'store.put']);
    const row = onlyRow();
    expect(row).not.toHaveProperty('bodyGzip');
    expect(row.archiveVersionId).toBe('v1');
    const [object] = world.archived.get(row.archiveKey) ?? [];
    expect(Buffer.from(object?.body ?? []).equals(largeBody)).toBe(true);
    expect(object).toMatchObject({ contentType: 'application/json', metadata: { 'x-webhook-signature': expect.any(String) } });
  });

  it('is not archived again when it is a duplicate', async () => {
    await receiveWebhook(deps, genericDelivery(largeBody));
    expect(await receiveWebhook(deps, genericDelivery(largeBody))).toMatchObject({ outcome: 'duplicate' });
    expect(world.archived.get(onlyRow().archiveKey)).toHaveLength(1);
  });

  it('is a conflict when the row that is there has other content', async () => {
    await receiveWebhook(deps, genericDelivery());
    const other = genericBody({ amount: '999.00', filler: randomBytes(450_000).toString('base64') });
    expect(await receiveWebhook(deps, genericDelivery(other))).toMatchObject({ outcome: 'conflict' });
    expect(world.archived.size).toBe(0);
  });

  it('is stored in a bucket without versions too', async () => {
    const archive = { put: () => Promise.resolve({}) };
    expect(await receiveWebhook({ ...deps, archive }, genericDelivery(largeBody))).toMatchObject({ outcome: 'stored' });
    expect(onlyRow()).not.toHaveProperty('archiveVersionId');
  });

  it('leaves no row when it cannot be archived', async () => {
    world.fail('archive.put', new Unavailable('archive_unavailable'));
    await expect(receiveWebhook(deps, genericDelivery(largeBody))).rejects.toMatchObject({ reason: 'archive_unavailable' });
    expect(world.rows.size).toBe(0);
  });

  it('that compresses well goes with the row', async () => {
    await receiveWebhook(deps, genericDelivery(genericBody({ filler: 'x'.repeat(900_000) })));
    expect(onlyRow()).toHaveProperty('bodyGzip');
    expect(world.archived.size).toBe(0);
  });
});

describe('a webhook is refused before anything is asked', () => {
  it.each(['nobody', '', '__proto__', 'Stripe', '../generic'])('when its provider is %j', async (providerName) => {
    expect(await receiveWebhook(deps, { ...genericDelivery(), providerName })).toEqual({ outcome: 'refused', because: 'provider_unknown' });
    expect(world.calls).toEqual([]);
  });

  it('when its provider is not enabled', async () => {
    const enabled = new Map([...deps.providers].filter(([name]) => name !== 'generic'));
    expect(await receiveWebhook({ ...deps, providers: enabled }, genericDelivery())).toMatchObject({ because: 'provider_unknown' });
  });

  it('when its body is one byte over the limit, though its signature is genuine', async () => {
    const body = genericBody();
    const receipt = await receiveWebhook({ ...deps, maxBodyBytes: body.byteLength - 1 }, genericDelivery(body));
    expect(receipt).toEqual({ outcome: 'refused', because: 'body_too_large', provider: 'generic' });
    expect(world.calls).toEqual([]);
    expect(await receiveWebhook({ ...deps, maxBodyBytes: body.byteLength }, genericDelivery(body))).toMatchObject({ outcome: 'stored' });
  });

  it('when it has no body', async () => {
    expect(await receiveWebhook(deps, genericDelivery(Buffer.alloc(0)))).toEqual({
      outcome: 'refused',
      because: 'body_missing',
      provider: 'generic',
    });
    expect(world.calls).toEqual([]);
  });
});

describe('a webhook that is not genuine', () => {
  it.each([
    ['without a signature', requestOf(genericBody(), {}), 'signature_missing'],
    ['with a malformed signature', requestOf(genericBody(), { 'x-webhook-signature': 'zz' }), 'signature_malformed'],
    ['with a forged signature', signOwnHeader(genericBody(), 'guess'), 'signature_mismatch'],
    [
      'with one changed byte',
      { ...signOwnHeader(genericBody(), 'generic-secret'), body: genericBody({ amount: '120.01' }) },
      'signature_mismatch',
    ],
  ])('%s is refused, and nothing of it is stored', async (_, request, reason) => {
    const receipt = await receiveWebhook(deps, { providerName: 'generic', request, correlationId: 'r' });
    expect(receipt).toEqual({ outcome: 'refused', because: 'signature', provider: 'generic', reason });
    expect(world.calls.filter((call) => call !== 'secrets.read')).toEqual([]);
  });

  it('is not read as JSON before its signature is checked', async () => {
    const request = signOwnHeader('not json', 'guess');
    expect(await receiveWebhook(deps, { providerName: 'generic', request, correlationId: 'r' })).toMatchObject({ because: 'signature' });
  });

  it.each(['not json', '[]', 'null', '"text"'])('but a genuine one that reads %j is unreadable', async (text) => {
    const receipt = await receiveWebhook(deps, genericDelivery(Buffer.from(text)));
    expect(receipt).toMatchObject({ outcome: 'refused', because: 'unreadable', unreadable: { reason: 'body_not_json_object' } });
    expect(world.rows.size).toBe(0);
  });

  it('and a genuine one that lacks a field names it', async () => {
    const receipt = await receiveWebhook(deps, genericDelivery(genericBody({ currency: undefined })));
    expect(receipt).toMatchObject({ because: 'unreadable', unreadable: { reason: 'field_missing', field: 'currency' } });
  });
});

describe('a webhook that can be neither accepted nor refused', () => {
  it.each([
    ['secret_missing', () => world.secretTexts.delete('generic')],
    ['secret_invalid', () => world.secretTexts.set('generic', '{"signingSecrets":"oops"}')],
    [
      'secret_unreadable',
      () => {
        world.fail('secrets.read', new Unavailable('secret_unreadable'));
      },
    ],
    [
      'store_unavailable',
      () => {
        world.fail('store.put', new Unavailable('store_unavailable'));
      },
    ],
  ])('throws %s, and stores nothing', async (reason, broken) => {
    broken();
    await expect(receiveWebhook(deps, genericDelivery())).rejects.toMatchObject({ name: 'Unavailable', reason });
    expect(world.rows.size).toBe(0);
  });

  it('throws a fault of ours as it is', async () => {
    world.fail('store.put', new TypeError('bug'));
    await expect(receiveWebhook(deps, genericDelivery())).rejects.toThrow(TypeError);
  });
});

describe('killed at any point, the receiver loses nothing: the sender tries again', () => {
  const cases = [
    ...killPoints('secrets.read', 'store.put').map((point) => ['a small body', point, () => genericDelivery()] as const),
    ...killPoints('secrets.read', 'store.get', 'archive.put', 'store.put').map(
      (point) => ['a large body', point, () => genericDelivery(largeBody)] as const,
    ),
    ...killPoints('secrets.read', 'certificates.fetchPem', 'store.put').map((point) => ['PayPal', point, paypalDelivery] as const),
  ];

  it.each(cases)('%s, killed %s', async (_, point, deliver) => {
    world.killAt(point);
    await expect(receiveWebhook(deps, deliver())).rejects.toThrow();
    expect(world.revive()).toBe(true);
    // A row is never there without its bytes.
    for (const row of world.rows.values()) expect(row.bodyGzip !== undefined || world.archived.has(row.archiveKey)).toBe(true);

    const receipt = await receiveWebhook(receiverOver(world), deliver());
    expect(['stored', 'duplicate']).toContain(receipt.outcome);
    const row = onlyRow();
    const { body } = deliver().request;
    const [archived] = world.archived.get(row.archiveKey) ?? [];
    const kept = row.bodyGzip === undefined ? Buffer.from(archived?.body ?? []) : gunzipSync(row.bodyGzip);
    expect(kept.equals(body)).toBe(true);
  });

  it.each([
    ['a small body', () => genericDelivery(), ['secrets.read', 'store.put']],
    ['a large body', () => genericDelivery(largeBody), ['secrets.read', 'store.get', 'archive.put', 'store.put']],
    ['PayPal', paypalDelivery, ['secrets.read', 'certificates.fetchPem', 'store.put']],
  ])('these are all the points for %s', async (_, deliver, calls) => {
    await receiveWebhook(deps, deliver());
    expect(world.calls).toEqual(calls);
  });
});
