import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sqsClient } from '../../../../functions/shared/aws/clients';
import { sqsRetrySchedule } from '../../../../functions/shared/aws/sqs-retry-schedule';
import type { FailedMessage } from '../../../../functions/shared/domain/ports';
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

const received = (receiveCount: number, mayRecover = true): FailedMessage => ({
  receiptHandle: `r${receiveCount}`,
  receiveCount,
  mayRecover,
});
const postpone = (...messages: FailedMessage[]) =>
  sqsRetrySchedule(
    sqsClient({ maxAttempts: 1, requestTimeoutMs: 1000 }),
    `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/work`,
    [30, 120],
  ).postpone(messages);

describe('postpone', () => {
  it('lets a message wait longer after each receive, and makes it a dead letter at once after the last', async () => {
    await postpone(received(1), received(2), received(3));
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([
      {
        Entries: [
          { Id: '0', ReceiptHandle: 'r1', VisibilityTimeout: 30 },
          { Id: '1', ReceiptHandle: 'r2', VisibilityTimeout: 120 },
          { Id: '2', ReceiptHandle: 'r3', VisibilityTimeout: 1 },
        ],
      },
    ]);
  });

  it('does not let wait what can never succeed', async () => {
    await postpone(received(1, false));
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([{ Entries: [{ VisibilityTimeout: 1 }] }]);
  });

  it('throws when the queue refuses a message', async () => {
    aws.on('ChangeMessageVisibilityBatch', { json: { Failed: [{ Id: '0', Code: 'MessageNotInflight', SenderFault: true }] } });
    await expect(postpone(received(1))).rejects.toThrow('messages not postponed: MessageNotInflight');
  });

  it('throws when the queue does not answer', async () => {
    aws.on('ChangeMessageVisibilityBatch', awsError('InternalError', 500));
    await expect(postpone(received(1))).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});
