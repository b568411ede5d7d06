import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, GetParameterCommand, GetParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callJson, startTestAws, type TestAws } from './test-aws';

let test: TestAws;

beforeAll(async () => {
  test = await startTestAws();
});
afterAll(() => test.close());

describe('a parameter', () => {
  const Name = '/payment-webhook/dev/config';

  it('is put, read, overwritten on request and deleted', async () => {
    const put = (Value: string, Overwrite: boolean) => test.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }));
    expect((await put('{"a":1}', false)).Version).toBe(1);
    await expect(put('{}', false)).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect((await put('{"a":2}', true)).Version).toBe(2);
    const { Parameter } = await test.ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    expect(Parameter).toMatchObject({ Name, Value: '{"a":2}', Type: 'String', Version: 2 });
    expect(Parameter?.ARN).toBe(`arn:aws:ssm:ap-southeast-1:123456789012:parameter${Name}`);
    const several = await test.ssm.send(new GetParametersCommand({ Names: [Name, 'none'] }));
    expect([several.Parameters?.length, several.InvalidParameters]).toEqual([1, ['none']]);
    await test.ssm.send(new DeleteParameterCommand({ Name }));
    await expect(test.ssm.send(new GetParameterCommand({ Name }))).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });
});

describe('a secret', () => {
  const SecretId = 'payment-webhooks/dev/stripe';

  it('that was made without a value has none', async () => {
    const { ARN = '' } = await test.secrets.send(new CreateSecretCommand({ Name: SecretId }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:payment-webhooks\/dev\/stripe-\w{6}$/);
    await expect(test.secrets.send(new GetSecretValueCommand({ SecretId }))).rejects.toThrow(/AWSCURRENT/);
    await expect(test.secrets.send(new GetSecretValueCommand({ SecretId: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(test.secrets.send(new CreateSecretCommand({ Name: SecretId }))).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  it('gives its current and its previous value, by name and ARN', async () => {
    const first = await test.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'one' }));
    const second = await test.secrets.send(new PutSecretValueCommand({ SecretId: first.ARN, SecretString: 'two' }));
    expect((await test.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('two');
    const previous = await test.secrets.send(new GetSecretValueCommand({ SecretId: first.ARN, VersionStage: 'AWSPREVIOUS' }));
    expect([previous.SecretString, previous.VersionId]).toEqual(['one', first.VersionId]);
    const back = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: first.VersionId, RemoveFromVersionId: second.VersionId };
    await test.secrets.send(new UpdateSecretVersionStageCommand(back));
    expect((await test.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('one');
    const { VersionIdsToStages } = await test.secrets.send(new DescribeSecretCommand({ SecretId }));
    expect(VersionIdsToStages).toEqual({ [first.VersionId ?? '']: ['AWSCURRENT'], [second.VersionId ?? '']: ['AWSPREVIOUS'] });
  });

  it('takes the same token with the same value only', async () => {
    const ClientRequestToken = '11111111-2222-3333-4444-555555555555';
    const put = (SecretString: string) => test.secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
    await put('same');
    await expect(put('same')).resolves.toMatchObject({ VersionId: ClientRequestToken });
    await expect(put('other')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });
});

describe('a log group', () => {
  it('keeps what is written to its streams', async () => {
    const call = (name: string, input: object) => callJson(test.aws, `Logs_20140328.${name}`, { logGroupName: '/g', ...input });
    expect((await call('CreateLogGroup', {})).status).toBe(200);
    expect((await call('CreateLogGroup', {})).body['__type']).toMatch(/#ResourceAlreadyExistsException$/);
    const write = { logStreamName: 's', logEvents: [{ timestamp: 5, message: 'one' }] };
    expect((await call('PutLogEvents', write)).body['__type']).toMatch(/#ResourceNotFoundException$/);
    await call('CreateLogStream', { logStreamName: 's' });
    await call('PutLogEvents', write);
    expect((await call('GetLogEvents', { logStreamName: 's' })).body['events']).toMatchObject([{ timestamp: 5, message: 'one' }]);
    expect((await call('FilterLogEvents', { startTime: 6 })).body['events']).toEqual([]);
    expect((await call('DescribeLogStreams', {})).body['logStreams']).toMatchObject([{ logStreamName: 's' }]);
    expect((await call('FilterLogEvents', { filterPattern: 'x' })).body['message']).toMatch(/filterPattern/);
  });
});
