import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { dynamodbClient } from '../../../../functions/shared/aws/clients';
import { dynamodbEventStore } from '../../../../functions/shared/aws/dynamodb-event-store';
import { itemOf } from '../../../../functions/shared/aws/event-row';
import { awsError, startAwsStub } from '../../../support/aws-stub';
import type { AwsStub } from '../../../support/aws-stub';
import { anEventRecord } from '../../../support/builders';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.reset();
});

const settings = { maxAttempts: 1, requestTimeoutMs: 1000 };
const store = () => dynamodbEventStore(dynamodbClient(settings), 'payment-events-dev');
const key = { paymentId: { S: 'stripe:pi_1' }, eventKey: { S: 'event#evt_1' } };

/** An item as it is on the wire, where bytes are base64 text. */
function wire(item: Readonly<Record<string, AttributeValue>>): Record<string, unknown> {
  const entries = Object.entries(item);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') }]),
  );
}

describe('put', () => {
  it('makes one conditional write of the whole row', async () => {
    expect(await store().put(anEventRecord())).toEqual({ outcome: 'stored' });
    expect(aws.calls).toHaveLength(1);
    const [input] = aws.inputs('PutItem');
    expect(input).toMatchObject({
      TableName: 'payment-events-dev',
      ConditionExpression: 'attribute_not_exists(paymentId)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      Item: { ...key, status: { S: 'received' }, amountMinor: { N: '12000' } },
    });
    expect(input).toHaveProperty('Item.body.B', Buffer.from(anEventRecord().bodyGzip ?? []).toString('base64'));
  });

  it('gives the fingerprint of the row that was there', async () => {
    aws.on('PutItem', awsError('ConditionalCheckFailedException', 400, { Item: { ...key, fingerprint: { S: 'abc' } } }));
    expect(await store().put(anEventRecord())).toEqual({ outcome: 'duplicate', fingerprint: 'abc' });
    expect(aws.calls).toHaveLength(1);
  });

  it('has stored the row when an attempt finds what an earlier one of the same delivery wrote', async () => {
    const own = { ...key, fingerprint: { S: 'abc' }, correlationId: { S: anEventRecord().correlationId } };
    aws.on('PutItem', awsError('ConditionalCheckFailedException', 400, { Item: own }));
    expect(await store().put(anEventRecord())).toEqual({ outcome: 'stored' });
  });

  it('reads the row consistently when the refusal does not carry it', async () => {
    aws.on('PutItem', awsError('ConditionalCheckFailedException'));
    aws.on('GetItem', { json: { Item: { ...key, fingerprint: { S: 'abc' } } } });
    expect(await store().put(anEventRecord())).toEqual({ outcome: 'duplicate', fingerprint: 'abc' });
    expect(aws.inputs('GetItem')).toEqual([{ TableName: 'payment-events-dev', Key: key, ConsistentRead: true }]);
  });

  it('has no fingerprint for a row that somebody else wrote', async () => {
    aws.on('PutItem', awsError('ConditionalCheckFailedException', 400, { Item: key }));
    expect(await store().put(anEventRecord())).toEqual({ outcome: 'duplicate', fingerprint: '' });
  });

  it('cannot tell when the row that was there is gone', async () => {
    aws.on('PutItem', awsError('ConditionalCheckFailedException'));
    aws.on('GetItem', { json: {} });
    await expect(store().put(anEventRecord())).rejects.toMatchObject({ name: 'Unavailable', reason: 'store_unavailable' });
  });

  it.each([
    ['throttles', awsError('ProvisionedThroughputExceededException')],
    ['throttles on demand', awsError('ThrottlingException')],
    ['fails', awsError('InternalServerError', 500)],
    ['is down', awsError('ServiceUnavailable', 503)],
    ['does not answer', { hang: 'head' } as const],
  ])('is unavailable when the table %s', async (_, reply) => {
    aws.on('PutItem', reply);
    await expect(store().put(anEventRecord())).rejects.toMatchObject({ name: 'Unavailable', reason: 'store_unavailable' });
  });

  it.each(['ValidationException', 'AccessDeniedException', 'ResourceNotFoundException'])('is a fault of ours on %s', async (name) => {
    aws.on('PutItem', awsError(name));
    await expect(store().put(anEventRecord())).rejects.toMatchObject({ name });
  });
});

describe('get', () => {
  it('reads consistently and gives the record back', async () => {
    const record = anEventRecord();
    aws.on('GetItem', { json: { Item: wire(itemOf(record)) } });
    expect(await store().get('stripe:pi_1', 'event#evt_1')).toEqual({ ...record, bodyGzip: expect.any(Uint8Array), status: 'received' });
    expect(aws.inputs('GetItem')).toEqual([{ TableName: 'payment-events-dev', Key: key, ConsistentRead: true }]);
  });

  it('is undefined where there is no row', async () => {
    aws.on('GetItem', { json: {} });
    expect(await store().get('stripe:pi_1', 'event#evt_1')).toBeUndefined();
  });

  it('throws on a row that is not readable, and names the field', async () => {
    aws.on('GetItem', { json: { Item: key } });
    await expect(store().get('stripe:pi_1', 'event#evt_1')).rejects.toThrow('a row of the table is not readable: schemaVersion');
  });

  it('is unavailable when the table throttles', async () => {
    aws.on('GetItem', awsError('ThrottlingException'));
    await expect(store().get('stripe:pi_1', 'event#evt_1')).rejects.toMatchObject({ reason: 'store_unavailable' });
  });
});

describe('markProcessed', () => {
  it('marks the row and drops its body, keeps the first time, and never makes a row', async () => {
    await store().markProcessed('stripe:pi_1', 'event#evt_1', '2026-11-05T10:00:01.000Z');
    expect(aws.inputs('UpdateItem')).toEqual([
      {
        TableName: 'payment-events-dev',
        Key: key,
        ConditionExpression: 'attribute_exists(paymentId)',
        UpdateExpression: 'SET #status = :processed, processedAt = if_not_exists(processedAt, :now) REMOVE body, pendingBucket, dueAtMs',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':processed': { S: 'processed' }, ':now': { S: '2026-11-05T10:00:01.000Z' } },
      },
    ]);
  });

  it('throws when there is no such row', async () => {
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException'));
    await expect(store().markProcessed('stripe:pi_1', 'event#evt_1', 'now')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });
});
