import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventbridgeClient } from '../../../../functions/shared/aws/clients';
import { eventbridgeEventBus } from '../../../../functions/shared/aws/eventbridge-event-bus';
import type { BusEntry } from '../../../../functions/shared/domain/ports';
import { awsError, startAwsStub } from '../../../support/aws-stub';
import type { AwsStub } from '../../../support/aws-stub';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.reset();
});

const settings = { maxAttempts: 1, requestTimeoutMs: 1000 };
const entry: BusEntry = { detailType: 'Payment Processed', detail: { kind: 'payment.succeeded' }, time: '2026-11-05T10:00:00.000Z' };
const publish = (...entries: readonly BusEntry[]) =>
  eventbridgeEventBus(eventbridgeClient(settings), 'payment-events-dev', [1, 1]).publish(entries);

describe('publish', () => {
  it('puts all entries in one call', async () => {
    aws.on('PutEvents', { json: { FailedEntryCount: 0, Entries: [{ EventId: 'a' }, { EventId: 'b' }] } });
    expect(await publish(entry, { ...entry, traceHeader: 'Root=1-a' })).toEqual([undefined, undefined]);
    const expected = {
      EventBusName: 'payment-events-dev',
      Source: 'payment.processor',
      DetailType: 'Payment Processed',
      Detail: '{"kind":"payment.succeeded"}',
      Time: Date.parse(entry.time) / 1000,
    };
    expect(aws.inputs('PutEvents')).toEqual([{ Entries: [expected, { ...expected, TraceHeader: 'Root=1-a' }] }]);
  });

  it.each(['x'.repeat(501), ''])('leaves out a trace header that the bus would refuse the whole call for: %j', async (traceHeader) => {
    aws.on('PutEvents', { json: { FailedEntryCount: 0, Entries: [{ EventId: 'a' }] } });
    expect(await publish({ ...entry, traceHeader })).toEqual([undefined]);
    expect(JSON.stringify(aws.inputs('PutEvents'))).not.toContain('TraceHeader');
  });

  it('says which entry was not accepted, though the call succeeded', async () => {
    aws.on('PutEvents', {
      json: { FailedEntryCount: 1, Entries: [{ EventId: 'a' }, { ErrorCode: 'MalformedDetail' }, { EventId: 'c' }] },
    });
    expect(await publish(entry, entry, entry)).toEqual([undefined, 'MalformedDetail', undefined]);
  });

  it('sends again by themselves the entries that the bus throttled or failed on', async () => {
    const first = [
      { ErrorCode: 'ThrottlingException' },
      { EventId: 'b' },
      { ErrorCode: 'InternalFailure' },
      { ErrorCode: 'NotAuthorized' },
    ];
    const answers = [first, [{ EventId: 'a' }, { ErrorCode: 'InternalFailure' }], [{ EventId: 'c' }]];
    aws.on('PutEvents', (_, attempt) => ({ json: { Entries: answers[attempt - 1] } }));
    const entries = ['a', 'b', 'c', 'd'].map((id) => ({ ...entry, detail: { id } }));
    expect(await publish(...entries)).toEqual([undefined, undefined, undefined, 'NotAuthorized']);
    const sent = aws.inputs('PutEvents').map((input) => JSON.stringify(input).match(/(?<=id\\":\\")\w/g));
    expect(sent).toEqual([['a', 'b', 'c', 'd'], ['a', 'c'], ['c']]);
  });

  it('keeps what the bus took when a later call fails', async () => {
    const first = { json: { Entries: [{ EventId: 'a' }, { ErrorCode: 'ThrottlingException' }] } };
    aws.on('PutEvents', (_, attempt) => (attempt === 1 ? first : awsError('InternalException', 500)));
    expect(await publish(entry, entry)).toEqual([undefined, 'ThrottlingException']);
  });

  it.each([{ json: { FailedEntryCount: 0 } }, { json: { FailedEntryCount: 0, Entries: [{}] } }])(
    'takes an entry without an event id for not accepted',
    async (reply) => {
      aws.on('PutEvents', reply);
      expect(await publish(entry)).toEqual(['not answered']);
    },
  );

  it('throws when the call fails', async () => {
    aws.on('PutEvents', awsError('InternalException', 500));
    await expect(publish(entry)).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });

  it('makes two calls of entries that are too large for one', async () => {
    aws.on('PutEvents', { json: { FailedEntryCount: 0, Entries: [{ EventId: 'a' }] } });
    const large = { ...entry, detail: { text: 'x'.repeat(150_000) } };
    expect(await publish(large, large)).toEqual([undefined, undefined]);
    expect(aws.calls).toHaveLength(2);
  });
});
