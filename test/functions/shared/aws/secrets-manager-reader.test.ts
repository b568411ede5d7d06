import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { secretsManagerClient } from '../../../../functions/shared/aws/clients';
import { secretsManagerReader } from '../../../../functions/shared/aws/secrets-manager-reader';
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
const read = () => secretsManagerReader(secretsManagerClient(settings), 'payment-webhooks/dev').read('stripe');

describe('read', () => {
  it("gives the text of the provider's secret", async () => {
    aws.on('GetSecretValue', { json: { SecretString: '{"signingSecrets":["a"]}' } });
    expect(await read()).toBe('{"signingSecrets":["a"]}');
    expect(aws.inputs('GetSecretValue')).toEqual([{ SecretId: 'payment-webhooks/dev/stripe' }]);
  });

  it('reads a secret that was stored as bytes', async () => {
    aws.on('GetSecretValue', { json: { SecretBinary: Buffer.from('{"a":1}').toString('base64') } });
    expect(await read()).toBe('{"a":1}');
  });

  it('is undefined for a secret that was never given a value', async () => {
    aws.on('GetSecretValue', awsError('ResourceNotFoundException'));
    expect(await read()).toBeUndefined();
  });

  it('is undefined for an answer without a value', async () => {
    aws.on('GetSecretValue', { json: {} });
    expect(await read()).toBeUndefined();
  });

  it.each([
    ['may not be read', awsError('AccessDeniedException')],
    ['cannot be decrypted', awsError('DecryptionFailure')],
    ['is throttled', awsError('ThrottlingException')],
    ['does not come', { hang: 'head' } as const],
  ])('is unavailable when the secret %s', async (_, reply) => {
    aws.on('GetSecretValue', reply);
    await expect(read()).rejects.toMatchObject({ name: 'Unavailable', reason: 'secret_unreadable' });
  });
});
