import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { plainOf } from '../../../functions/shared/aws/attributes';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import { aBusEvent, aPaymentEvent, aProcessingMessage } from '../../support/builders';
import { OpsStage, type RunSettings } from './ops-stage';

let stage: OpsStage;
const reason = ['--reason', 'request 7'] as const;

// An empty queue is asked for a second.
jest.setTimeout(30_000);

beforeEach(async () => {
  stage = await OpsStage.start();
});

afterEach(() => stage.stop());

/** An event that went all the way, with its bytes in the archive. */
async function stored(event: Partial<PaymentEvent>): Promise<void> {
  const { record, body } = await stage.putEvent(event, { processedAt: '2026-11-05T10:00:02.000Z' });
  await stage.archive(record, body);
}

function named(eventId: string, customerRef: string | null, more: Partial<PaymentEvent> = {}): Promise<void> {
  return stored({ eventId, paymentId: `stripe:pi_${eventId}`, objectId: `pi_${eventId}`, merchantRef: 'order-1', customerRef, ...more });
}

async function rows() {
  const { Items = [] } = await stage.clients.dynamodb.send(new ScanCommand({ TableName: stage.names.table }));
  return Items.map((item) => plainOf(item));
}

/** Ids of the events that were erased, in order. */
async function erasedIds(): Promise<readonly unknown[]> {
  return (await rows())
    .filter((row) => row['erasedAt'] !== undefined)
    .map((row) => row['eventId'])
    .sort();
}

async function proofs() {
  return (await rows()).filter((row) => row['paymentId'] === 'erasure');
}

async function isArchived(provider: string, eventId: string): Promise<boolean> {
  const Key = `webhooks/2026-11-05/${provider}/${eventId}.json`;
  const answer = await stage.clients.s3.send(new HeadObjectCommand({ Bucket: stage.names.archiveBucket, Key })).catch(() => undefined);
  return answer !== undefined;
}

const erase = (args: readonly string[], settings?: RunSettings) => stage.run(['erase', ...args], settings);

