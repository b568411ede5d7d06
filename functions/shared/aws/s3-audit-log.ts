import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AuditLog } from '../domain/ports';

/** The audit bucket; its object lock sets the retention of every object. */
export function s3AuditLog(client: Pick<S3Client, 'send'>, bucketName: string): AuditLog {
  return {
    async append(key, ndjsonGzip) {
      await client.send(new PutObjectCommand({ Bucket: bucketName, Key: key, Body: ndjsonGzip, ContentType: 'application/gzip' }));
    },
  };
}
