import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { sqsClient } from '../../../../functions/shared/aws/clients';
import { sqsProcessingQueue } from '../../../../functions/shared/aws/sqs-processing-queue';
import { awsError, startAwsStub } from '../../../support/aws-stub';
import type { AwsStub } from '../../../support/aws-stub';
import type { AwsCall, AwsReply } from '../../../support/aws-stub';
import { aPaymentEvent, aProcessingMessage } from '../../../support/builders';

let aws: AwsStub;
beforeAll(async () => {
  aws = await startAwsStub();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.reset();
});

const settings = { maxAttempts: 1, requestTimeoutMs: 1000 };
const send = (...messages: Parameters<ReturnType<typeof sqsProcessingQueue>['sendBatch']>[0]) =>
  sqsProcessingQueue(sqsClient(settings), `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/processing`).sendBatch(messages);

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

function entriesOf(call: AwsCall): Entry[] {
  const entries = call.input['Entries'];
  return Array.isArray(entries) ? entries.map((entry: Entry) => entry) : [];
}

/** Accepts what `refused` does not name. */
function accepting(...refused: readonly string[]): (call: AwsCall) => AwsReply {
  return (call) => ({
    json: {
      Successful: entriesOf(call)
        .filter(({ Id: id }) => !refused.includes(id))
        .map(({ Id: id, MessageBody: body }) => ({
          Id: id,
          MessageId: id,
          MD5OfMessageBody: createHash('md5').update(body).digest('hex'),
        })),
      Failed: refused.map((id) => ({ Id: id, Code: 'InternalError', SenderFault: false })),
    },
  });
}

describe('sendBatch', () => {
  it('sends all messages in one call, each with its trace header', async () => {
    aws.on('SendMessageBatch', accepting());
    const traced = aProcessingMessage({ traceHeader: 'Root=1-a' });
    expect(await send(aProcessingMessage(), traced)).toEqual([undefined, undefined]);
    expect(aws.inputs('SendMessageBatch')).toEqual([
      {
        QueueUrl: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/processing`,
        Entries: [
          { Id: '0', MessageBody: JSON.stringify(aProcessingMessage()) },
          {
            Id: '1',
            MessageBody: JSON.stringify(traced),
            MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-a' } },
          },
        ],
      },
    ]);
  });

  it('says which message was not accepted, and why', async () => {
    aws.on('SendMessageBatch', accepting('1'));
    expect(await send(aProcessingMessage(), aProcessingMessage(), aProcessingMessage())).toEqual([undefined, 'InternalError', undefined]);
  });

  it.each([
    [{}, 'not answered'],
    [{ Failed: [{ Id: '0' }] }, 'unknown'],
  ])('takes a message for not accepted when the answer is %j', async (json, outcome) => {
    aws.on('SendMessageBatch', { json });
    expect(await send(aProcessingMessage())).toEqual([outcome]);
  });

  it('throws when the call fails', async () => {
    aws.on('SendMessageBatch', awsError('AccessDenied', 403));
    await expect(send(aProcessingMessage())).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  it('makes two calls of messages that are too large for one', async () => {
    aws.on('SendMessageBatch', accepting());
    const large = aProcessingMessage({ event: aPaymentEvent({ merchantRef: 'x'.repeat(100_000) }) });
    expect(await send(large, large, large)).toEqual([undefined, undefined, undefined]);
    expect(aws.calls.map((call) => entriesOf(call).map(({ Id: id }) => id))).toEqual([['0', '1'], ['2']]);
  });
});
