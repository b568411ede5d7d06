import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createProviders } from '../../../functions/shared/providers';
import type { WebhookRequest } from '../../../functions/shared/domain/webhook';
import { signSquare, signStripe } from '../../support/signers';
import { OpsStage } from './ops-stage';

let stage: OpsStage;
const receivedAt = '2026-11-05T10:00:00.000Z';
const providers = createProviders();

beforeAll(async () => {
  stage = await OpsStage.start();
  await stage.setSecret('stripe', { signingSecrets: ['whsec_old'] });
  await stage.setSecret('stripe', { signingSecrets: ['whsec_new'] });
  await stage.setSecret('square', { subscriptions: [{ signatureKey: 'key', notificationUrl: 'https://example.com/webhook/square' }] });
});

afterAll(() => stage.stop());

function stripeBody(id: string, amount: number): string {
  const object = { id: `pi_${id}`, object: 'payment_intent', amount, amount_received: amount, currency: 'usd', status: 'succeeded' };
  return JSON.stringify({
    id,
    object: 'event',
    type: 'payment_intent.succeeded',
    created: 1_793_872_790,
    livemode: false,
    data: { object },
  });
}

/** Stores and archives a webhook as the pipeline does; `archived` in place of its own bytes. */
async function receive(provider: string, request: WebhookRequest, archived?: Uint8Array | null): Promise<string> {
  const read = providers.get(provider)?.normalize(request, receivedAt);
  if (read?.ok !== true) throw new Error('the body is not readable');
  const signedHeaders = Object.fromEntries(Object.entries(request.headers).map(([name, values]) => [name, values.join(', ')]));
  const { record } = await stage.putEvent(read.normalized.event, {
    body: Buffer.from(request.body).toString(),
    record: { signedHeaders: { ...signedHeaders, 'content-type': 'application/json' }, eventKey: `event#${read.normalized.dedupeId}` },
  });
  if (archived !== null) await stage.archive(record, archived ?? request.body);
  return read.normalized.event.eventId;
}

function stripe(id: string, secret: string, amount = 1200): WebhookRequest {
  return signStripe(stripeBody(id, amount), Date.parse(receivedAt), secret);
}

describe('verify', () => {
  it('finds a genuine event genuine, long after its signature went stale', async () => {
    const id = await receive('stripe', stripe('evt_ok', 'whsec_new'));
    const { exitCode, out } = await stage.run(['verify', id]);
    expect([exitCode, out.match(/^ok /gm)]).toEqual([0, ['ok ', 'ok ', 'ok ', 'ok ']]);
    expect(out).toContain('genuine, by the current secret');
  });

  it('knows the secret before the last change', async () => {
    const id = await receive('stripe', stripe('evt_previous', 'whsec_old'));
    const { exitCode, out } = await stage.run(['verify', id]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('genuine, by the previous secret')]);
  });

  it('verifies the bytes in the row while they are not archived', async () => {
    const body = JSON.stringify({
      event_id: 'square-1',
      type: 'payment.updated',
      created_at: receivedAt,
      data: {
        type: 'payment',
        id: 'p',
        object: { payment: { id: 'p', status: 'COMPLETED', amount_money: { amount: 1, currency: 'USD' } } },
      },
    });
    const id = await receive('square', signSquare(body, 'key', 'https://example.com/webhook/square'), null);
    const { exitCode, out } = await stage.run(['verify', id]);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('in the row; the archive does not have them yet')]);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'other bytes',
      () => receive('stripe', stripe('evt_bytes', 'whsec_new'), Buffer.from(stripeBody('evt_bytes', 9900))),
      /FAILED +hash[^\n]+but[^\n]+was received[\s\S]*FAILED +signature +signature_mismatch[\s\S]*FAILED +row[^\n]+amountMinor/,
    ],
    [
      'a signature of another secret',
      () => receive('stripe', stripe('evt_secret', 'whsec_other')),
      /FAILED +signature +signature_mismatch by the current secret, signature_mismatch by the previous secret; the secret was changed since/,
    ],
    [
      'a changed row',
      async () => {
        const id = await receive('stripe', stripe('evt_row', 'whsec_new'));
        const Key = { paymentId: { S: 'stripe:pi_evt_row' }, eventKey: { S: 'event#evt_row' } };
        await stage.clients.dynamodb.send(
          new UpdateItemCommand({
            TableName: stage.names.table,
            Key,
            UpdateExpression: 'SET amountMinor = :a, amount = :b',
            ExpressionAttributeValues: { ':a': { N: '1' }, ':b': { S: '0.01' } },
          }),
        );
        return id;
      },
      /ok +signature[\s\S]*FAILED +row +the row says something else than the bytes: amountMinor, amount/,
    ],
  ])('tells %s', async (_what, prepare, found) => {
    const { exitCode, out, notes } = await stage.run(['verify', await prepare()], { now: Date.now() });
    expect([exitCode, out, notes]).toEqual([1, expect.stringMatching(found), expect.stringMatching(/^ops: \S+ does not verify$/)]);
  });

  it('says that there is no secret to verify with, and never shows one', async () => {
    const body = JSON.stringify({ paymentId: 'p', amount: '1', currency: 'USD', status: 'succeeded', eventId: 'generic-1' });
    const id = await receive('generic', { headers: { 'x-webhook-signature': ['00'] }, body: Buffer.from(body) });
    const { exitCode, out } = await stage.run(['verify', id]);
    expect([exitCode, out]).toEqual([1, expect.stringContaining('the secret of generic is not set')]);
    expect((await stage.run(['verify', 'evt_ok', '--json'])).out).not.toContain('whsec');
  });

  it('says that the bytes are nowhere', async () => {
    await stage.putEvent({ eventId: 'evt_gone', paymentId: 'stripe:pi_gone' }, { processedAt: receivedAt });
    expect(await stage.run(['verify', 'evt_gone'])).toMatchObject({
      exitCode: 3,
      notes: 'ops: the raw bytes of evt_gone are neither in the archive nor in its row',
    });
  });
});
