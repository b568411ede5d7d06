import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestAws, type TestAws } from '../test-aws';

const DAY_MS = 24 * 60 * 60 * 1000;
let test: TestAws;

beforeAll(async () => {
  test = await startTestAws();
  for (const Bucket of ['plain', 'versioned']) await test.s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await test.s3.send(new PutBucketVersioningCommand({ Bucket: 'versioned', VersioningConfiguration }));
});
afterAll(() => test.close());

const put = (Bucket: string, Key: string, Body: NonNullable<PutObjectCommandInput['Body']>, options: Partial<PutObjectCommandInput> = {}) =>
  test.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...options }));

async function read(Bucket: string, Key: string, VersionId?: string): Promise<string> {
  const { Body } = await test.s3.send(new GetObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }));
  return (await Body?.transformToString()) ?? '';
}

async function createLockedBucket(Bucket: string, Mode: 'GOVERNANCE' | 'COMPLIANCE') {
  await test.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule: { DefaultRetention: { Mode, Days: 2 } } };
  await test.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
}

describe('a bucket', () => {
  it('is there once, by name', async () => {
    expect((await test.s3.send(new HeadBucketCommand({ Bucket: 'plain' }))).BucketRegion).toBe('ap-southeast-1');
    expect((await test.s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['plain', 'versioned']),
    );
    await expect(test.s3.send(new CreateBucketCommand({ Bucket: 'plain' }))).rejects.toMatchObject({ name: 'BucketAlreadyOwnedByYou' });
    await expect(test.s3.send(new CreateBucketCommand({ Bucket: 'Not_A_Bucket' }))).rejects.toMatchObject({ name: 'InvalidBucketName' });
    await expect(test.s3.send(new HeadBucketCommand({ Bucket: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(put('none', 'a', 'x')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('goes only when it is empty', async () => {
    await test.s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await put('short-lived', 'a', 'x');
    await expect(test.s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }))).rejects.toMatchObject({ name: 'BucketNotEmpty' });
    await test.s3.send(new DeleteObjectCommand({ Bucket: 'short-lived', Key: 'a' }));
    await test.s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
  });

  it('names a call and a parameter that are not known here', async () => {
    const lifecycle = new PutBucketLifecycleConfigurationCommand({ Bucket: 'plain', LifecycleConfiguration: { Rules: [] } });
    await expect(test.s3.send(lifecycle)).rejects.toThrow(/lifecycle/);
    await expect(test.s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a', Range: 'bytes=0-1' }))).rejects.toThrow(/range/);
    expect(test.aws.unknownCalls.filter(({ service }) => service === 's3')).toHaveLength(2);
  });
});

describe('an object', () => {
  it('comes back with its bytes, type, metadata and checksum', async () => {
    const seen: unknown[] = [];
    const stop = test.aws.on('put-object', (event) => seen.push(event));
    const body = Buffer.from([0, 1, 2, 254, 255]);
    const Key = 'webhooks/2026-01-15/strip e/é+&.json';
    await put('plain', Key, body, { ContentType: 'application/json', Metadata: { 'stripe-signature': 't=1' } });
    const got = await test.s3.send(new GetObjectCommand({ Bucket: 'plain', Key }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(body);
    expect(got).toMatchObject({ ContentType: 'application/json', ContentLength: 5, Metadata: { 'stripe-signature': 't=1' } });
    expect(got.ChecksumCRC32).toBeDefined();
    expect(got.LastModified?.getTime()).toBe(test.clock.now());
    expect(seen).toEqual([{ bucket: 'plain', key: Key, size: 5 }]);
    stop();
    const head = await test.s3.send(new HeadObjectCommand({ Bucket: 'plain', Key }));
    expect(head).toMatchObject({ ContentLength: 5, ETag: got.ETag, Metadata: { 'stripe-signature': 't=1' } });
  });

  it('can be streamed, in chunks with a trailing checksum', async () => {
    const parts = [Buffer.alloc(70_000, 'a'), Buffer.from('end')];
    await put('plain', 'streamed', Readable.from(parts), { ContentLength: 70_003 });
    expect(await read('plain', 'streamed')).toBe(Buffer.concat(parts).toString());
    const head = await test.s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'streamed' }));
    expect(head.ContentEncoding).toBeUndefined();
  });

  it('of several megabytes comes back whole', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024, 'webhook');
    await put('plain', 'large', body);
    expect((await read('plain', 'large')).length).toBe(body.length);
  });

  it('with a wrong checksum is refused', async () => {
    await expect(put('plain', 'bad', 'x', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put('plain', 'bad', 'x', { ChecksumSHA256: 'AAAA' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(read('plain', 'bad')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('that is missing is an error of the shape that the SDK knows', async () => {
    await expect(read('plain', 'missing')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    await expect(test.s3.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'missing' }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('is written once with If-None-Match, whoever races', async () => {
    const racers = Array.from({ length: 30 }, (_, index) => put('plain', 'once', String(index), { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(racers);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const [lost] = results.filter((result) => result.status === 'rejected');
    expect(lost?.reason).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    expect(await read('plain', 'once')).toBe(String(results.findIndex(({ status }) => status === 'fulfilled')));
  });

  it('is overwritten with If-Match only over the version that was read', async () => {
    const { ETag = '' } = await put('plain', 'matched', 'one');
    await put('plain', 'matched', 'two', { IfMatch: ETag });
    await expect(put('plain', 'matched', 'three', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('plain', 'unmatched', 'x', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('without versioning is overwritten and deleted for good', async () => {
    expect((await put('plain', 'over', 'one')).VersionId).toBeUndefined();
    await put('plain', 'over', 'two');
    expect(await read('plain', 'over')).toBe('two');
    await test.s3.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'over' }));
    await expect(read('plain', 'over')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const { Versions } = await test.s3.send(new ListObjectVersionsCommand({ Bucket: 'plain', Prefix: 'over' }));
    expect(Versions).toBeUndefined();
  });
});

describe('versions', () => {
  it('are kept, listed newest first, and readable each', async () => {
    const one = await put('versioned', 'doc', 'one');
    const two = await put('versioned', 'doc', 'two');
    expect(await read('versioned', 'doc')).toBe('two');
    expect(await read('versioned', 'doc', one.VersionId)).toBe('one');
    const { Versions } = await test.s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'doc' }));
    expect(Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [two.VersionId, true],
      [one.VersionId, false],
    ]);
    await expect(read('versioned', 'doc', 'none')).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect((await test.s3.send(new GetBucketVersioningCommand({ Bucket: 'versioned' }))).Status).toBe('Enabled');
  });

  it('are hidden by a delete marker, and come back when it goes', async () => {
    await put('versioned', 'hidden', 'x');
    const { DeleteMarker, VersionId } = await test.s3.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'hidden' }));
    expect(DeleteMarker).toBe(true);
    await expect(read('versioned', 'hidden')).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(read('versioned', 'hidden', VersionId)).rejects.toMatchObject({ name: 'MethodNotAllowed' });
    const { DeleteMarkers } = await test.s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'hidden' }));
    expect(DeleteMarkers).toMatchObject([{ Key: 'hidden', VersionId, IsLatest: true }]);
    await test.s3.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'hidden', VersionId }));
    expect(await read('versioned', 'hidden')).toBe('x');
  });

  it('are listed page by page', async () => {
    for (const body of ['1', '2', '3']) await put('versioned', 'paged', body);
    const first = await test.s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'paged', MaxKeys: 2 }));
    expect([first.IsTruncated, first.Versions?.length]).toEqual([true, 2]);
    const marker = { KeyMarker: first.NextKeyMarker, VersionIdMarker: first.NextVersionIdMarker };
    const second = await test.s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned', Prefix: 'paged', ...marker }));
    expect([second.IsTruncated, second.Versions?.length]).toEqual([false, 1]);
  });
});

describe('a listing', () => {
  it('has the keys of a prefix in order, page by page', async () => {
    await test.s3.send(new CreateBucketCommand({ Bucket: 'listed' }));
    for (let index = 24; index >= 0; index -= 1) await put('listed', `audit/${String(index).padStart(2, '0')}`, 'x');
    await put('listed', 'other', 'x');
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page: { Contents?: { Key?: string | undefined }[] | undefined; NextContinuationToken?: string | undefined } =
        await test.s3.send(
          new ListObjectsV2Command({
            Bucket: 'listed',
            Prefix: 'audit/',
            MaxKeys: 10,
            ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
          }),
        );
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(keys).toEqual(Array.from({ length: 25 }, (_, index) => `audit/${String(index).padStart(2, '0')}`));
  });

  it('gathers common prefixes', async () => {
    const page = await test.s3.send(new ListObjectsV2Command({ Bucket: 'listed', Delimiter: '/' }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: 'audit/' }]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(['other']);
    const first = await test.s3.send(new ListObjectsV2Command({ Bucket: 'listed', Delimiter: '/', MaxKeys: 1 }));
    const rest = await test.s3.send(
      new ListObjectsV2Command({ Bucket: 'listed', Delimiter: '/', ContinuationToken: first.NextContinuationToken }),
    );
    expect([first.CommonPrefixes?.length, rest.CommonPrefixes, rest.Contents?.length]).toEqual([1, undefined, 1]);
  });
});

describe('a lock', () => {
  it('keeps a version from being deleted until its retention ends', async () => {
    await createLockedBucket('worm', 'COMPLIANCE');
    const { VersionId } = await put('worm', 'audit', 'x');
    const remove = (BypassGovernanceRetention: boolean) =>
      test.s3.send(new DeleteObjectCommand({ Bucket: 'worm', Key: 'audit', VersionId, BypassGovernanceRetention }));
    await expect(remove(false)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    await expect(remove(true)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { Retention } = await test.s3.send(new GetObjectRetentionCommand({ Bucket: 'worm', Key: 'audit' }));
    expect(Retention).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: new Date(test.clock.now() + 2 * DAY_MS) });
    const deleted = await test.s3.send(
      new DeleteObjectsCommand({ Bucket: 'worm', Delete: { Objects: [{ Key: 'audit', VersionId }, { Key: 'audit' }] } }),
    );
    expect(deleted.Errors).toMatchObject([{ Key: 'audit', VersionId, Code: 'AccessDenied' }]);
    expect(deleted.Deleted).toMatchObject([{ Key: 'audit', DeleteMarker: true }]);
    expect(await read('worm', 'audit', VersionId)).toBe('x');
    test.clock.advance(2 * DAY_MS);
    await remove(false);
    await expect(read('worm', 'audit', VersionId)).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });

  it('of governance gives way to who may bypass it', async () => {
    await createLockedBucket('governed', 'GOVERNANCE');
    const { VersionId } = await put('governed', 'a', 'x');
    const remove = (BypassGovernanceRetention: boolean) =>
      test.s3.send(new DeleteObjectCommand({ Bucket: 'governed', Key: 'a', VersionId, BypassGovernanceRetention }));
    await expect(remove(false)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(remove(true)).resolves.toBeDefined();
  });

  it('comes with versioning that cannot be suspended, and with a configuration', async () => {
    const suspend = new PutBucketVersioningCommand({ Bucket: 'worm', VersioningConfiguration: { Status: 'Suspended' } });
    await expect(test.s3.send(suspend)).rejects.toMatchObject({ name: 'InvalidBucketState' });
    const { ObjectLockConfiguration } = await test.s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'worm' }));
    expect(ObjectLockConfiguration?.Rule?.DefaultRetention).toEqual({ Mode: 'COMPLIANCE', Days: 2 });
    await expect(test.s3.send(new GetObjectLockConfigurationCommand({ Bucket: 'plain' }))).rejects.toMatchObject({
      name: 'ObjectLockConfigurationNotFoundError',
    });
  });
});
