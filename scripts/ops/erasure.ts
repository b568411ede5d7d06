import { randomBytes } from 'node:crypto';
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { itemFrom } from '../../functions/shared/aws/attributes';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { digestOf, type Customer } from './customer';
import { groupsOf } from './event-index';
import { OpsFailure } from './failure';
import { principalOf } from './principal';
import type { ErasureRow } from './rows';
import type { Target } from './target';

type Place = Pick<Target, 'dynamodb' | 'names' | 'operator' | 's3'>;

/** Partition of the rows that prove erasures. */
const proofs = 'erasure';
const deletedAtOnce = 1000;

/** The row that proves an erasure: begun now, or one that was not finished. Nothing in it names the customer. */
export async function beginErasure(
  place: Place,
  customer: Customer,
  reason: string,
  now: number,
  unfinished?: ErasureRow,
): Promise<string> {
  if (unfinished !== undefined) return unfinished.erasureId;
  const erasureId = `era_${randomBytes(16).toString('hex')}`;
  const Item = itemFrom({
    paymentId: proofs,
    eventKey: `erasure#${erasureId}`,
    customerSha256: digestOf(customer),
    provider: customer.provider ?? null,
    reason,
    startedAt: new Date(now).toISOString(),
    startedBy: await principalOf(place),
    events: 0,
    objectVersions: 0,
    messages: 0,
  });
  await place.dynamodb.send(
    new PutItemCommand({ TableName: place.names.table, Item, ConditionExpression: 'attribute_not_exists(paymentId)' }),
  );
  return erasureId;
}

/** What was done, and when nothing is left to do, that it is finished. */
export interface Tally {
  /** Events that this erasure has erased, in all of its runs. */
  readonly events: number;
  /** Versions and delete markers that this run took out of the archive. */
  readonly objectVersions: number;
  /** Messages that this run took out of queues. */
  readonly messages: number;
}

export async function recordErasure({ dynamodb, names }: Place, erasureId: string, tally: Tally, finishedAt?: string): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: names.table,
      Key: itemFrom({ paymentId: proofs, eventKey: `erasure#${erasureId}` }),
      UpdateExpression: `SET events = :events${finishedAt === undefined ? '' : ', finishedAt = :at'} ADD objectVersions :versions, messages :messages`,
      ExpressionAttributeValues: itemFrom({
        ':events': tally.events,
        ':versions': tally.objectVersions,
        ':messages': tally.messages,
        ':at': finishedAt,
      }),
    }),
  );
}

/** Every version and delete marker of an event in the archive. */
export async function archivedVersions({ s3, names }: Place, { archiveKey }: StoredEvent): Promise<ObjectIdentifier[]> {
  const found: ObjectIdentifier[] = [];
  let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: names.archiveBucket, Prefix: archiveKey, ...marker }),
    );
    const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(({ Key }) => Key === archiveKey);
    found.push(...all.map(({ Key, VersionId }) => ({ Key, VersionId })));
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    // A page that goes on behind this key has nothing more of it.
    if (page.IsTruncated !== true || KeyMarker !== archiveKey || VersionIdMarker === undefined) marker = undefined;
    else marker = { KeyMarker, VersionIdMarker };
  }
  return found;
}

/** Takes every version out of the archive for good; answers how many there were. */
export async function eraseArchived(place: Place, stored: StoredEvent): Promise<number> {
  const versions = await archivedVersions(place, stored);
  for (const Objects of groupsOf(versions, deletedAtOnce)) {
    const { Errors: [problem] = [] } = await place.s3.send(
      new DeleteObjectsCommand({ Bucket: place.names.archiveBucket, Delete: { Objects } }),
    );
    if (problem !== undefined)
      throw new OpsFailure(
        `s3://${place.names.archiveBucket}/${stored.archiveKey} cannot be deleted: ${problem.Code ?? ''} ${problem.Message ?? ''}`,
      );
  }
  return versions.length;
}

export interface Redaction {
  readonly erasureId: string;
  /** ISO 8601. */
  readonly erasedAt: string;
  readonly keepMerchantRef: boolean;
}

/** Takes what names a person out of the row. Money, ids and times stay: they are the books, and nobody may change them. */
export async function redactRow({ dynamodb, names }: Place, stored: StoredEvent, redaction: Redaction): Promise<void> {
  const { event, eventKey } = stored;
  const { failure, paymentId } = event;
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: names.table,
      Key: itemFrom({ paymentId, eventKey }),
      ConditionExpression: 'attribute_exists(paymentId)',
      UpdateExpression: [
        'SET customerRef = :none, merchantRef = :merchant, failure = :failure, signedHeaders = :headers, erasedAt = :at, erasureId = :id',
        'REMOVE body',
      ].join(' '),
      ExpressionAttributeValues: itemFrom({
        ':none': null,
        ':merchant': redaction.keepMerchantRef ? event.merchantRef : null,
        ':failure': failure === null ? null : { code: failure.code, message: null },
        ':headers': {},
        ':at': redaction.erasedAt,
        ':id': redaction.erasureId,
      }),
    }),
  );
}
