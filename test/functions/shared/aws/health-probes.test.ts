import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { dynamodbClient, secretsManagerClient, sqsClient } from '../../../../functions/shared/aws/clients';
import { queueProbe, secretProbe, tableProbe } from '../../../../functions/shared/aws/health-probes';
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

describe('tableProbe', () => {
  const check = () => tableProbe(dynamodbClient(settings), 'payment-events-dev').check();

  it.each(['ACTIVE', 'UPDATING'])('passes for a table that is %s', async (status) => {
    aws.on('DescribeTable', { json: { Table: { TableStatus: status } } });
    await expect(check()).resolves.toBeUndefined();
  });

  it('fails for a table whose key is not accessible', async () => {
    aws.on('DescribeTable', { json: { Table: { TableStatus: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS' } } });
    await expect(check()).rejects.toThrow('the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS');
  });

  it('fails for an answer that describes nothing', async () => {
    aws.on('DescribeTable', { json: {} });
    await expect(check()).rejects.toThrow('the table is not described');
  });

  it('fails for a table that does not answer', async () => {
    aws.on('DescribeTable', { hang: 'head' });
    await expect(check()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('queueProbe', () => {
  const check = () => queueProbe(sqsClient(settings), `${process.env['AWS_ENDPOINT_URL'] ?? ''}/1/processing`).check();

  it('passes for a queue that answers', async () => {
    aws.on('GetQueueAttributes', { json: { Attributes: {} } });
    await expect(check()).resolves.toBeUndefined();
  });

  it('fails for a queue that is not there', async () => {
    aws.on('GetQueueAttributes', awsError('QueueDoesNotExist'));
    await expect(check()).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('secretProbe', () => {
  const check = () => secretProbe(secretsManagerClient(settings), 'payment-webhooks/dev', 'stripe').check();

  it('passes for a secret with a current value, without reading it', async () => {
    aws.on('DescribeSecret', { json: { VersionIdsToStages: { a: ['AWSPREVIOUS'], b: ['AWSCURRENT'] } } });
    await expect(check()).resolves.toBeUndefined();
    expect(aws.calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['DescribeSecret', { SecretId: 'payment-webhooks/dev/stripe' }],
    ]);
  });

  it.each([{}, { VersionIdsToStages: {} }, { VersionIdsToStages: { a: ['AWSPENDING'] } }])(
    'fails for a secret without one: %j',
    async (json) => {
      aws.on('DescribeSecret', { json });
      await expect(check()).rejects.toThrow('the secret was never given a value');
    },
  );
});
