import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsError, UnknownCallError } from '../aws-error';
import type { Account, Reply } from '../service';
import { findXml, renderXml, type XmlElement, type XmlValue } from '../xml';
import type { Blobs } from './blobs';
import { type Bucket, noSuchKey, NULL_VERSION, type ObjectVersion, type Retention } from './bucket';
import { readPayload } from './payload';

const KEPT_HEADERS =
  /^(content-type|content-disposition|content-language|cache-control|expires|x-amz-meta-.+|x-amz-server-side-encryption.*)$/;

/** What an operation on an object works with. */
export interface ObjectRequest {
  account: Account;
  blobs: Blobs;
  bucket: Bucket;
  key: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(
    (pair): pair is [string, string] => KEPT_HEADERS.test(pair[0]) && typeof pair[1] === 'string',
  );
  const encodings = (header(headers, 'content-encoding') ?? '').split(/\s*,\s*/).filter((one) => one !== '' && one !== 'aws-chunked');
  const encoding = encodings.length === 0 ? {} : { 'content-encoding': encodings.join(',') };
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(kept), ...encoding };
}

function askedRetention(headers: IncomingHttpHeaders): Retention | undefined {
  const mode = header(headers, 'x-amz-object-lock-mode');
  const until = Date.parse(header(headers, 'x-amz-object-lock-retain-until-date') ?? '');
  if (mode === undefined) return undefined;
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || Number.isNaN(until)) {
    throw new AwsError('InvalidArgument', 'x-amz-object-lock-mode and x-amz-object-lock-retain-until-date must be supplied together');
  }
  return { mode, until };
}

function checkPreconditions({ bucket, key, headers }: ObjectRequest): void {
  const current = bucket.current(key);
  const failed = new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { status: 412 });
  const ifNoneMatch = header(headers, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw new UnknownCallError(`an If-None-Match other than *`);
  if (ifNoneMatch === '*' && current !== undefined) throw failed;
  const ifMatch = header(headers, 'if-match');
  if (ifMatch === undefined) return;
  if (current === undefined) throw noSuchKey(key);
  if (current.etag !== ifMatch) throw failed;
}

function versionHeader(bucket: Bucket, version: ObjectVersion | undefined): Record<string, string> {
  return bucket.versioning === undefined || version === undefined ? {} : { 'x-amz-version-id': version.versionId };
}

/** PutObject. */
export async function putObject(request: ObjectRequest): Promise<Reply> {
  const { account, blobs, bucket, key, headers, body } = request;
  if (headers['x-amz-copy-source'] !== undefined) throw new UnknownCallError('the call s3:CopyObject');
  const { bytes, checksums } = readPayload(headers, body);
  const isLocked = bucket.defaultRetention !== undefined || askedRetention(headers) !== undefined;
  if (isLocked && Object.keys(checksums).length === 0 && headers['content-md5'] === undefined) {
    throw new AwsError(
      'InvalidRequest',
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters',
    );
  }
  const blob = await blobs.put(bytes);
  try {
    // Checked after the bytes are stored, so that nothing can come between the check and the version.
    checkPreconditions(request);
  } catch (error) {
    blobs.drop(blob);
    throw error;
  }
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const stored = {
    key,
    etag,
    size: bytes.length,
    blob,
    headers: { ...keptHeaders(headers), ...checksums },
    retention: askedRetention(headers),
  };
  const { version, replaced } = bucket.put(stored);
  if (replaced?.blob !== undefined) blobs.drop(replaced.blob);
  const versionId = version.versionId === NULL_VERSION ? {} : { versionId: version.versionId };
  account.observers.emit('put-object', { bucket: bucket.name, key, size: bytes.length, ...versionId });
  return { status: 200, headers: { etag, ...checksums, ...versionHeader(bucket, version) }, body: '' };
}

