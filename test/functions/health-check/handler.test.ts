import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type * as Handler from '../../../functions/health-check/handler';
import { awsError, startAwsStub } from '../../support/aws-stub';
import type { AwsStub } from '../../support/aws-stub';

let aws: AwsStub;
let handler: (typeof Handler)['handler'];
beforeAll(async () => {
  aws = await startAwsStub();
  Object.assign(process.env, {
    PAYMENT_TABLE_NAME: 'payment-events-dev',
    PROCESSING_QUEUE_URL: `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/processing`,
    SECRET_NAME_PREFIX: 'payment-webhooks/dev',
    ENABLED_PROVIDERS: 'stripe,square',
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
  aws.on('DescribeTable', { json: { Table: { TableStatus: 'ACTIVE' } } });
  aws.on('GetQueueAttributes', { json: { Attributes: {} } });
  aws.on('DescribeSecret', { json: { VersionIdsToStages: { a: ['AWSCURRENT'] } } });
  jest.resetModules();
  ({ handler } = jest.requireActual<typeof Handler>('../../../functions/health-check/handler'));
});

const rest = { headers: {}, multiValueHeaders: {}, requestContext: { requestId: 'r1' } };
const functionUrl = { headers: {}, requestContext: { requestId: 'r1', http: { method: 'GET' } } };

describe('GET /health', () => {
  it.each([
    ['API Gateway', rest],
    ['the Function URL', functionUrl],
  ])('says ok over %s', async (_, event) => {
    expect(await handler(event)).toMatchObject({ statusCode: 200, body: '{"status":"ok","requestId":"r1"}' });
    const secrets = aws.inputs('DescribeSecret').map(({ SecretId: id }) => id);
    expect(new Set(secrets)).toEqual(new Set(['payment-webhooks/dev/stripe', 'payment-webhooks/dev/square']));
  });

  it('asks the dependencies once in a while, not on every call', async () => {
    await handler(rest);
    await handler(functionUrl);
    expect(aws.calls).toHaveLength(4);
  });

  it.each([
    ['the table', 'DescribeTable', awsError('ResourceNotFoundException')],
    ['the queue', 'GetQueueAttributes', awsError('AccessDenied', 403)],
    ['a secret', 'DescribeSecret', { json: {} }],
  ])('says nothing but unavailable when %s is not there', async (_, operation, reply) => {
    aws.on(operation, reply);
    expect(await handler(rest)).toMatchObject({ statusCode: 503, body: '{"status":"unavailable","requestId":"r1"}' });
  });
});
