import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { WebhookArchive } from '../domain/ports';
import { asUnavailable } from './transient';

/** The archive bucket, which encrypts with its own key. S3 checks the bytes against their SHA-256. Throws Unavailable('archive_unavailable'). */
export function s3WebhookArchive(client: Pick<S3Client, 'send'>, bucketName: string): WebhookArchive {
  return {
    async put({ key, body, sha256, contentType, metadata }) {
      const object = {
        Bucket: bucketName,
        Key: key,
        Body: body,
        ContentType: contentType,
        Metadata: { ...metadata },
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
      };
      try {
        const { VersionId: versionId } = await client.send(new PutObjectCommand(object));
        return versionId === undefined ? {} : { versionId };
      } catch (error) {
        throw asUnavailable('archive_unavailable', error);
      }
    },
  };
}
