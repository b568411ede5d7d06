import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { Clock } from '../clock';
import type { Blob } from './blobs';

/** Until when and how firmly a version is locked. */
export interface Retention {
  mode: 'GOVERNANCE' | 'COMPLIANCE';
  until: number;
}

/** One version of an object, or a delete marker where it has no blob. */
export interface ObjectVersion {
  key: string;
  versionId: string;
  etag: string;
  size: number;
  modifiedAt: number;
  blob: Blob | undefined;
  /** Headers that a reader gets back: content type, metadata, checksums, encryption. */
  headers: Readonly<Record<string, string>>;
  retention: Retention | undefined;
}

/** The lock that new versions get. */
export interface DefaultRetention {
  mode: Retention['mode'];
  days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** The version id of objects from before versioning, or without it. */
export const NULL_VERSION = 'null';

/** The error for a key or version that is not there. */
export function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', { status: 404, members: { Key: key } });
}

/** A bucket's objects and the settings that change what happens to them. */
export class Bucket {
  readonly name: string;
  readonly createdAt: number;
  readonly hasObjectLock: boolean;
  versioning: 'Enabled' | 'Suspended' | undefined;
  defaultRetention: DefaultRetention | undefined;

  readonly #clock: Clock;
  /** Versions of a key, the oldest first. */
  readonly #objects = new Map<string, ObjectVersion[]>();
  #sortedKeys: string[] | undefined;

  constructor(name: string, hasObjectLock: boolean, clock: Clock) {
    this.name = name;
    this.hasObjectLock = hasObjectLock;
    this.versioning = hasObjectLock ? 'Enabled' : undefined;
    this.#clock = clock;
    this.createdAt = clock.now();
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  /** Keys in order; delete markers included. */
  get keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()].sort((a, b) => (a < b ? -1 : 1));
    return this.#sortedKeys;
  }

  versions(key: string): readonly ObjectVersion[] {
    return this.#objects.get(key) ?? [];
  }

  /** The newest version; undefined where there is none or it is a delete marker. */
  current(key: string): ObjectVersion | undefined {
    const latest = this.#objects.get(key)?.at(-1);
    return latest?.blob === undefined ? undefined : latest;
  }

  version(key: string, versionId: string): ObjectVersion {
    const found = this.#objects.get(key)?.find((one) => one.versionId === versionId);
    if (found === undefined) throw new AwsError('NoSuchVersion', 'The specified version does not exist.', { status: 404 });
    return found;
  }

  /** Adds a version as the newest; the answer has what it replaced, where versioning is off. */
  put(object: Omit<ObjectVersion, 'versionId' | 'modifiedAt'>): { version: ObjectVersion; replaced: ObjectVersion | undefined } {
    const modifiedAt = this.#clock.now();
    const versionId = this.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : NULL_VERSION;
    const retention = object.retention ?? this.#newRetention(modifiedAt);
    const version: ObjectVersion = { ...object, versionId, modifiedAt, retention: object.blob === undefined ? undefined : retention };
    const existing = this.#objects.get(object.key);
    if (existing === undefined) {
      this.#objects.set(object.key, [version]);
      this.#sortedKeys = undefined;
      return { version, replaced: undefined };
    }
    const replacedIndex = versionId === NULL_VERSION ? existing.findIndex((one) => one.versionId === NULL_VERSION) : -1;
    const [replaced] = replacedIndex === -1 ? [] : existing.splice(replacedIndex, 1);
    existing.push(version);
    return { version, replaced };
  }

  /** Deletes the current version: a marker where the bucket is versioned, else the object itself. */
  deleteCurrent(key: string): { marker: ObjectVersion | undefined; removed: ObjectVersion | undefined } {
    if (this.versioning === undefined) {
      const removed = this.#objects.get(key)?.at(-1);
      if (removed !== undefined) this.#remove(removed);
      return { marker: undefined, removed };
    }
    const { version, replaced } = this.put({ key, etag: '', size: 0, blob: undefined, headers: {}, retention: undefined });
    return { marker: version, removed: replaced };
  }

  /** Deletes one version for good, unless it is locked. */
  deleteVersion(key: string, versionId: string, mayBypassGovernance: boolean): ObjectVersion | undefined {
    const found = this.#objects.get(key)?.find((one) => one.versionId === versionId);
    if (found === undefined) return undefined;
    const lock = found.retention;
    const isLocked = lock !== undefined && lock.until > this.#clock.now();
    if (isLocked && !(lock.mode === 'GOVERNANCE' && mayBypassGovernance)) {
      throw new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', { status: 403 });
    }
    this.#remove(found);
    return found;
  }

  #newRetention(now: number): Retention | undefined {
    if (this.defaultRetention === undefined) return undefined;
    return { mode: this.defaultRetention.mode, until: now + this.defaultRetention.days * DAY_MS };
  }

  #remove(version: ObjectVersion): void {
    const left = this.#objects.get(version.key)?.filter((one) => one !== version) ?? [];
    if (left.length > 0) {
      this.#objects.set(version.key, left);
      return;
    }
    this.#objects.delete(version.key);
    this.#sortedKeys = undefined;
  }
}
