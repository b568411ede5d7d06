import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbClient } from '../../../../functions/shared/aws/clients';
import { dynamodbEventIndex } from '../../../../functions/shared/aws/dynamodb-event-index';
import { dynamodbPendingEvents } from '../../../../functions/shared/aws/dynamodb-pending-events';
import { itemOf, providerBucketOf } from '../../../../functions/shared/aws/event-row';
import { awsError, startAwsStub } from '../../../support/aws-stub';
import type { AwsStub } from '../../../support/aws-stub';
import { aPaymentEvent, anEventRecord } from '../../../support/builders';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.reset();
});

const client = () => dynamodbClient({ maxAttempts: 1, requestTimeoutMs: 1000 });
const pending = () => dynamodbPendingEvents(client(), 'payment-events-dev');

describe('a new row', () => {
  it('is in one of sixteen partitions, due a quarter of an hour after its receipt', () => {
    const buckets = Array.from({ length: 400 }, (_, index) => itemOf(anEventRecord({ event: aPaymentEvent({ eventId: `evt_${index}` }) })));
    const names = new Set(buckets.map((item) => item['pendingBucket']?.S));
    expect([...names].toSorted()).toEqual(Array.from({ length: 16 }, (_, index) => `pending#${index}`).toSorted());
    expect(buckets[0]?.['dueAtMs']).toEqual({ N: String(Date.parse('2026-11-05T10:15:00.000Z')) });
  });
});

describe('due', () => {
  it('asks every partition for what has waited too long, and for no more than a run can do', async () => {
    aws.on('Query', (call) => ({
      json: {
        Items: JSON.stringify(call.input).includes('pending#3"')
          ? [{ paymentId: { S: 'stripe:pi_1' }, eventKey: { S: 'event#evt_1' } }]
          : [],
      },
    }));
    expect(await pending().due(1000)).toEqual([{ paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' }]);
    const queries = aws.inputs('Query');
    expect(queries).toHaveLength(16);
    expect(queries[0]).toMatchObject({
      IndexName: 'PendingIndex',
      KeyConditionExpression: 'pendingBucket = :partition AND dueAtMs <= :now',
      ExpressionAttributeValues: { ':now': { N: '1000' } },
      Limit: 32,
    });
  });

  it('is unavailable when the index throttles', async () => {
    aws.on('Query', awsError('ThrottlingException'));
    await expect(pending().due(1)).rejects.toMatchObject({ reason: 'store_unavailable' });
  });
});

describe('postpone', () => {
  it('puts off a row that is pending still, and counts', async () => {
    await pending().postpone('stripe:pi_1', 'event#evt_1', 5);
    expect(aws.inputs('UpdateItem')).toMatchObject([
      {
        Key: { paymentId: { S: 'stripe:pi_1' }, eventKey: { S: 'event#evt_1' } },
        ConditionExpression: 'attribute_exists(pendingBucket)',
        UpdateExpression: 'SET dueAtMs = :dueAt ADD sweeps :one',
        ExpressionAttributeValues: { ':dueAt': { N: '5' } },
      },
    ]);
  });

  it('leaves a row alone that was published meanwhile', async () => {
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException'));
    await expect(pending().postpone('p', 'e', 1)).resolves.toBeUndefined();
  });

  it('is unavailable when the table throttles, and a fault of ours on anything else', async () => {
    aws.on('UpdateItem', awsError('ThrottlingException'));
    await expect(pending().postpone('p', 'e', 1)).rejects.toMatchObject({ reason: 'store_unavailable' });
    aws.on('UpdateItem', awsError('ValidationException'));
    await expect(pending().postpone('p', 'e', 1)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('dynamodbEventIndex', () => {
  const event = aPaymentEvent();
  const index = () => dynamodbEventIndex(client(), 'payment-events-dev');

  it('looks where an event of this id and time must be, whatever its payment is', async () => {
    const other = { paymentId: { S: 'stripe:other' }, eventKey: { S: 'event#evt_1' } };
    aws.on('Query', { json: { Items: [other] } });
    expect(await index().elsewhere(event, 'event#evt_1')).toEqual([{ paymentId: 'stripe:other', eventKey: 'event#evt_1' }]);
    expect(aws.inputs('Query')).toMatchObject([
      {
        IndexName: 'ProviderTimestampIndex',
        FilterExpression: 'eventKey = :key AND paymentId <> :payment',
        ExpressionAttributeValues: {
          ':partition': { S: providerBucketOf('stripe', event.occurredAt, 'evt_1') },
          ':at': { N: String(Date.parse(event.occurredAt)) },
          ':key': { S: 'event#evt_1' },
          ':payment': { S: event.paymentId },
        },
      },
    ]);
  });

  it('reads on while there are more, and has none in the end', async () => {
    aws.on('Query', (_, attempt) => ({ json: attempt === 1 ? { Items: [], LastEvaluatedKey: { paymentId: { S: 'x' } } } : { Items: [] } }));
    expect(await index().elsewhere(event, 'event#evt_1')).toEqual([]);
    expect(aws.inputs('Query')[1]).toMatchObject({ ExclusiveStartKey: { paymentId: { S: 'x' } } });
  });

  it('gives the newest keys of a time, day by day backwards, and asks no further day than it needs', async () => {
    const until = Date.parse('2026-11-05T00:30:00.000Z');
    const key = (name: string) => ({ paymentId: { S: `stripe:${name}` }, eventKey: { S: `event#${name}` } });
    aws.on('Query', ({ input }) => {
      const partition = JSON.stringify(input['ExpressionAttributeValues']);
      return {
        json: { Items: partition.includes('#2026-11-04#3') ? [key('a'), key('b')] : partition.includes('#2026-11-05#0') ? [key('c')] : [] },
      };
    });
    expect(await index().within('stripe', until - 3_600_000, until, 2)).toEqual([
      { paymentId: 'stripe:c', eventKey: 'event#c' },
      { paymentId: 'stripe:a', eventKey: 'event#a' },
    ]);
    const asked = aws.inputs('Query');
    expect(asked).toHaveLength(16);
    expect(asked).toContainEqual({
      TableName: 'payment-events-dev',
      IndexName: 'ProviderTimestampIndex',
      KeyConditionExpression: 'providerBucket = :partition AND #timestamp BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#timestamp': 'timestamp' },
      ExpressionAttributeValues: {
        ':partition': { S: 'stripe#2026-11-05#0' },
        ':first': { N: String(until - 3_600_000) },
        ':last': { N: String(until - 1) },
      },
      ScanIndexForward: false,
      Limit: 2,
    });
    expect(await index().within('stripe', until - 3_600_000, until, 1)).toHaveLength(1);
    expect(aws.inputs('Query')).toHaveLength(24);
    expect(await index().within('paypal', until - 3_600_000, until - 1_800_000, 1)).toHaveLength(1);
    expect(aws.inputs('Query')).toHaveLength(32);
  });

  it('is unavailable when the index throttles', async () => {
    aws.on('Query', awsError('ThrottlingException'));
    await expect(index().within('stripe', 1, 2, 1)).rejects.toMatchObject({ reason: 'store_unavailable' });
    await expect(index().elsewhere(event, 'k')).rejects.toMatchObject({ reason: 'store_unavailable' });
  });
});
