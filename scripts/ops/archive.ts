import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { isErrorNamed, OpsFailure } from './failure';
import type { Target } from './target';

/** A webhook's raw bytes, with the headers that its signature covers (names in lower case). */
export interface RawWebhook {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly from: 'archive' | 'row';
}

/** The bytes as archived; from the row while they are not archived yet; undefined where they are in neither place. */
export async function readRawWebhook({ s3, names }: Target, stored: StoredEvent): Promise<RawWebhook | undefined> {
  const { archiveKey, archiveVersionId, bodyGzip, signedHeaders } = stored;
  try {
    const version = archiveVersionId === undefined ? {} : { VersionId: archiveVersionId };
    const object = await s3.send(new GetObjectCommand({ Bucket: names.archiveBucket, Key: archiveKey, ...version }));
    const metadata = Object.entries(object.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), decoded(value)] as const);
    const body = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    // Headers that are too long for metadata are in the row only.
    return { body, headers: { ...signedHeaders, ...Object.fromEntries(metadata) }, from: 'archive' };
  } catch (error) {
    if (isErrorNamed(error, 'InvalidObjectState')) {
      throw new OpsFailure(`s3://${names.archiveBucket}/${archiveKey} is in cold storage: restore it first (aws s3api restore-object)`);
    }
    if (!isErrorNamed(error, 'NoSuchKey', 'NotFound', 'NoSuchVersion')) throw error;
    return bodyGzip === undefined ? undefined : { body: gunzipSync(bodyGzip), headers: signedHeaders, from: 'row' };
  }
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
