import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { s3Client } from '../../../../functions/shared/aws/clients';
import { s3AuditLog } from '../../../../functions/shared/aws/s3-audit-log';
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

describe('append', () => {
  it('writes the object with a checksum, without which a bucket with object lock refuses it', async () => {
    aws.on('PUT', { xml: '' });
    await s3AuditLog(s3Client(settings), 'audit').append('audit/2026/11/05/10/1.ndjson.gz', Buffer.from('zipped'));
    const [call] = aws.calls;
    expect(call?.path).toContain('/audit/audit/2026/11/05/10/1.ndjson.gz');
    expect(call?.body.toString()).toBe('zipped');
    expect(call?.headers['content-type']).toBe('application/gzip');
    expect(Object.keys(call?.headers ?? {}).some((name) => name.startsWith('x-amz-checksum-'))).toBe(true);
  });

  it('throws when the bucket refuses', async () => {
    aws.on('PUT', { status: 403, xml: '<Error><Code>AccessDenied</Code></Error>' });
    await expect(s3AuditLog(s3Client(settings), 'audit').append('k', Buffer.from('x'))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
