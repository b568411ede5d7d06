import { UnknownCallError } from '../aws-error';
import type { XmlValue } from '../xml';
import { type Bucket, type ObjectVersion } from './bucket';

const MAX_KEYS = 1000;

function maxKeys(query: URLSearchParams): number {
  const asked = Number(query.get('max-keys') ?? MAX_KEYS);
  return Number.isInteger(asked) && asked >= 0 ? Math.min(asked, MAX_KEYS) : MAX_KEYS;
}

/** Keys as the client wants them written. */
function keyWriter(query: URLSearchParams): (key: string) => string {
  const encoding = query.get('encoding-type');
  if (encoding === null) return (key) => key;
  if (encoding !== 'url') throw new UnknownCallError(`the encoding-type ${encoding}`);
  return (key) => encodeURIComponent(key).replaceAll('%2F', '/');
}

/** The index of the first key that is not before `from`. */
function lowerBound(keys: readonly string[], from: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? '') < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function describe(version: ObjectVersion, writeKey: (key: string) => string): Record<string, XmlValue> {
  return {
    Key: writeKey(version.key),
    LastModified: new Date(version.modifiedAt).toISOString(),
    ETag: version.etag,
    Size: version.size,
    StorageClass: 'STANDARD',
  };
}

/** One page of ListObjectsV2. */
export function listObjects(bucket: Bucket, query: URLSearchParams): XmlValue {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  const limit = maxKeys(query);
  const writeKey = keyWriter(query);
  const contents: XmlValue[] = [];
  const prefixes = new Set<string>();
  const { keys } = bucket;
  let last = '';
  let isTruncated = false;
  for (let index = lowerBound(keys, after > prefix ? after : prefix); index < keys.length; index += 1) {
    const key = keys[index] ?? '';
    if (!key.startsWith(prefix)) break;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut === -1 ? undefined : key.slice(0, cut + delimiter.length);
    const version = bucket.current(key);
    // A page that ended with a common prefix goes on behind all of its keys.
    if (version === undefined || key <= after || (common !== undefined && (prefixes.has(common) || after === common))) continue;
    if (contents.length + prefixes.size >= limit) {
      isTruncated = true;
      break;
    }
    if (common === undefined) contents.push(describe(version, writeKey));
    else prefixes.add(common);
    last = common ?? key;
  }
  return {
    Name: bucket.name,
    Prefix: writeKey(prefix),
    Delimiter: delimiter === '' ? undefined : delimiter,
    EncodingType: query.get('encoding-type') ?? undefined,
    MaxKeys: limit,
    KeyCount: contents.length + prefixes.size,
    IsTruncated: isTruncated,
    NextContinuationToken: isTruncated ? Buffer.from(last).toString('base64url') : undefined,
    Contents: contents,
    CommonPrefixes: [...prefixes].map((common) => ({ Prefix: writeKey(common) })),
  };
}

/** One page of ListObjectVersions: keys in order, the newest version of each first. */
export function listVersions(bucket: Bucket, query: URLSearchParams): XmlValue {
  const prefix = query.get('prefix') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker');
  const limit = maxKeys(query);
  const writeKey = keyWriter(query);
  const all = bucket.keys
    .filter((key) => key.startsWith(prefix) && (versionMarker === null ? key > keyMarker : key >= keyMarker))
    .flatMap((key) =>
      bucket
        .versions(key)
        .map((version, index, list) => ({ version, isLatest: index === list.length - 1 }))
        .reverse(),
    );
  const marked =
    versionMarker === null ? -1 : all.findIndex(({ version }) => version.key === keyMarker && version.versionId === versionMarker);
  const page = all.slice(marked + 1, marked + 1 + limit);
  const next = all.length > marked + 1 + limit ? page.at(-1)?.version : undefined;
  const describeVersion = ({ version, isLatest }: (typeof all)[number]): XmlValue => ({
    ...describe(version, writeKey),
    VersionId: version.versionId,
    IsLatest: isLatest,
  });
  return {
    Name: bucket.name,
    Prefix: writeKey(prefix),
    MaxKeys: limit,
    IsTruncated: next !== undefined,
    NextKeyMarker: next === undefined ? undefined : writeKey(next.key),
    NextVersionIdMarker: next?.versionId,
    Version: page.filter(({ version }) => version.blob !== undefined).map(describeVersion),
    DeleteMarker: page.filter(({ version }) => version.blob === undefined).map(describeVersion),
  };
}
