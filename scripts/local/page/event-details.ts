import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Activity } from '../activity';
import { readArchivedWebhook, reverify, type ArchivedWebhook } from '../archived-webhook';
import { isObject, parseJsonObject, textAt } from '../json';
import type { LocalRun } from '../run';
import type { BookedEvent, EventSummary, Hop } from './event-book';
import type { AlertNote } from './feed';

/** Everything that is known of one event. */
export interface EventDetails {
  readonly summary: EventSummary;
  /** In the order of time, the audit trail's included. */
  readonly hops: readonly Hop[];
  readonly archiveKey: string;
  readonly correlationId: string;
  readonly alerts: readonly AlertNote[];
  readonly raw: RawWebhook | undefined;
  /** The row of the table; bytes by their number. */
  readonly row: Readonly<Record<string, unknown>> | undefined;
}

/** The webhook as it lies in the archive. */
export interface RawWebhook {
  readonly text: string;
  readonly bytes: number;
  readonly isCut: boolean;
  readonly sha256: string;
  readonly contentType: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Whether bytes and headers verify again, and why not. */
  readonly verified: string;
}

export type DetailsRun = Pick<LocalRun, 'clients' | 'pipeline' | 'secrets' | 'certificates'>;

const shownBytes = 256 * 1024;
const keptAuditKeys = 500;
const readAuditObjects = 20;
const auditDelayMs = 60_000;

/** Reads an event's details from archive, table and audit trail. */
export class EventReader {
  readonly #run: DetailsRun;
  readonly #audits: { readonly at: number; readonly key: string }[] = [];

  constructor(run: DetailsRun) {
    this.#run = run;
  }

  /** Remembers where the audit trail was written. */
  add(activity: Activity): void {
    if (activity.kind !== 'log' || textAt(activity.fields, 'message') !== 'audit written') return;
    this.#audits.push({ at: activity.at, key: textAt(activity.fields, 'auditKey') });
    if (this.#audits.length > keptAuditKeys) this.#audits.shift();
  }

  async detailsOf(event: BookedEvent, alerts: readonly AlertNote[]): Promise<EventDetails> {
    const row = await this.#row(event);
    const [raw, audited] = await Promise.all([this.#raw(event, row), this.#audited(event)]);
    const hops = [...event.hops, ...audited].sort((one, other) => one.at - other.at);
    const { summary, archiveKey, correlationId } = event;
    return { summary, hops, archiveKey, correlationId, alerts, raw, row: row && readable(row) };
  }

  async #row({ summary, archiveKey }: BookedEvent): Promise<Readonly<Record<string, unknown>> | undefined> {
    const eventKey = eventKeyOf(archiveKey);
    if (eventKey === undefined || summary.paymentId === '') return undefined;
    const { Item } = await this.#run.clients.dynamodb.send(
      new GetItemCommand({
        TableName: this.#variable('PAYMENT_TABLE_NAME'),
        Key: { paymentId: { S: summary.paymentId }, eventKey: { S: eventKey } },
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? undefined : { ...unmarshall(Item) };
  }

  async #raw({ summary, archiveKey }: BookedEvent, row: Readonly<Record<string, unknown>> | undefined): Promise<RawWebhook | undefined> {
    if (archiveKey === '') return undefined;
    const archived = await readArchivedWebhook(this.#run.clients.s3, this.#variable('ARCHIVE_BUCKET_NAME'), archiveKey).catch(
      () => undefined,
    );
    if (archived === undefined) return undefined;
    return {
      text: archived.body.subarray(0, shownBytes).toString('utf8'),
      bytes: archived.body.length,
      isCut: archived.body.length > shownBytes,
      sha256: createHash('sha256').update(archived.body).digest('hex'),
      contentType: archived.contentType,
      headers: Object.entries(archived.request.headers).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
      verified: this.#verified(summary.provider, archived, row),
    };
  }

  #verified(provider: string, archived: ArchivedWebhook, row: Readonly<Record<string, unknown>> | undefined): string {
    const { secrets, certificates } = this.#run;
    const secret = new Map<string, unknown>(Object.entries(secrets)).get(provider);
    const receivedAt = row?.['receivedAt'];
    if (secret === undefined || typeof receivedAt !== 'string') return 'not checked: there is no row';
    const { certificatePem, rootPem } = certificates;
    const options = { provider, secretJson: JSON.stringify(secret), receivedAt: new Date(receivedAt), certificatePem, rootPem };
    const verdict = reverify(archived, options);
    return verdict.ok ? 'verifies' : verdict.reason;
  }

  /** One hop per change of the row that the audit trail has; it is written in batches, so only the time says where to look. */
  async #audited({ summary, archiveKey, hops }: BookedEvent): Promise<readonly Hop[]> {
    const eventKey = eventKeyOf(archiveKey);
    const last = (hops.at(-1)?.at ?? summary.at) + auditDelayMs;
    if (eventKey === undefined) return [];
    const near = this.#audits.filter(({ at }) => at >= summary.at && at <= last).slice(0, readAuditObjects);
    const found = await Promise.all(
      near.map(async ({ at, key }) => {
        const lines = await this.#auditLines(key);
        const mine = lines.filter(
          (line) => textAt(line, 'keys', 'eventKey') === eventKey && textAt(line, 'keys', 'paymentId') === summary.paymentId,
        );
        return mine.map((line) => ({ at, hop: 'audited', functionName: '', detail: `${textAt(line, 'eventName')} in ${key}` }));
      }),
    );
    return found.flat();
  }

  async #auditLines(Key: string): Promise<readonly unknown[]> {
    const object = await this.#run.clients.s3.send(new GetObjectCommand({ Bucket: this.#variable('AUDIT_BUCKET_NAME'), Key }));
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    return gunzipSync(bytes).toString('utf8').split('\n').map(parseJsonObject).filter(isObject);
  }

  #variable(name: string): string {
    const value = this.#run.pipeline.functions.map(({ environment }) => environment[name]).find((found) => found !== undefined);
    if (value === undefined) throw new Error(`no function has ${name}`);
    return value;
  }
}

/** The row's sort key: the archive's file name is the dedupe id, percent-encoded. */
export function eventKeyOf(archiveKey: string): string | undefined {
  const name = archiveKey
    .split('/')
    .at(-1)
    ?.replace(/\.json$/, '');
  return name === undefined || name === '' ? undefined : `event#${decodeURIComponent(name)}`;
}

function readable(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? `(${value.length} bytes of gzip)` : value]),
  );
}
