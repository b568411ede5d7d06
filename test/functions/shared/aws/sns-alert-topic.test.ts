import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { snsClient } from '../../../../functions/shared/aws/clients';
import { snsAlertTopic } from '../../../../functions/shared/aws/sns-alert-topic';
import { startAwsStub } from '../../../support/aws-stub';
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
const topicArn = 'arn:aws:sns:ap-southeast-1:123456789012:payment-alerts-dev';
const message = { subject: 'Payment failed', text: 'line one\nline two é', attributes: { reason: 'payment-failed', provider: 'square' } };
const publish = () => snsAlertTopic(snsClient(settings), topicArn).publish(message);

describe('publish', () => {
  it('sends subject, text and the attributes that filter policies ask for', async () => {
    aws.on('Publish', { xml: '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>' });
    expect(await publish()).toBe('m-1');
    expect(aws.inputs('Publish')).toEqual([
      expect.objectContaining({
        TopicArn: topicArn,
        Subject: 'Payment failed',
        Message: 'line one\nline two é',
        'MessageAttributes.entry.1.Name': 'reason',
        'MessageAttributes.entry.1.Value.DataType': 'String',
        'MessageAttributes.entry.1.Value.StringValue': 'payment-failed',
        'MessageAttributes.entry.2.Name': 'provider',
        'MessageAttributes.entry.2.Value.StringValue': 'square',
      }),
    ]);
  });

  it('does not take an answer without a message id for a success', async () => {
    aws.on('Publish', { xml: '<PublishResponse><PublishResult></PublishResult></PublishResponse>' });
    await expect(publish()).rejects.toThrow('the topic gave no message id');
  });

  it('throws when the topic refuses', async () => {
    aws.on('Publish', { status: 403, xml: '<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>' });
    await expect(publish()).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});
