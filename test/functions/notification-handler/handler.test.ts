import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Handler from '../../../functions/notification-handler/handler';
import { itemOf } from '../../../functions/shared/aws/event-row';
import { awsError, startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';
import { aBusEvent, aPaymentEvent, aQueueEvent, anEventRecord } from '../../support/builders';

let aws: AwsStub;
let handler: (typeof Handler)['handler'];
beforeAll(async () => {
  aws = await startAwsStub();
  Object.assign(process.env, {
    PAYMENT_TABLE_NAME: 'payment-events-dev',
    ALERT_TOPIC_ARN: 'arn:aws:sns:ap-southeast-1:123456789012:payment-alerts-dev',
    EVENT_RETENTION_DAYS: '90',
    NOTIFICATION_QUEUE_URL: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/notification`,
    RETRY_DELAYS_SECONDS: '30,120',
    MAX_ATTEMPTS: '1',
    REQUEST_TIMEOUT_MS: '2000',
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  ({ handler } = jest.requireActual<typeof Handler>('../../../functions/notification-handler/handler'));
});
afterAll(async () => {
  jest.restoreAllMocks();
  await aws.close();
});
beforeEach(() => {
  aws.reset();
  const { bodyGzip: body, ...processed } = anEventRecord();
  expect(body).toBeDefined();
  aws.on('GetItem', { json: { Item: itemOf(processed) } });
  aws.on('Publish', { xml: '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>' });
});

const notice = aBusEvent({
  ...aPaymentEvent(),
  valueBand: 'high',
  eventKey: 'event#evt_1',
  correlationId: 'r',
  archiveKey: 'k',
  processedAt: 'p',
});

describe('a batch of the notification queue', () => {
  it('is alerted; a message that cannot be read fails alone', async () => {
    expect(await handler(aQueueEvent(notice, 'oops'))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    expect(aws.calls.map(({ operation }) => operation)).toEqual([
      'GetItem',
      'UpdateItem',
      'Publish',
      'UpdateItem',
      'ChangeMessageVisibilityBatch',
    ]);
  });

  it('is no batch that fails as one: only the notice whose alert is held comes again', async () => {
    const other = aBusEvent({
      ...aPaymentEvent({ kind: 'payment.canceled' }),
      valueBand: 'none',
      eventKey: 'event#evt_2',
      correlationId: 'r',
    });
    aws.on('UpdateItem', awsError('ConditionalCheckFailedException', 400, { Item: { claimedUntil: { S: 'x' } } }));
    expect(await handler(aQueueEvent(notice, other))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(aws.inputs('Publish')).toEqual([]);
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([
      { QueueUrl: process.env['NOTIFICATION_QUEUE_URL'], Entries: [{ ReceiptHandle: 'receipt-0', VisibilityTimeout: 30 }] },
    ]);
  });
});
