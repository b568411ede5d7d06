import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PublishCommand } from '@aws-sdk/client-sns';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import {
  dynamodbClient,
  eventbridgeClient,
  s3Client,
  secretsManagerClient,
  snsClient,
  sqsClient,
  ssmClient,
} from '../../../../functions/shared/aws/clients';
import { isTransient } from '../../../../functions/shared/aws/transient';
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

const settings = { maxAttempts: 1, requestTimeoutMs: 100 };
const calls: readonly (readonly [string, (s: typeof settings) => Promise<unknown>])[] = [
  ['DescribeTable', (s) => dynamodbClient(s).send(new DescribeTableCommand({ TableName: 't' }))],
  ['PutEvents', (s) => eventbridgeClient(s).send(new PutEventsCommand({ Entries: [] }))],
  ['PUT', (s) => s3Client(s).send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' }))],
  ['GetSecretValue', (s) => secretsManagerClient(s).send(new GetSecretValueCommand({ SecretId: 's' }))],
  ['Publish', (s) => snsClient(s).send(new PublishCommand({ TopicArn: 'arn:aws:sns:ap-southeast-1:1:t', Message: 'm' }))],
  ['ListQueues', (s) => sqsClient(s).send(new ListQueuesCommand({}))],
  ['GetParameter', (s) => ssmClient(s).send(new GetParameterCommand({ Name: 'p' }))],
];

describe('every client', () => {
  it.each(calls)('throws when %s is not answered within the request timeout', async (operation, call) => {
    aws.on(operation, { hang: 'head' });
    const error = await call(settings).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(isTransient(error)).toBe(true);
  });

  it.each(calls)('makes exactly as many attempts at %s as it is told', async (operation, call) => {
    aws.on(operation, awsError('ServiceUnavailable', 503));
    await expect(call({ maxAttempts: 2, requestTimeoutMs: 5000 })).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(aws.calls).toHaveLength(2);
  });
});

describe('a client', () => {
  it('throws when an answer stalls in its body', async () => {
    aws.on('DescribeTable', { hang: 'body' });
    const error = await dynamodbClient(settings)
      .send(new DescribeTableCommand({ TableName: 't' }))
      .catch((thrown: unknown) => thrown);
    expect(isTransient(error)).toBe(true);
  });

  it('uses its connection again', async () => {
    aws.on('DescribeTable', { json: { Table: {} } });
    const client = dynamodbClient(settings);
    await client.send(new DescribeTableCommand({ TableName: 't' }));
    await client.send(new DescribeTableCommand({ TableName: 't' }));
    expect(aws.calls.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'keep-alive']);
  });
});