describe('erase', () => {
  it.each<[string, readonly string[], RunSettings, number, RegExp]>([
    [
      'nobody has that reference',
      ['--customer', 'cus_none', ...reason, '--yes'],
      {},
      3,
      /no event of the customer was found: nothing was changed/,
    ],
    ['the customer is of another provider', ['--customer', 'cus_1', '--provider', 'square', ...reason, '--yes'], {}, 3, /at square/],
    ['there is no reason', ['--customer', 'cus_1', '--yes'], {}, 2, /an erasure needs a --reason/],
    [
      'there is no reason, and somebody to ask',
      ['--customer', 'cus_1'],
      { terminal: true, input: 'cus_1\n' },
      2,
      /an erasure needs a --reason/,
    ],
    ['there is no customer', [...reason], {}, 2, /required option '--customer <ref>'/],
    ['the reference is empty', ['--customer', ' ', ...reason], {}, 2, /--customer is empty/],
    ['it is to be done and not to be done', ['--customer', 'cus_1', '--dry-run', '--yes', ...reason], {}, 2, /opposite/],
    ['the answer is another', ['--customer', 'cus_1', ...reason], { terminal: true, input: 'yes\n' }, 130, /nothing was erased/],
    ['the answer is Ctrl-C', ['--customer', 'cus_1', ...reason], { terminal: true, input: '\u0003' }, 130, /nothing was changed/],
  ])('changes nothing when %s', async (_when, args, settings, exitCode, line) => {
    await named('evt_1', 'cus_1');
    const before = await rows();
    const ran = await erase(args, settings);
    expect([ran.exitCode, ran.notes]).toEqual([exitCode, expect.stringMatching(line)]);
    expect([await rows(), await isArchived('stripe', 'evt_1')]).toEqual([before, true]);
  });

  it.each<[string, readonly string[], RunSettings]>([
    ['with --dry-run', ['--dry-run'], { terminal: true }],
    ['without a terminal to ask', [], {}],
    ['with --json', ['--json'], { terminal: true }],
  ])('only shows what it would do %s', async (_when, args, settings) => {
    await named('evt_1', 'cus_1');
    const before = await rows();
    const { exitCode, out } = await erase(['--customer', 'cus_1', ...args], settings);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/evt_1/)]);
    expect([await rows(), await isArchived('stripe', 'evt_1')]).toEqual([before, true]);
  });

  it('does it once the reference was typed', async () => {
    await named('evt_1', 'cus_1');
    const ran = await erase(['--customer', 'cus_1', ...reason], { terminal: true, input: 'cus_1\n' });
    expect([ran.exitCode, ran.notes]).toEqual([0, expect.stringContaining("Type the customer's reference to go on:")]);
    expect([await erasedIds(), await isArchived('stripe', 'evt_1')]).toEqual([['evt_1'], false]);
  });

  it('takes events of the same payment that name nobody, and those about the customer itself, but no event of somebody else', async () => {
    const shared = { paymentId: 'stripe:pi_1' };
    await named('evt_1', 'cus_1', shared);
    await named('evt_mate', null, { ...shared, kind: 'other', objectId: 'ch_1' });
    await named('evt_self', null, { kind: 'other', eventType: 'customer.updated', paymentId: 'stripe:cus_1', objectId: 'cus_1' });
    await named('evt_nobody', null);
    await named('evt_other', 'cus_11');
    await named('evt_both', 'cus_1', { paymentId: 'stripe:pi_both' });
    await named('evt_both_other', 'cus_2', { paymentId: 'stripe:pi_both' });
    await named('evt_both_nobody', null, { paymentId: 'stripe:pi_both' });
    await stored({ provider: 'generic', eventId: 'generic-1', paymentId: 'generic:1', objectId: '1', customerRef: 'cus_1' });
    expect(await erase(['--customer', 'cus_1', '--provider', 'stripe', ...reason, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await erasedIds()).toEqual(['evt_1', 'evt_both', 'evt_mate', 'evt_self']);
    expect(await erase(['--customer', 'cus_1', ...reason, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await erasedIds()).toEqual(['evt_1', 'evt_both', 'evt_mate', 'evt_self', 'generic-1']);
    expect((await proofs()).map((row) => [row['provider'], row['events']]).sort()).toEqual([
      [null, 1],
      ['stripe', 4],
    ]);
  });

  it('leaves your own reference where you say so', async () => {
    await named('evt_1', 'cus_1');
    await erase(['--customer', 'cus_1', '--keep-merchant-ref', ...reason, '--yes']);
    expect((await rows()).find((row) => row['eventId'] === 'evt_1')).toMatchObject({ customerRef: null, merchantRef: 'order-1' });
  });

  it('goes on where Ctrl-C stopped it, as one erasure', async () => {
    for (const id of ['evt_1', 'evt_2', 'evt_3']) await named(id, 'cus_1');
    const stopping = new AbortController();
    const redacts = (input: unknown): boolean => {
      if (JSON.stringify(input).includes('erasedAt')) stopping.abort();
      return false;
    };
    const remove = stage.aws.faults.add({ service: 'dynamodb', operation: 'UpdateItem', match: redacts });
    const first = await erase(['--customer', 'cus_1', ...reason, '--yes'], { signal: stopping.signal });
    remove();
    expect([first.exitCode, first.notes]).toEqual([
      130,
      expect.stringContaining('stopped: 1 of 3 events are erased; the same command goes on'),
    ]);
    expect(await proofs()).toMatchObject([{ events: 1, objectVersions: 1 }]);
    expect((await erase(['--customer', 'cus_1', '--dry-run'])).out).toContain('It goes on with erasure era_');
    expect(await erase(['--customer', 'cus_1', ...reason, '--yes'])).toMatchObject({ exitCode: 0 });
    expect(await proofs()).toMatchObject([
      { events: 3, objectVersions: 3, finishedAt: expect.any(String), startedBy: expect.stringContaining('user/local') },
    ]);
  });

  it('leaves a row that names the customer when the archive cannot be emptied, so that the next run finds it', async () => {
    await named('evt_1', 'cus_1');
    const mend = stage.aws.faults.add({ service: 's3', operation: 'DeleteObjects', error: { code: 'AccessDenied', status: 403 } });
    const ran = await erase(['--customer', 'cus_1', ...reason, '--yes']);
    mend();
    expect([ran.exitCode, ran.notes]).toEqual([1, expect.stringContaining('not allowed')]);
    expect(await erasedIds()).toEqual([]);
    expect(await erase(['--customer', 'cus_1', ...reason, '--yes'])).toMatchObject({ exitCode: 0 });
    expect([await erasedIds(), await isArchived('stripe', 'evt_1')]).toEqual([['evt_1'], false]);
  });

  it('leaves what is not archived yet for a second run, and says so; after a day nothing archives it any more', async () => {
    await named('evt_1', 'cus_1');
    await stage.putEvent({ eventId: 'evt_way', paymentId: 'stripe:pi_way', customerRef: 'cus_1' });
    const ran = await erase(['--customer', 'cus_1', ...reason, '--yes']);
    expect([ran.exitCode, ran.out, ran.notes]).toEqual([
      1,
      expect.stringContaining('1 event(s) are not archived yet'),
      expect.stringContaining('run it again'),
    ]);
    expect([await erasedIds(), (await proofs())[0]?.['finishedAt']]).toEqual([['evt_1'], undefined]);
    const later = { now: Date.UTC(2026, 10, 6, 12) };
    expect(await erase(['--customer', 'cus_1', ...reason, '--yes'], later)).toMatchObject({ exitCode: 0 });
    expect(await erasedIds()).toEqual(['evt_1', 'evt_way']);
    expect(await proofs()).toMatchObject([{ events: 2, finishedAt: '2026-11-06T12:00:00.000Z' }]);
  });

  it("takes the customer's messages out of queues and puts the others back", async () => {
    await named('evt_1', 'cus_1');
    const dead = `${stage.names.processingQueue}-dead-letters`;
    const mine = aProcessingMessage({ event: aPaymentEvent({ customerRef: 'cus_1' }) });
    const others = aProcessingMessage({ event: aPaymentEvent({ customerRef: 'cus_2' }) });
    for (const message of [mine, others, mine]) await stage.send(dead, message);
    await stage.send(stage.names.routingDeadLetters, aBusEvent({ ...others.event }));
    await stage.send(stage.names.processingQueue, mine);
    // There only where alerts are posted.
    await stage.clients.sqs.send(new CreateQueueCommand({ QueueName: stage.names.forwardingQueue }));
    await stage.send(stage.names.forwardingQueue, { Type: 'Notification', Message: 'Provider:    stripe\nCustomer:    cus_1' });
    const ran = await erase(['--customer', 'cus_1', ...reason, '--yes', '--json']);
    expect(ran.json()).toMatchObject({ messages: 4, unseen: [] });
    expect(stage.depthOf(stage.names.forwardingQueue)).toBe(0);
    expect(await stage.take(dead)).toEqual([others]);
    expect(stage.depthOf(stage.names.routingDeadLetters)).toBe(1);
    expect(stage.depthOf(stage.names.processingQueue)).toBe(0);
  });

  it('has examples in its help', async () => {
    const { exitCode, out } = await erase(['--help']);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/Examples:\n {2}npm run ops -- erase --customer/)]);
  });
});
