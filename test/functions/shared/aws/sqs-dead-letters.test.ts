import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { sqsClient } from '../../../../functions/shared/aws/clients';
import { sqsDeadLetters } from '../../../../functions/shared/aws/sqs-dead-letters';
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
const letter = { reason: 'row not readable: kind', source: 'event-relay', keys: { paymentId: 'stripe:pi_1', eventKey: 'event#evt_1' } };
const send = () => sqsDeadLetters(sqsClient(settings), `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/dead`).send(letter);

describe('send', () => {
  it('says what it is, where it comes from and why', async () => {
    aws.on('SendMessage', { json: { MessageId: 'm', MD5OfMessageBody: createHash('md5').update(JSON.stringify(letter)).digest('hex') } });
    await send();
    expect(aws.inputs('SendMessage')).toMatchObject([{ MessageBody: JSON.stringify(letter) }]);
  });

  it('throws when the queue does not take it', async () => {
    aws.on('SendMessage', awsError('InternalError', 500));
    await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});
