import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ops, OpsStage } from './ops-stage';

let stage: OpsStage;

beforeAll(async () => {
  stage = await OpsStage.start();
  const at = (time: string) => ({ occurredAt: `2026-11-05T${time}.000Z`, receivedAt: `2026-11-05T${time}.900Z` });
  await stage.putEvent({ eventId: 'evt_1', ...at('10:00:00') }, { processedAt: '2026-11-05T10:00:02.000Z' });
  await stage.putEvent({ eventId: 'evt_2', kind: 'payment.failed', paymentId: 'stripe:pi_2', objectId: 'pi_2', ...at('11:00:00') });
  await stage.putEvent({
    provider: 'paypal',
    eventId: 'WH-1',
    eventType: 'PAYMENT.CAPTURE.COMPLETED',
    paymentId: 'paypal:5O1',
    objectId: '5O1',
    ...at('10:30:00'),
  });
  await stage.putEvent({
    provider: 'paypal',
    eventId: 'WH-1',
    eventType: 'PAYMENT.CAPTURE.REFUNDED',
    kind: 'refund.succeeded',
    paymentId: 'paypal:5O1',
    objectId: 'refund-1',
    amountMinor: 2000,
    amount: '20.00',
    ...at('10:40:00'),
  });
  await stage.putEvent({ eventId: 'evt_old', paymentId: 'stripe:pi_old', occurredAt: '2026-10-20T00:00:00.000Z' });
  await stage.putEvent({
    provider: 'generic',
    eventId: 'evil',
    paymentId: 'generic:\u001b[31mred\u202egnp\r\n.exe',
    objectId: 'x',
    providerStatus: '\u009b2J\u0007',
    ...at('09:00:00'),
  });
  await stage.putAlert('stripe:pi_1', 'high-value', 'pi_1', '2026-11-05T10:00:03.000Z');
});

afterAll(() => stage.stop());

function eventIds(value: unknown): unknown {
  return value !== null && typeof value === 'object' && 'events' in value && Array.isArray(value.events)
    ? value.events.map((event: unknown) => (event !== null && typeof event === 'object' && 'eventId' in event ? event.eventId : null))
    : value;
}

