import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Handler from '../../../functions/alert-forwarder/handler';
import { startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';
import { aQueueEvent } from '../../support/builders';

const topicArn = (name: string) => `arn:aws:sns:ap-southeast-1:123456789012:${name}`;
const envelope = (changes: object = {}) => ({
  Type: 'Notification',
  MessageId: '5a0a8f2b-0000-5000-8000-000000000000',
  TopicArn: topicArn('payment-alerts-dev'),
  Subject: 'Payment failed',
  Message: 'Amount: EUR 5',
  Timestamp: '2026-11-05T10:00:00.000Z',
  ...changes,
});

let aws: AwsStub;
let server: Server;
let handler: (typeof Handler)['handler'];
let lines: string[];
const posted: string[] = [];
beforeAll(async () => {
  aws = await startAwsStub();
  server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => posted.push(`${request.url ?? ''} ${text}`));
    request.on('end', () => response.writeHead(request.url === '/down' ? 503 : 200).end());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  Object.assign(process.env, {
    SECRET_NAME_PREFIX: 'payment-webhooks/dev',
    ALERT_TOPIC_ARN: topicArn('payment-alerts-dev'),
    OPERATIONS_TOPIC_ARN: topicArn('operations-alarms-dev'),
    FORWARDING_QUEUE_URL: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/forwarding`,
    RETRY_DELAYS_SECONDS: '30,120',
    MAX_ATTEMPTS: '1',
    REQUEST_TIMEOUT_MS: '2000',
  });
  const write = (line: unknown) => {
    lines.push(String(line));
    return true;
  };
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation(write);
  jest.spyOn(process.stderr, 'write').mockImplementation(write);
  ({ handler } = jest.requireActual<typeof Handler>('../../../functions/alert-forwarder/handler'));
});
afterAll(async () => {
  jest.restoreAllMocks();
  server.closeAllConnections();
  server.close();
  await aws.close();
});
beforeEach(() => {
  aws.reset();
  posted.length = 0;
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const secret = { alerts: [`${origin}/hidden-alerts`], operations: [`${origin}/down`] };
  aws.on('GetSecretValue', { json: { SecretString: JSON.stringify(secret) } });
});

describe('a batch of the forwarding queue', () => {
  it('is posted by topic; what is not taken, not readable or of another topic fails alone', async () => {
    const alarm = { AlarmName: 'a', AlarmDescription: 'd', NewStateValue: 'ALARM', NewStateReason: 'r' };
    const event = aQueueEvent(
      envelope(),
      envelope({ TopicArn: topicArn('operations-alarms-dev'), Subject: 'ALARM', Message: JSON.stringify(alarm) }),
      'oops',
      envelope({ TopicArn: topicArn('somebody-elses') }),
      envelope({ Type: 'SubscriptionConfirmation' }),
    );
    expect(await handler(event)).toEqual({
      batchItemFailures: [2, 3, 4, 1].map((index) => ({ itemIdentifier: `message-${index}` })),
    });
    expect(posted.toSorted()).toEqual([
      '/down {"text":"ALARM: a\\n\\nd\\n\\nr"}',
      '/hidden-alerts {"text":"Payment failed\\n\\nAmount: EUR 5"}',
    ]);
    expect(aws.inputs('GetSecretValue')).toEqual([{ SecretId: 'payment-webhooks/dev/alert-endpoints' }]);
    expect(aws.inputs('ChangeMessageVisibilityBatch')).toMatchObject([
      {
        Entries: [
          { ReceiptHandle: 'receipt-1', VisibilityTimeout: 120 },
          ...[2, 3, 4].map((index) => ({ ReceiptHandle: `receipt-${index}`, VisibilityTimeout: 1 })),
        ],
      },
    ]);
  });

  it('leaves no URL and no text of a message in the log', () => {
    expect(lines.join('\n')).toContain('no notification of SNS: not JSON');
    expect(lines.join('\n')).toContain('of a topic that is not ours');
    expect(lines.join('\n')).not.toMatch(/hidden-alerts|EUR 5|oops/);
  });
});
