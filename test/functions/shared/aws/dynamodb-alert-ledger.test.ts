import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbClient } from '../../../../functions/shared/aws/clients';
import { dynamodbAlertLedger } from '../../../../functions/shared/aws/dynamodb-alert-ledger';
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
const ledger = () => dynamodbAlertLedger(dynamodbClient(settings), 'payment-events-dev');
const alert = { paymentId: 'stripe:pi_1', reason: 'high-value', objectId: 'pi_1' } as const;
const key = { paymentId: { S: 'stripe:pi_1' }, eventKey: { S: 'alert#high-value#pi_1' } };
const claim = () => ledger().claim(alert, '2026-11-05T10:00:00.000Z', '2026-11-05T10:01:00.000Z', 1_800_000_000);

describe('claim', () => {
  it('takes the lease in one conditional write', async () => {
    expect(await claim()).toBe('claimed');
    expect(aws.inputs('UpdateItem')).toEqual([
      {
        TableName: 'payment-events-dev',
        Key: key,
        ConditionExpression: 'attribute_not_exists(sentAt) AND (attribute_not_exists(claimedUntil) OR claimedUntil <= :now)',
        UpdateExpression: 'SET claimedUntil = :until, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':now': { S: '2026-11-05T10:00:00.000Z' },
          ':until': { S: '2026-11-05T10:01:00.000Z' },
          ':expiresAt': { N: '1800000000' },
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ]);
  });

  const sent = { ...key, claimedUntil: { S: 'x' }, sentAt: { S: 'y' } };
  const held = { ...key, claimedUntil: { S: 'x' } };

  it.each([
    ['already_sent', sent],
    ['held_by_another', held],
  ])('is %s by the row that was there', async (outcome, item) => {
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException', 400, { Item: item }));
    expect(await claim()).toBe(outcome);
  });

  it.each([
    ['already_sent', sent],
    ['held_by_another', held],
    ['held_by_another', undefined],
  ])('is %s by a consistent read when the refusal does not carry the row', async (outcome, item) => {
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException'));
    aws.on('GetItem', { json: item === undefined ? {} : { Item: item } });
    expect(await claim()).toBe(outcome);
    expect(aws.inputs('GetItem')).toEqual([{ TableName: 'payment-events-dev', Key: key, ConsistentRead: true }]);
  });

  it('throws what the table throws', async () => {
    aws.on('UpdateItem', awsError('ThrottlingException'));
    await expect(claim()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});

describe('markSent', () => {
  it('writes when it went out and as what, on the row of the claim', async () => {
    await ledger().markSent(alert, '2026-11-05T10:00:01.000Z', 'message-1');
    expect(aws.inputs('UpdateItem')).toEqual([
      {
        TableName: 'payment-events-dev',
        Key: key,
        ConditionExpression: 'attribute_exists(claimedUntil)',
        UpdateExpression: 'SET sentAt = :sentAt, messageId = :messageId',
        ExpressionAttributeValues: { ':sentAt': { S: '2026-11-05T10:00:01.000Z' }, ':messageId': { S: 'message-1' } },
      },
    ]);
  });

  it('throws when nobody claimed the alert', async () => {
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException'));
    await expect(ledger().markSent(alert, 'now', 'm')).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });
});