describe('events list', () => {
  it.each<[readonly string[], readonly string[]]>([
    [[], ['evt_2', 'WH-1', 'WH-1', 'evt_1', 'evil']],
    [
      ['--provider', 'paypal'],
      ['WH-1', 'WH-1'],
    ],
    [['--kind', 'payment.failed'], ['evt_2']],
    [['--status', 'processed'], ['evt_1']],
    [['--since', '70m'], ['evt_2']],
    [
      ['--since', '2d', '--until', '2026-11-05T10:35:00Z'],
      ['WH-1', 'evt_1', 'evil'],
    ],
    [
      ['--since', '7d', '--limit', '2'],
      ['evt_2', 'WH-1'],
    ],
    [
      ['--since', '30d', '--provider', 'stripe'],
      ['evt_2', 'evt_1', 'evt_old'],
    ],
    [['--since', '2026-10-19', '--until', '2026-10-21'], ['evt_old']],
    [['--kind', 'payout.paid', '--since', '2d'], []],
  ])('finds with %j, the newest first', async (args, ids) => {
    const ran = await stage.run(['events', 'list', '--json', ...args]);
    expect([ran.exitCode, eventIds(ran.json())]).toEqual([0, ids]);
  });

  it('reads on over many pages of several partitions, and says where to go on', async () => {
    const many = await OpsStage.start();
    const seconds = Array.from({ length: 260 }, (_, index) => index);
    await Promise.all(
      seconds.map((second) =>
        many.putEvent({
          eventId: `evt_${second}`,
          paymentId: `stripe:pi_${second}`,
          occurredAt: new Date(Date.UTC(2026, 10, 5, 10, 0, second)).toISOString(),
        }),
      ),
    );
    const all = await many.run(['events', 'list', '--json', '--limit', '1000']);
    expect(eventIds(all.json())).toEqual(seconds.map((second) => `evt_${second}`).reverse());
    const first = await many.run(['events', 'list', '--limit', '200', '--kind', 'payment.succeeded']);
    expect(first.out.split('\n')).toHaveLength(202);
    expect(first.out).toContain('--until 2026-11-05T10:01:00.000Z');
    await many.stop();
  });

  it('shows control characters, escapes and turned text as what they are', async () => {
    const { out } = await stage.run(['events', 'list', '--provider', 'generic']);
    expect(out).toContain('generic:\\u001b[31mred\\u202egnp\\r\\n.exe');
    const shown = await stage.run(['events', 'show', 'evil']);
    expect(shown.out).toContain('\\u009b2J\\u0007');
    const json = await stage.run(['events', 'show', 'evil', '--json']);
    expect(json.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(json.json()).toMatchObject({ paymentId: 'generic:\u001b[31mred\u202egnp\r\n.exe', providerStatus: '\u009b2J\u0007' });
  });
});

describe('events show', () => {
  it('finds an event by its id, without its provider or day', async () => {
    const { exitCode, out } = await stage.run(['events', 'show', 'evt_1']);
    expect(exitCode).toBe(0);
    for (const text of ['USD 120.00', 'stripe:pi_1', '2026-11-05T10:00:02.000Z', 'request-1', stage.names.archiveBucket])
      expect(out).toContain(text);
  });

  it('finds an event by its key, and one of two with the same id', async () => {
    for (const key of ['event#WH-1|PAYMENT.CAPTURE.REFUNDED', 'WH-1|PAYMENT.CAPTURE.REFUNDED']) {
      expect((await stage.run(['events', 'show', key, '--json'])).json()).toMatchObject({ kind: 'refund.succeeded' });
    }
    const ambiguous = await stage.run(['events', 'show', 'WH-1']);
    expect([ambiguous.exitCode, ambiguous.notes]).toEqual([2, expect.stringContaining('event#WH-1|PAYMENT.CAPTURE.COMPLETED')]);
  });

  it('asks one partition a day for its keys, and never scans', async () => {
    const asked: string[] = [];
    const operations = ['Query', 'Scan'].map((operation) =>
      stage.aws.faults.add({ service: 'dynamodb', operation, match: () => asked.push(operation) === 0 }),
    );
    await stage.run(['events', 'show', 'evt_none', '--provider', 'stripe', '--since', '9d', '--until', '2026-11-05T12:00:00Z']);
    for (const remove of operations) remove();
    expect(asked).toEqual(Array(10).fill('Query'));
  });

  it('says how far it looked for one that is not there', async () => {
    expect(await stage.run(['events', 'show', 'evt_none', '--provider', 'stripe'])).toMatchObject({
      exitCode: 3,
      notes: 'ops: no event evt_none was found at stripe in the last 30 d: an older one needs --since',
    });
  });
});

describe('payments show', () => {
  it('folds the history of a payment and shows its alerts', async () => {
    const paypal = (await stage.run(['payments', 'show', '5O1', '--json'])).json();
    expect(paypal).toMatchObject({
      paymentId: 'paypal:5O1',
      state: { status: 'partially_refunded', amounts: [{ currency: 'USD', refundedMinor: '2000' }] },
    });
    const { out } = await stage.run(['payments', 'show', 'stripe:pi_1']);
    for (const text of ['stripe:pi_1  succeeded', 'USD 120.00', 'high-value', 'message-1']) expect(out).toContain(text);
  });

  it('says that there is none', async () => {
    expect(await stage.run(['payments', 'show', 'pi_none'])).toMatchObject({
      exitCode: 3,
      notes: 'ops: no payment pi_none was found: an id looks like stripe:pi_123',
    });
  });
});

describe('timeline', () => {
  it('puts the hops of an event in the order of their times', async () => {
    const paymentId = 'stripe:pi_t';
    const receivedAt = new Date(Date.now() - 5000).toISOString();
    const processedAt = new Date(Date.now() - 4000).toISOString();
    const sentAt = new Date(Date.now() - 3000).toISOString();
    const { record, body } = await stage.putEvent(
      { eventId: 'evt_t', paymentId, objectId: 'pi_t', occurredAt: receivedAt, receivedAt },
      { processedAt, record: { correlationId: 'request-t' } },
    );
    await stage.archive(record, body);
    await stage.putAlert(paymentId, 'high-value', 'pi_t', sentAt);
    const keys = { paymentId, eventKey: record.eventKey };
    const hour = receivedAt.slice(0, 13).replace(/[-T]/g, '/');
    const auditKey = await stage.putAudit(hour, '100', [
      { eventName: 'INSERT', time: receivedAt, sequenceNumber: '100', keys, changes: { correlationId: { old: null, new: 'request-t' } } },
      { eventName: 'INSERT', time: receivedAt, sequenceNumber: '101', keys: { ...keys, eventKey: 'event#other' }, changes: {} },
      { eventName: 'MODIFY', time: processedAt, sequenceNumber: '102', keys, changes: { status: { old: 'received', new: 'processed' } } },
      {
        eventName: 'REMOVE',
        time: processedAt,
        sequenceNumber: '103',
        keys: { paymentId, eventKey: 'alert#high-value#pi_t' },
        changes: {},
      },
    ]);
    const settings = { now: Date.now() };
    const { exitCode, out } = await stage.run(['timeline', 'evt_t'], settings);
    expect(exitCode).toBe(0);
    const hops = [...out.matchAll(/^\d\S+ \S+ +(\w+) /gm)].map(([, hop]) => hop);
    expect(hops.filter((hop) => hop !== 'archived')).toEqual([
      'occurred',
      'received',
      'published',
      'alerted',
      'audited',
      'audited',
      'deleted',
    ]);
    expect(out).toContain(record.archiveKey);
    expect(out).toContain(auditKey);
    expect(out).toContain('ROW DELETED BY HAND');
    expect(out).not.toContain('event#other');
    for (const id of [paymentId, 'pi_t', 'request-t']) {
      const json = (await stage.run(['timeline', id, '--json'], settings)).json();
      expect([id, json]).toEqual([id, expect.objectContaining({ paymentId, auditComplete: true })]);
    }
  });

  it('says what did not happen yet', async () => {
    const { out } = await stage.run(['timeline', 'evt_2']);
    expect(out).toMatch(/- +archived +not yet/);
    expect(out).toMatch(/- +published +not yet/);
  });

  it('says where it looked for an id that is nothing', async () => {
    const ran = await stage.run(['timeline', 'nothing']);
    expect([ran.exitCode, ran.notes]).toEqual([
      3,
      expect.stringMatching(/no event, no payment, and no request in the audit trail \(0 audit objects since 2026-11-05T10:00/),
    ]);
  });
});

describe('wrong usage', () => {
  it.each<[readonly string[], number, RegExp]>([
    [['events', 'list', '--since', 'yesterday'], 2, /A time is 30m/],
    [['events', 'list', '--since', '2026-02-30'], 2, /A time is 30m/],
    [['events', 'list', '--since', '1h', '--until', '2h'], 2, /--since is after --until/],
    [['events', 'list', '--provider', 'adyen'], 2, /Allowed choices are stripe, paypal/],
    [['events', 'list', '--limit', '0'], 2, /A whole number from 1/],
    [['events', 'lst'], 2, /unknown command/],
    [['events', 'show'], 2, /missing required argument/],
  ])('refuses %j', async (args, exitCode, line) => {
    const ran = await stage.run(args);
    expect([ran.exitCode, ran.notes, ran.out]).toEqual([exitCode, expect.stringMatching(line), '']);
  });

  it('says what is not there, in one line', async () => {
    expect(await ops(['events', 'list'])).toMatchObject({
      exitCode: 1,
      notes: expect.stringMatching(/^ops: no local run is going on here[^\n]*$/),
    });
    const elsewhere = await ops(['events', 'list', '--endpoint', stage.aws.endpoint, '--env', 'prod']);
    expect(elsewhere).toMatchObject({
      exitCode: 3,
      notes: expect.stringMatching(/^ops: no pipeline prod in ap-southeast-1 at [^\n]*payment-processing-prod[^\n]*$/),
    });
    const dead = await ops(['events', 'list', '--endpoint', 'http://127.0.0.1:9', '--env', 'prod']);
    expect(dead).toMatchObject({ exitCode: 1, notes: expect.stringMatching(/^ops: cannot reach AWS [^\n]*$/) });
  });

  it.each([['events', 'list'], ['events', 'show'], ['payments', 'show'], ['timeline']])(
    'has examples in the help of %s %s',
    async (...command) => {
      const { exitCode, out } = await ops([...command, '--help']);
      expect([exitCode, out]).toEqual([0, expect.stringMatching(/Examples:\n {2}npm run ops -- /)]);
    },
  );
});
