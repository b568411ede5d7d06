import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DynamoDBRecord } from 'aws-lambda';
import { gunzipSync } from 'node:zlib';
import type * as Handler from '../../../functions/audit-logger/handler';
import { startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';

let aws: AwsStub;
let handler: (typeof Handler)['handler'];
beforeAll(async () => {
  aws = await startAwsStub();
  Object.assign(process.env, {
    AUDIT_BUCKET_NAME: 'audit',
    ALERT_TOPIC_ARN: 'arn:aws:sns:ap-southeast-1:123456789012:payment-alerts-dev',
    MAX_ATTEMPTS: '1',
    REQUEST_TIMEOUT_MS: '2000',
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  ({ handler } = jest.requireActual<typeof Handler>('../../../functions/audit-logger/handler'));
});
afterAll(async () => {
  jest.restoreAllMocks();
  await aws.close();
});
beforeEach(() => {
  aws.reset();
  aws.on('PUT', { xml: '' });
  aws.on('Publish', { xml: '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>' });
});

const removal: DynamoDBRecord = {
  eventName: 'REMOVE',
  dynamodb: {
    ApproximateCreationDateTime: Date.parse('2026-11-05T10:00:07.000Z') / 1000,
    Keys: { paymentId: { S: 'stripe:pi_1' }, eventKey: { S: 'event#evt_1' } },
    OldImage: { amount: { S: '120.00' }, body: { B: Buffer.from('raw').toString('base64') } },
    SequenceNumber: '42',
  },
};
const expiry: DynamoDBRecord = { ...removal, userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } };

describe('a batch of the stream', () => {
  it('is written as one object', async () => {
    expect(await handler({ Records: [expiry] })).toEqual({ batchItemFailures: [] });
    const [call, ...others] = aws.calls;
    expect(others).toEqual([]);
    expect(call?.path).toContain('/audit/audit/2026/11/05/10/42.ndjson.gz');
    expect(JSON.parse(gunzipSync(call?.body ?? Buffer.alloc(0)).toString())).toMatchObject({
      eventName: 'REMOVE',
      principal: 'dynamodb.amazonaws.com',
      changes: { amount: { old: '120.00', new: null }, body: { old: { sha256: expect.any(String) } } },
    });
  });

  it.each([undefined, null, 'dynamodb.amazonaws.com', {}, { principalId: 1 }, { principalId: 'AIDAEXAMPLE' }])(
    'raises an alert about a removal by %j',
    async (userIdentity) => {
      await handler({ Records: [{ ...removal, userIdentity }] });
      expect(aws.inputs('Publish')).toMatchObject([{ 'MessageAttributes.entry.1.Value.StringValue': 'tampering' }]);
    },
  );

  it('comes again as a whole when it cannot be written', async () => {
    aws.on('PUT', { status: 500, xml: '' });
    expect(await handler({ Records: [expiry, { ...expiry, dynamodb: { ...expiry.dynamodb, SequenceNumber: '43' } }] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '42' }, { itemIdentifier: '43' }],
    });
  });

  it('is written though a record says nothing of itself', async () => {
    expect(await handler({ Records: [{}] })).toEqual({ batchItemFailures: [] });
    expect(aws.calls[0]?.path).toContain('/audit/audit/1970/01/01/00/.ndjson.gz');
  });
});
