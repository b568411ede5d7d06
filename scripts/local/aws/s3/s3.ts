import { randomUUID } from 'node:crypto';
import { AwsError, UnknownCallError } from '../aws-error';
import type { Account, Call, Reply, Request } from '../service';
import { findXml, parseXml, renderXml, type XmlValue } from '../xml';
import { createBlobs } from './blobs';
import { Bucket, type DefaultRetention } from './bucket';
import { listObjects, listVersions } from './listing';
import { deleteObject, deleteObjects, getObject, type ObjectRequest, putObject } from './objects';

/** S3 with path-style addresses. */
export interface S3 {
  call(request: Request): Call;
  close(): Promise<void>;
}

/** Operations by method, level and subresource, with the query parameters that they understand. */
const operations: Readonly<Record<string, readonly [name: string, ...parameters: string[]]>> = {
  'GET service': ['ListBuckets'],
  'PUT bucket': ['CreateBucket'],
  'HEAD bucket': ['HeadBucket'],
  'DELETE bucket': ['DeleteBucket'],
  'GET bucket location': ['GetBucketLocation'],
  'PUT bucket versioning': ['PutBucketVersioning'],
  'GET bucket versioning': ['GetBucketVersioning'],
  'PUT bucket object-lock': ['PutObjectLockConfiguration'],
  'GET bucket object-lock': ['GetObjectLockConfiguration'],
  'GET bucket list-type': [
    'ListObjectsV2',
    'prefix',
    'delimiter',
    'max-keys',
    'continuation-token',
    'start-after',
    'encoding-type',
    'fetch-owner',
  ],
  'GET bucket versions': ['ListObjectVersions', 'prefix', 'max-keys', 'key-marker', 'version-id-marker', 'encoding-type'],
  'POST bucket delete': ['DeleteObjects'],
  'PUT object': ['PutObject'],
  'GET object': ['GetObject', 'versionId'],
  'HEAD object': ['HeadObject', 'versionId'],
  'DELETE object': ['DeleteObject', 'versionId'],
  'GET object retention': ['GetObjectRetention', 'versionId'],
};

