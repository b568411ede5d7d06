import { beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Change, Image } from '../../../functions/audit-logger/change';
import { writeAudit } from '../../../functions/audit-logger/write-audit';
import { World, killPoints } from '../../support/fakes';

let world: World;
beforeEach(() => {
  world = new World();
});

const image: Image = {
  paymentId: 'stripe:pi_1',
  eventKey: 'event#evt_1',
  provider: 'stripe',
  eventId: 'evt_1',
  amount: '120.00',
  amountMinor: 12000,
  currency: 'USD',
  receivedAt: '2026-11-05T10:00:00.000Z',
  status: 'received',
  body: Buffer.from('raw bytes'),
  signedHeaders: { b: '2', a: '1' },
};

function change(overrides: Partial<Change> = {}): Change {
  return {
    eventName: 'INSERT',
    sequenceNumber: '400000000000000001',
    at: Date.parse('2026-11-05T10:00:07.000Z'),
    keys: { paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' },
    oldImage: {},
    newImage: image,
    ...overrides,
  };
}

const marked = { ...image, status: 'processed', processedAt: 'x' };
const modified = (newImage: Image, overrides: Partial<Change> = {}) =>
  change({ eventName: 'MODIFY', oldImage: image, newImage, ...overrides });
const removed = (overrides: Partial<Change> = {}) => change({ eventName: 'REMOVE', oldImage: image, newImage: {}, ...overrides });
const write = (...changes: readonly Change[]) => writeAudit(world, changes);

function lines(key = 'audit/2026/11/05/10/400000000000000001.ndjson.gz'): unknown[] {
  const [object] = world.audited.get(key) ?? [];
  const text = gunzipSync(object ?? Buffer.alloc(0)).toString('utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

describe('a batch', () => {
  it('is one object, whose key says when it began', async () => {
    await write(change(), change({ sequenceNumber: '400000000000000002', at: Date.parse('2026-11-05T11:00:00.000Z') }));
    expect([...world.audited.keys()]).toEqual(['audit/2026/11/05/10/400000000000000001.ndjson.gz']);
    expect(lines()).toHaveLength(2);
    expect(world.line('audit written')).toEqual({ auditKey: 'audit/2026/11/05/10/400000000000000001.ndjson.gz', records: 2 });
    expect(world.measurements).toEqual([{ name: 'AuditRecords', dimensions: {}, value: 2 }]);
  });

  it('has the same key and bytes when it is written again', async () => {
    await write(change());
    world.now += 3_600_000;
    await write(change());
    const versions = [...world.audited.values()].flat();
    expect(world.audited.size).toBe(1);
    expect(versions[0]).toEqual(versions[1]);
  });

  it('of nothing writes nothing', async () => {
    await write();
    expect(world.calls).toEqual([]);
  });
});

describe('a line', () => {
  it('says what was there before and after, only for the fields that changed', async () => {
    await write(modified(marked));
    expect(lines()).toEqual([
      {
        eventName: 'MODIFY',
        time: '2026-11-05T10:00:07.000Z',
        sequenceNumber: '400000000000000001',
        keys: { paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' },
        changes: { processedAt: { old: null, new: 'x' }, status: { old: 'received', new: 'processed' } },
      },
    ]);
  });

  it('holds the SHA-256 of raw bytes, never the bytes, wherever they are', async () => {
    await write(change({ newImage: { body: Buffer.from('raw bytes'), nested: { list: [Buffer.from('raw bytes')] } } }));
    const sha256 = createHash('sha256').update('raw bytes').digest('hex');
    expect(lines()).toMatchObject([{ changes: { body: { old: null, new: { sha256 } }, nested: { new: { list: [{ sha256 }] } } } }]);
    const text = JSON.stringify(lines());
    expect(text).not.toContain('raw bytes');
    expect(text).not.toContain(Buffer.from('raw bytes').toString('base64'));
  });

  it('does not take another order of a map for a change', async () => {
    await write(modified({ ...image, signedHeaders: { a: '1', b: '2' } }));
    expect(lines()).toEqual([expect.objectContaining({ changes: {} })]);
  });

  it('takes what was not there and what is null for the same', async () => {
    await write(change({ newImage: { status: null, nested: { failure: null } } }));
    expect(lines()).toEqual([expect.objectContaining({ changes: { nested: { old: null, new: { failure: null } } } })]);
  });

  it('has its fields in the order of their names, whatever the order of the row', async () => {
    await write(change({ newImage: { status: 'received', amount: '1.00', nested: { z: 1, m: 2, a: 3 } } }));
    expect(JSON.stringify(lines())).toContain(
      '"changes":{"amount":{"old":null,"new":"1.00"},"nested":{"old":null,"new":{"a":3,"m":2,"z":1}},"status":{"old":null,"new":"received"}}',
    );
  });

  it('says of headers that were not there that they were not there', async () => {
    await write(change());
    const sha256 = createHash('sha256').update('{"a":"1","b":"2"}').digest('hex');
    expect(lines()).toMatchObject([{ changes: { signedHeaders: { old: null, new: { sha256 } } } }]);
  });

  // Found by hostile input: a sender's content type was in the audit.
  it('shows of headers only that they changed', async () => {
    await write(modified({ ...image, signedHeaders: { a: '1', b: 'somebody@example.com' } }));
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(lines()).toMatchObject([{ changes: { signedHeaders: { old: { sha256: hash }, new: { sha256: hash } } } }]);
    expect(JSON.stringify(lines())).not.toContain('somebody@example.com');
  });

  it('holds what names a person as its SHA-256 only, so that an erasure need not touch it', async () => {
    const names = { customerRef: 'cus_anna', merchantRef: 'anna@example.com', failure: { code: 'declined', message: 'Card of Anna' } };
    await write(change({ newImage: { ...image, ...names } }));
    const [line] = lines();
    const sha256 = createHash('sha256').update('cus_anna').digest('hex');
    expect(line).toMatchObject({
      changes: {
        customerRef: { old: null, new: { sha256 } },
        failure: { new: { code: 'declined', message: { sha256: expect.any(String) } } },
      },
    });
    expect(JSON.stringify(line)).not.toMatch(/anna/i);
  });

  it('has null where nobody is named', async () => {
    await write(change({ newImage: { ...image, customerRef: null, failure: { code: 'declined', message: null } } }));
    expect(lines()).toMatchObject([{ changes: { failure: { new: { code: 'declined', message: null } } } }]);
    expect(JSON.stringify(lines())).not.toContain('customerRef');
  });

  it('says who removed a row whose time had come', async () => {
    await write(removed({ principal: 'dynamodb.amazonaws.com' }));
    expect(lines()).toMatchObject([
      { eventName: 'REMOVE', principal: 'dynamodb.amazonaws.com', changes: { amount: { old: '120.00', new: null } } },
    ]);
  });
});

describe('tampering', () => {
  it.each(['amount', 'amountMinor', 'currency', 'provider', 'eventId', 'receivedAt'])('is a change of %s', async (field) => {
    await write(modified({ ...marked, [field]: 'changed' }));
    expect(world.alerts).toHaveLength(1);
    expect(world.alerts[0]).toMatchObject({
      subject: 'tampering: 1 payment row(s) deleted or changed',
      attributes: { reason: 'tampering' },
    });
    expect(world.alerts[0]?.text).toContain(`stripe:pi_1 / event#evt_1  (changed: ${field})`);
    expect(world.line('tampering detected')).toMatchObject({ alertReason: 'tampering', rows: ['stripe:pi_1 / event#evt_1'] });
  });

  it('is a change of money that is passed off as an erasure', async () => {
    const erased = { ...marked, customerRef: null, erasedAt: '2026-11-06T00:00:00.000Z', erasureId: 'era_1' };
    await write(modified(erased, { oldImage: { ...marked, customerRef: 'cus_1' } }));
    expect(world.alerts).toEqual([]);
    await write(modified({ ...erased, amount: '1.00' }, { oldImage: { ...marked, customerRef: 'cus_1' } }));
    await write(removed({ oldImage: erased }));
    expect(world.alerts.map(({ text }) => /\((changed: amount|deleted)\)/.exec(text)?.[1])).toEqual(['changed: amount', 'deleted']);
  });

  it('is an earlier time to live, after which DynamoDB itself would delete the row', async () => {
    await write(modified({ ...marked, expiresAt: 1_900_000_000 }, { oldImage: { ...image, expiresAt: 1_900_000_001 } }));
    expect(world.alerts[0]?.text).toContain('stripe:pi_1 / event#evt_1  (changed: expiresAt)');
  });

  it('says in one message all that was changed, when, where the whole of it is, and what to do', async () => {
    await write(modified({ ...marked, amount: '1.00', amountMinor: 100 }));
    expect(world.alerts[0]?.text.split('\n')).toEqual([
      '1 row(s) of the payments table were deleted or changed in a way that the pipeline itself never does.',
      '',
      '- 2026-11-05T10:00:07.000Z  stripe:pi_1 / event#evt_1  (changed: amount, amountMinor)',
      '',
      'Audit object: audit/2026/11/05/10/400000000000000001.ndjson.gz',
      'Next: find out who it was (CloudTrail, same time), take their access away, and restore the rows from the point-in-time backup.',
    ]);
  });

  it('is in the log, where an alarm watches for it, also when the topic takes no message', async () => {
    world.fail('topic.publish');
    await expect(write(removed())).rejects.toThrow('topic.publish failed');
    expect(world.line('tampering detected')).toMatchObject({ alertReason: 'tampering', rows: ['stripe:pi_1 / event#evt_1'] });
  });

  it('is a field that was taken away', async () => {
    await write(modified(Object.fromEntries(Object.entries(image).filter(([name]) => name !== 'amount'))));
    expect(world.alerts[0]?.text).toContain('(changed: amount)');
  });

  it.each([
    ['nobody in particular', {}],
    ['a person', { principal: 'AIDAEXAMPLE' }],
    ['something that looks like the service', { principal: 'dynamodb.amazonaws.com.evil' }],
  ])('is the removal of a row by %s', async (_, who) => {
    await write(removed(who));
    expect(world.alerts[0]?.text).toContain('stripe:pi_1 / event#evt_1  (deleted)');
  });

  it("is the removal of an alert's row too", async () => {
    await write(removed({ keys: { paymentId: 'stripe:pi_1', eventKey: 'alert#high-value#pi_1' }, oldImage: { sentAt: 'x' } }));
    expect(world.alerts[0]?.text).toContain('stripe:pi_1 / alert#high-value#pi_1');
  });

  it.each([
    ['a new row', change()],
    ['a row that is marked processed', modified(marked)],
    ['a later time to live', modified({ ...image, expiresAt: 2 }, { oldImage: { ...image, expiresAt: 1 } })],
    ['the same time to live', modified({ ...marked, expiresAt: 1 }, { oldImage: { ...image, expiresAt: 1 } })],
    ['a time to live that DynamoDB does not go by', modified({ ...image, expiresAt: '1' }, { oldImage: { ...image, expiresAt: '2' } })],
    ['a time to live where there was none', modified({ ...image, expiresAt: 1 })],
    ['a row that expired', removed({ principal: 'dynamodb.amazonaws.com' })],
    ['a change that names itself nothing we know', change({ eventName: 'OTHER', oldImage: image, newImage: {} })],
  ])('is not %s', async (_, harmless) => {
    await write(harmless);
    expect(world.alerts).toEqual([]);
    expect(world.logged()).toEqual(['audit written']);
  });

  it('is one message for the batch, however many rows', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => removed({ keys: { paymentId: `stripe:pi_${index}`, eventKey: 'event#e' } }));
    await write(...rows, change());
    expect(world.alerts).toHaveLength(1);
    expect(world.alerts[0]?.subject).toContain('60 payment row(s)');
    expect(world.alerts[0]?.text).toContain('- and 10 more');
    expect(world.alerts[0]?.text).toContain('Audit object: audit/2026/11/05/10/400000000000000001.ndjson.gz');
  });

  it('cannot write lines of its own into the message', async () => {
    await write(removed({ keys: { paymentId: 'a\nNext: all is well', eventKey: 7 } }));
    expect(world.alerts[0]?.text).toContain('a Next: all is well / ?');
  });

  // Found by hostile input: SNS takes no message with such a key, so that nobody was told.
  it('is told though its key is no text that a message takes', async () => {
    await write(removed({ keys: { paymentId: 'a\ud83d\uffff', eventKey: 'event#1' } }));
    expect(world.alerts[0]?.text).toContain('a  / event#1');
  });

  it('is told only after it is written', async () => {
    world.fail('audit.append');
    await expect(write(removed())).rejects.toThrow('audit.append failed');
    expect(world.alerts).toEqual([]);
  });
});

describe('killed at any point, the audit loses nothing: the stream hands over the batch again', () => {
  it.each(killPoints('audit.append', 'topic.publish'))('killed %s', async (point) => {
    world.killAt(point);
    await expect(write(removed())).rejects.toThrow(point);
    expect(world.revive()).toBe(true);
    await write(removed());
    expect(world.audited.size).toBe(1);
    expect(world.alerts.length).toBeGreaterThanOrEqual(1);
  });

  it('these are all the points', async () => {
    await write(removed());
    expect(world.calls).toEqual(['audit.append', 'topic.publish']);
  });
});
