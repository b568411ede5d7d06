import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Handler from '../../../functions/event-processor/handler';
import { awsError, startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';
import { aProcessingMessage, aQueueEvent } from '../../support/builders';

let aws: AwsStub;
let handler: (typeof Handler)['handler'];
beforeAll(async () => {
  aws = await startAwsStub();
  Object.assign(process.env, {
    PAYMENT_TABLE_NAME: 'payment-events-dev',
    EVENT_BUS_NAME: 'payment-events-dev',
    CONFIG_PARAMETER_NAME: '/payment-webhook/dev/config',
    PROCESSING_QUEUE_URL: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/processing`,
    RETRY_DELAYS_SECONDS: '30,120',
    MAX_ATTEMPTS: '1',
    REQUEST_TIMEOUT_MS: '2000',
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await aws.close();
});
beforeEach(() => {
  aws.reset();
  aws.on('GetParameter', { json: { Parameter: { Value: '{"highValueThresholds":{"default":"10000"}}' } } });
  aws.on('PutEvents', { json: { FailedEntryCount: 0, Entries: [{ EventId: 'a' }] } });
  jest.resetModules();
  ({ handler } = jest.requireActual<typeof Handler>('../../../functions/event-processor/handler'));
});

describe('a batch of the processing queue', () => {
  it('is published and marked; a poison message in it fails alone', async () => {
    expect(await handler(aQueueEvent('{"poison":true}', aProcessingMessage()))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(aws.calls.map(({ operation }) => operation)).toEqual([
      'GetParameter',
      'PutEvents',
      'UpdateItem',
      'ChangeMessageVisibilityBatch',
    ]);
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([{ Entries: [{ ReceiptHandle: 'receipt-0', VisibilityTimeout: 1 }] }]);
  });

  it.each([
    ['cannot be read', awsError('ThrottlingException')],
    ['is not valid', { json: { Parameter: { Value: '{"highValueThresholds":{}}' } } }],
  ])('comes again as a whole while the setting %s', async (_, reply) => {
    aws.on('GetParameter', reply);
    expect(await handler(aQueueEvent(aProcessingMessage(), aProcessingMessage()))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-1' }],
    });
    expect(aws.inputs('PutEvents')).toEqual([]);
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([
      { QueueUrl: process.env['PROCESSING_QUEUE_URL'], Entries: [{ VisibilityTimeout: 30 }, { VisibilityTimeout: 120 }] },
    ]);
  });
});