function xml(name: string, value: XmlValue, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>${renderXml(name, value)}`,
  };
}

const done: Reply = { status: 200, headers: {}, body: '' };

interface Address {
  bucket: string;
  key: string;
  query: URLSearchParams;
  name: string;
}

/** Presigned URLs carry their signature as parameters. */
function isSigning(parameter: string): boolean {
  return parameter === 'x-id' || parameter.toLowerCase().startsWith('x-amz-');
}

function address({ method, url }: Request): Address {
  const [path = '/', search = ''] = url.split('?', 2);
  const [, bucket = '', ...rest] = path.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const query = new URLSearchParams(search);
  const level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const parameters = [...query.keys()].filter((parameter) => !isSigning(parameter));
  const subresource = parameters.find((parameter) => Object.hasOwn(operations, `${method} ${level} ${parameter}`));
  const entry = operations[subresource === undefined ? `${method} ${level}` : `${method} ${level} ${subresource}`];
  const unknown = parameters.find((parameter) => parameter !== subresource && !entry?.includes(parameter));
  if (entry === undefined || unknown !== undefined)
    throw new UnknownCallError(`the call s3 ${method} ${level} ${parameters.join(' ')}`.trim());
  return { bucket: decodeURIComponent(bucket), key, query, name: entry[0] };
}

function parseDefaultRetention(body: Buffer): DefaultRetention | undefined {
  const configuration = findXml(parseXml(body.toString('utf8')), 'ObjectLockConfiguration');
  const rule = findXml(configuration, 'Rule', 'DefaultRetention');
  if (rule === undefined) return undefined;
  const mode = findXml(rule, 'Mode')?.text;
  const days = Number(findXml(rule, 'Days')?.text ?? Number(findXml(rule, 'Years')?.text) * 365);
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || !Number.isInteger(days) || days < 1) {
    throw new AwsError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
  }
  return { mode, days };
}

function fail(error: AwsError): Reply {
  return xml('Error', { Code: error.code, Message: error.message, ...toXml(error.members), RequestId: randomUUID() }, error.status);
}

function toXml(members: Record<string, unknown>): Record<string, XmlValue> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));
}

/** Amazon S3. Differences from AWS: docs/local-aws.md. */
export function createS3(account: Account): S3 {
  const buckets = new Map<string, Bucket>();
  const blobs = createBlobs();

  function find(name: string): Bucket {
    const bucket = buckets.get(name);
    if (bucket === undefined) {
      throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', { status: 404, members: { BucketName: name } });
    }
    return bucket;
  }

  function createBucket({ bucket: name }: Address, { headers }: Request): Reply {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
    if (buckets.has(name)) {
      throw new AwsError('BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded and you already own it.', {
        status: 409,
      });
    }
    buckets.set(name, new Bucket(name, headers['x-amz-bucket-object-lock-enabled'] === 'true', account.clock));
    return { ...done, headers: { location: `/${name}` } };
  }

  function onBucket(name: string, bucket: Bucket, query: URLSearchParams, { body }: Request): Reply {
    switch (name) {
      case 'HeadBucket':
        return { ...done, headers: { 'x-amz-bucket-region': account.region } };
      case 'DeleteBucket':
        if (!bucket.isEmpty) throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', { status: 409 });
        buckets.delete(bucket.name);
        return { ...done, status: 204 };
      case 'GetBucketLocation':
        return xml('LocationConstraint', account.region);
      case 'PutBucketVersioning': {
        const status = findXml(parseXml(body.toString('utf8')), 'VersioningConfiguration', 'Status')?.text;
        if (status !== 'Enabled' && status !== 'Suspended') throw new AwsError('MalformedXML', 'The XML you provided was not well-formed');
        if (bucket.hasObjectLock && status === 'Suspended') {
          throw new AwsError(
            'InvalidBucketState',
            'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
            { status: 409 },
          );
        }
        bucket.versioning = status;
        return done;
      }
      case 'GetBucketVersioning':
        return xml('VersioningConfiguration', { Status: bucket.versioning });
      case 'PutObjectLockConfiguration':
        if (!bucket.hasObjectLock) {
          throw new AwsError('InvalidBucketState', 'Object Lock configuration cannot be enabled on existing buckets', { status: 409 });
        }
        bucket.defaultRetention = parseDefaultRetention(body);
        return done;
      case 'GetObjectLockConfiguration':
        return objectLock(bucket);
      case 'ListObjectsV2':
        return xml('ListBucketResult', listObjects(bucket, query));
      default:
        return xml('ListVersionsResult', listVersions(bucket, query));
    }
  }

  function objectLock(bucket: Bucket): Reply {
    if (!bucket.hasObjectLock) {
      throw new AwsError('ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket', {
        status: 404,
      });
    }
    const { defaultRetention } = bucket;
    const rule = defaultRetention && { DefaultRetention: { Mode: defaultRetention.mode, Days: defaultRetention.days } };
    return xml('ObjectLockConfiguration', { ObjectLockEnabled: 'Enabled', Rule: rule });
  }

  function onObject(name: string, request: ObjectRequest): Reply | Promise<Reply> {
    switch (name) {
      case 'PutObject':
        return putObject(request);
      case 'DeleteObject':
        return deleteObject(request);
      case 'GetObjectRetention': {
        const versionId = request.query.get('versionId');
        const version = versionId === null ? request.bucket.current(request.key) : request.bucket.version(request.key, versionId);
        if (version?.retention === undefined) {
          throw new AwsError('NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration', {
            status: 404,
          });
        }
        return xml('Retention', { Mode: version.retention.mode, RetainUntilDate: new Date(version.retention.until).toISOString() });
      }
      default:
        return getObject(request, name === 'HeadObject');
    }
  }

  function run(where: Address, request: Request): Reply | Promise<Reply> {
    if (where.name === 'ListBuckets') {
      const Bucket = [...buckets.values()].map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt).toISOString() }));
      return xml('ListAllMyBucketsResult', { Buckets: { Bucket } });
    }
    if (where.name === 'CreateBucket') return createBucket(where, request);
    const bucket = find(where.bucket);
    const { headers, body } = request;
    const objectRequest = { account, blobs, bucket, key: where.key, query: where.query, headers, body };
    if (where.name === 'DeleteObjects') return deleteObjects(objectRequest, parseXml(body.toString('utf8')));
    return where.key === '' ? onBucket(where.name, bucket, where.query, request) : onObject(where.name, objectRequest);
  }

  return {
    call(request) {
      const unknown = (error: unknown): Call => ({
        service: 's3',
        operation: `${request.method} ${request.url.split('?')[0] ?? ''}`,
        input: {},
        run: () => Promise.reject(error instanceof Error ? error : new Error(String(error))),
        fail,
      });
      try {
        const where = address(request);
        const input = { Bucket: where.bucket, Key: where.key };
        return { service: 's3', operation: where.name, input, run: () => run(where, request), fail };
      } catch (error) {
        return unknown(error);
      }
    },
    close: () => blobs.close(),
  };
}
