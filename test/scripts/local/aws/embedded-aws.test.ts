import { createServer } from 'node:net';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedAws } from '../../../../scripts/local/aws/embedded-aws';
import { callJson, startTestAws, type TestAws } from './test-aws';

let test: TestAws;
let QueueUrl: string;

beforeAll(async () => {
  test = await startTestAws();
  QueueUrl = (await test.sqs.send(new CreateQueueCommand({ QueueName: 'faulty' }))).QueueUrl ?? '';
});
afterEach(() => {
  test.aws.faults.clear();
});
afterAll(() => test.close());

const signedFor = (service: string) => ({ authorization: `AWS4-HMAC-SHA256 Credential=a/20260115/r/${service}/aws4_request, Signature=0` });
const send = () => test.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));

async function depth() {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
  return Number((await test.sqs.send(command)).Attributes?.['ApproximateNumberOfMessages']);
}

describe('the embedded AWS', () => {
  it('listens on loopback, and says so when its port is taken', async () => {
    expect(test.aws.endpoint).toBe(`http://127.0.0.1:${test.aws.port}`);
    await expect(startEmbeddedAws({ port: test.aws.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(test.aws.port, '127.0.0.2', resolve));
    await new Promise((resolve) => other.close(resolve));
  });

  it('refuses requests that are not signed', async () => {
    const response = await fetch(`${test.aws.endpoint}/bucket/key`);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('MissingAuthenticationToken')]);
  });

  it('names and remembers services and operations that it does not know', async () => {
    const { status, body } = await callJson(test.aws, 'AWSStepFunctions.StartExecution', {});
    expect([status, body['message']]).toEqual([501, expect.stringContaining('AWSStepFunctions')]);
    await expect(callJson(test.aws, 'AmazonSQS.AddPermission', {})).resolves.toMatchObject({ status: 501 });
    const response = await fetch(test.aws.endpoint, { method: 'POST', headers: signedFor('ec2'), body: 'Action=DescribeVpcs' });
    expect(await response.text()).toContain('the service ec2');
    expect(test.aws.unknownCalls.map(({ message }) => message)).toEqual([
      'The embedded AWS does not know the service of AWSStepFunctions.StartExecution',
      'The embedded AWS does not know the call sqs:AddPermission',
      'The embedded AWS does not know the service ec2',
    ]);
  });

  it('answers bodies that are not what the protocol says', async () => {
    const headers = { ...signedFor('sqs'), 'x-amz-target': 'AmazonSQS.ListQueues' };
    expect((await fetch(test.aws.endpoint, { method: 'POST', headers, body: '{' })).status).toBe(400);
    expect((await callJson(test.aws, 'AmazonSQS.SendMessage', { QueueUrl: 5 })).body['message']).toMatch(/Parameter QueueUrl is not valid/);
    expect((await callJson(test.aws, 'AmazonSQS.ListQueues', [])).body['__type']).toMatch(/SerializationException$/);
    expect((await callJson(test.aws, 'AmazonSQS.constructor', {})).status).toBe(501);
  });

  it('tells who the caller is', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const response = await fetch(test.aws.endpoint, { method: 'POST', headers: signedFor('sts'), body });
    expect(await response.text()).toContain('<Account>123456789012</Account>');
  });

  it('closes while clients hold connections and polls', async () => {
    const aws = await startEmbeddedAws();
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const sqs = new SQSClient({ endpoint: aws.endpoint, region: aws.region, credentials, maxAttempts: 1 });
    await sqs.send(new ListQueuesCommand({}));
    const started = Date.now();
    await aws.close();
    expect(Date.now() - started).toBeLessThan(10_000);
    await expect(sqs.send(new ListQueuesCommand({}))).rejects.toThrow();
    sqs.destroy();
  });
});

describe('a fault', () => {
  it('answers with an error, as often as it says', async () => {
    test.aws.faults.add({ service: 'sqs', operation: 'SendMessage', times: 2, error: { code: 'ThrottlingException', status: 400 } });
    await expect(send()).rejects.toMatchObject({ name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
    await expect(send()).rejects.toThrow();
    await expect(send()).resolves.toBeDefined();
    expect(await depth()).toBe(1);
  });

  it('meets only the calls that it matches, until it is removed', async () => {
    const remove = test.aws.faults.add({
      service: 'dynamodb',
      operation: '*',
      match: (input) => JSON.stringify(input).includes('payments-a'),
      error: { code: 'InternalServerError', status: 500 },
    });
    const get = (TableName: string) => test.dynamodb.send(new GetItemCommand({ TableName, Key: { id: { S: 'x' } } }));
    await expect(get('payments-a')).rejects.toMatchObject({ name: 'InternalServerError' });
    await expect(get('payments-b')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    remove();
    await expect(get('payments-a')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('cuts the connection before or after the effect', async () => {
    const before = await depth();
    test.aws.faults.add({ service: 'sqs', operation: 'SendMessage', times: 1, dropBeforeEffect: true });
    await expect(send()).rejects.toThrow(/socket|ECONNRESET/);
    expect(await depth()).toBe(before);
    test.aws.faults.add({ service: 'sqs', operation: 'SendMessage', times: 1, dropAfterEffect: true });
    await expect(send()).rejects.toThrow(/socket|ECONNRESET/);
    expect(await depth()).toBe(before + 1);
  });

  it('delays the effect, or only the answer', async () => {
    const before = await depth();
    const turn = () => new Promise((resolve) => setTimeout(resolve, 40));
    test.aws.faults.add({ service: 'sqs', operation: 'SendMessage', times: 1, delayMs: 500 });
    const late = send();
    await turn();
    expect(await depth()).toBe(before);
    test.clock.advance(500);
    await late;
    test.aws.faults.add({ service: 'sqs', operation: 'SendMessage', times: 1, delayAnswerMs: 500 });
    const slow = send();
    await turn();
    expect(await depth()).toBe(before + 2);
    test.clock.advance(500);
    await slow;
  });
});