function findVersion({ bucket, key, query }: ObjectRequest): ObjectVersion {
  const versionId = query.get('versionId');
  if (versionId !== null) {
    const version = bucket.version(key, versionId);
    if (version.blob !== undefined) return version;
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', { status: 405 });
  }
  const current = bucket.current(key);
  if (current === undefined) throw noSuchKey(key);
  return current;
}

/** GetObject, and HeadObject, whose body the server leaves out. */
export async function getObject(request: ObjectRequest, isHead: boolean): Promise<Reply> {
  const { blobs, bucket, headers } = request;
  const unknown = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].find(
    (name) => headers[name] !== undefined,
  );
  if (unknown !== undefined) throw new UnknownCallError(`the header ${unknown} on s3:GetObject`);
  const version = findVersion(request);
  const wantsChecksums = headers['x-amz-checksum-mode'] === 'ENABLED';
  const kept = Object.entries(version.headers).filter(([name]) => wantsChecksums || !name.startsWith('x-amz-checksum-'));
  const lock: Record<string, string> =
    version.retention === undefined
      ? {}
      : {
          'x-amz-object-lock-mode': version.retention.mode,
          'x-amz-object-lock-retain-until-date': new Date(version.retention.until).toISOString(),
        };
  return {
    status: 200,
    headers: {
      ...Object.fromEntries(kept),
      ...lock,
      ...versionHeader(bucket, version),
      etag: version.etag,
      'last-modified': new Date(version.modifiedAt).toUTCString(),
      'accept-ranges': 'bytes',
      'content-length': version.size,
    },
    body: isHead || version.blob === undefined ? '' : await blobs.read(version.blob),
  };
}

interface Deletion {
  versionId: string | undefined;
  markerId: string | undefined;
}

function remove(request: ObjectRequest, key: string, versionId: string | undefined): Deletion {
  const { blobs, bucket, headers } = request;
  if (versionId === undefined) {
    const { marker, removed } = bucket.deleteCurrent(key);
    if (removed?.blob !== undefined) blobs.drop(removed.blob);
    return { versionId: undefined, markerId: marker?.versionId };
  }
  const removed = bucket.deleteVersion(key, versionId, headers['x-amz-bypass-governance-retention'] === 'true');
  if (removed?.blob !== undefined) blobs.drop(removed.blob);
  return { versionId, markerId: removed !== undefined && removed.blob === undefined ? removed.versionId : undefined };
}

/** DeleteObject. */
export function deleteObject(request: ObjectRequest): Reply {
  const { versionId, markerId } = remove(request, request.key, request.query.get('versionId') ?? undefined);
  const shownId = versionId ?? markerId;
  const marker: Record<string, string> = markerId === undefined ? {} : { 'x-amz-delete-marker': 'true' };
  return { status: 204, headers: { ...marker, ...(shownId === undefined ? {} : { 'x-amz-version-id': shownId }) }, body: '' };
}

/** DeleteObjects: each with its own result. */
export function deleteObjects(request: ObjectRequest, document: XmlElement | undefined): Reply {
  const root = findXml(document, 'Delete');
  const objects = root?.children.get('Object') ?? [];
  if (objects.length === 0 || objects.length > 1000) {
    throw new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
  }
  const results = objects.map((object): { Deleted: XmlValue } | { Error: XmlValue } => {
    const Key = findXml(object, 'Key')?.text ?? '';
    const VersionId = findXml(object, 'VersionId')?.text;
    try {
      const { versionId, markerId } = remove(request, Key, VersionId);
      const marker = markerId === undefined ? {} : { DeleteMarker: true, DeleteMarkerVersionId: markerId };
      return { Deleted: { Key, VersionId: versionId, ...marker } };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { Error: { Key, VersionId, Code: error.code, Message: error.message } };
    }
  });
  const isQuiet = findXml(root, 'Quiet')?.text === 'true';
  const body = {
    Deleted: isQuiet ? [] : results.flatMap((result) => ('Deleted' in result ? [result.Deleted] : [])),
    Error: results.flatMap((result) => ('Error' in result ? [result.Error] : [])),
  };
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml('DeleteResult', body) };
}
