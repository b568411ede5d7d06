import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { s3Client } from '../../../../functions/shared/aws/clients';
import { s3WebhookArchive } from '../../../../functions/shared/aws/s3-webhook-archive';
import { startAwsStub } from '../../../support/aws-stub';
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
const body = Buffer.from([0x7b, 0xff, 0x0d, 0x0a, 0x7d]);
const sha256 = createHash('sha256').update(body);
const object = {
  key: 'webhooks/2026-11-05/paypal/WH-1%7CPAYMENT.json',
  body,
  sha256: sha256.copy().digest('hex'),
  contentType: 'application/json',
  metadata: { 'paypal-transmission-id': 'abc' },
};
const put = () => s3WebhookArchive(s3Client(settings), 'archive').put(object);

describe('put', () => {
  it('writes the raw bytes, their checksum and the headers that verify them', async () => {
    aws.on('PUT', { xml: '', headers: { 'x-amz-version-id': 'v7' } });
    expect(await put()).toEqual({ versionId: 'v7' });
    const [call] = aws.calls;
    expect(call?.path).toMatch(/^\/archive\/webhooks\/2026-11-05\/paypal\/WH-1%257CPAYMENT\.json(\?|$)/);
    expect(call?.body).toEqual(body);
    expect(call?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-amz-meta-paypal-transmission-id': 'abc',
      'x-amz-checksum-sha256': sha256.copy().digest('base64'),
    });
  });

  it('gives no version where the bucket has none', async () => {
    aws.on('PUT', { xml: '' });
    expect(await put()).toEqual({});
  });

  it.each([
    ['is slow', { status: 503, xml: '<Error><Code>SlowDown</Code></Error>' }],
    ['does not answer', { hang: 'head' } as const],
  ])('is unavailable when the bucket %s', async (_, reply) => {
    aws.on('PUT', reply);
    await expect(put()).rejects.toMatchObject({ name: 'Unavailable', reason: 'archive_unavailable' });
  });

  it('is a fault of ours when the bucket refuses', async () => {
    aws.on('PUT', { status: 403, xml: '<Error><Code>AccessDenied</Code></Error>' });
    await expect(put()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
