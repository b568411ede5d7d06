import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { groupsOf } from './event-index';
import { OpsFailure } from './failure';
import type { Session } from './session';

const recordSchema = v.object({
  eventName: v.string(),
  time: v.string(),
  keys: v.object({ paymentId: v.string(), eventKey: v.string() }),
  changes: v.record(v.string(), v.object({ old: v.unknown(), new: v.unknown() })),
  principal: v.optional(v.string()),
});

/** One change of a row as the audit bucket has it. */
export interface AuditRecord extends v.InferOutput<typeof recordSchema> {
  readonly auditKey: string;
  /** When the object was written; ISO 8601. */
  readonly writtenAt: string;
}

export interface AuditSearch {
  /** Moments around which the changes were made. */
  readonly around: readonly number[];
  readonly matches: (record: AuditRecord) => boolean;
  /** Nothing is read beyond this many matches. */
  readonly enough: number;
}

export interface AuditFinding {
  readonly records: readonly AuditRecord[];
  readonly objectsRead: number;
  /** False where there was more to read than is sensible. */
  readonly complete: boolean;
}

interface AuditObject {
  readonly key: string;
  readonly writtenAt: number;
}

const maxObjects = 1000;
const readsAtOnce = 8;
const hour = 3_600_000;
/** An object bears the hour of its first change, and a batch may begin a little before ours. */
const batchSpanMs = 60_000;
/** S3 cuts its times to seconds, and two clocks are never the same. */
const clockSpanMs = 5000;

/** Reads the audit objects of the hours around these moments, the nearest first, until enough was found. */
export async function searchAudit(session: Session, { around, matches, enough }: AuditSearch): Promise<AuditFinding> {
  const hours = new Set(around.flatMap((at) => [hourOf(at - batchSpanMs), hourOf(at)]));
  const objects = (await Promise.all([...hours].map((prefix) => objectsOf(session, prefix)))).flat();
  const earliest = Math.min(...around) - clockSpanMs;
  const distance = ({ writtenAt }: AuditObject): number => Math.min(...around.map((at) => Math.abs(writtenAt - at)));
  const candidates = objects.filter(({ writtenAt }) => writtenAt >= earliest).sort((a, b) => distance(a) - distance(b));
  const records: AuditRecord[] = [];
  let objectsRead = 0;
  for (const group of groupsOf(candidates.slice(0, maxObjects), readsAtOnce)) {
    if (records.length >= enough) break;
    session.checkpoint();
    const read = await Promise.all(group.map((object) => recordsOf(session, object)));
    records.push(...read.flat().filter(matches));
    objectsRead += group.length;
  }
  return { records, objectsRead, complete: records.length >= enough || candidates.length <= maxObjects };
}

/** The hours from one moment to another, as moments. */
export function hoursBetween(since: number, until: number): number[] {
  const hours: number[] = [];
  for (let at = Math.floor(since / hour) * hour; at <= until; at += hour) hours.push(at);
  return hours;
}

function hourOf(at: number): string {
  return `audit/${new Date(at).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;
}

async function objectsOf({ target }: Session, prefix: string): Promise<AuditObject[]> {
  const objects: AuditObject[] = [];
  let token: string | undefined;
  do {
    const page = await target.s3.send(
      new ListObjectsV2Command({
        Bucket: target.names.auditBucket,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    for (const { Key: key = '', LastModified } of page.Contents ?? []) objects.push({ key, writtenAt: LastModified?.getTime() ?? 0 });
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return objects;
}

async function recordsOf({ target }: Session, { key, writtenAt }: AuditObject): Promise<AuditRecord[]> {
  const { Body: body } = await target.s3.send(new GetObjectCommand({ Bucket: target.names.auditBucket, Key: key }));
  const text = gunzipSync((await body?.transformToByteArray()) ?? Buffer.alloc(0)).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const read = v.safeParse(v.pipe(v.string(), v.parseJson(), recordSchema), line);
      if (!read.success) throw new OpsFailure(`the audit object ${key} is not readable`);
      return { ...read.output, auditKey: key, writtenAt: new Date(writtenAt).toISOString() };
    });
}
