import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { QueryCommand, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Activity } from '../activity';
import { parseJsonObject, textAt, type JsonObject } from '../json';
import type { LocalRun } from '../run';
import type { Sender } from '../sample-events';
import { postWebhook, sampleBody, signWebhook, type Keys } from '../webhook';

export interface Sent {
  readonly status: number;
  readonly answer: JsonObject;
  readonly body: Buffer;
}

/** A row of the payments table, typed values taken off. */
export type Row = Readonly<Record<string, unknown>>;

/** A local run with what the demo and the tests ask of it. */
export class Stage {
  readonly run: LocalRun;
  readonly #keys: Keys;

  constructor(run: LocalRun) {
    this.run = run;
    this.#keys = { secrets: run.secrets, paypalSigner: run.state.paypalSigner };
  }

  /** Sends a sample event. */
  event(
    sender: Sender,
    event: string,
    options: { readonly amount?: string; readonly currency?: string; readonly payment?: string } = {},
  ): Promise<Sent> {
    return this.post(sender, sampleBody(sender, event, options));
  }

  async post(sender: Sender, body: Buffer, options: { readonly at?: Date; readonly forge?: boolean } = {}): Promise<Sent> {
    const webhook = signWebhook({ sender, body, keys: this.#keys, at: options.at ?? new Date(), forge: options.forge ?? false });
    const { status, text } = await postWebhook(this.run.apiUrl, webhook);
    return { status, answer: parseJsonObject(text) ?? {}, body };
  }

  /** All rows of one payment: its events and its alerts. */
  async rowsOf(paymentId: string): Promise<readonly Row[]> {
    const { Items = [] } = await this.run.clients.dynamodb.send(
      new QueryCommand({
        TableName: this.#name('aws_dynamodb_table'),
        KeyConditionExpression: 'paymentId = :id',
        ExpressionAttributeValues: { ':id': { S: paymentId } },
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => unmarshall(item));
  }

  /** Every event row there is. */
  async eventRows(): Promise<readonly Row[]> {
    const rows: Row[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.run.clients.dynamodb.send(
        new ScanCommand({
          TableName: this.#name('aws_dynamodb_table'),
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      rows.push(...Items.map((item) => unmarshall(item)));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return rows.filter((row) => String(row['eventKey']).startsWith('event#'));
  }

  /** What people were told about one payment. */
  alertsOf(paymentId: string): readonly Extract<Activity, { kind: 'alert' }>[] {
    return this.#activities('alert').filter(({ message }) => message.message.includes(paymentId));
  }

  publicationsOf(paymentId: string): readonly { readonly at: number; readonly detail: JsonObject; readonly rules: readonly string[] }[] {
    return this.#activities('published')
      .map(({ at, event }) => ({ at, detail: parseJsonObject(event.detail) ?? {}, rules: event.rules }))
      .filter(({ detail }) => detail['paymentId'] === paymentId);
  }

  /** When an object was written; NaN when it never was. */
  archivedAt(key: string): number {
    return this.#activities('object').find(({ object }) => object.key === key)?.at ?? Number.NaN;
  }

  deadLetters(): readonly Extract<Activity, { kind: 'dead-letter' }>[] {
    return this.#activities('dead-letter');
  }

  /** The bucket that a function has in this variable. */
  bucketOf(variable: string): string {
    return this.#functionWith(variable).environment[variable] ?? '';
  }

  /** The queue that feeds the function with this variable. */
  queueUrlInto(variable: string): string {
    const { name } = this.#functionWith(variable);
    const trigger = this.run.pipeline.queueTriggers.find(({ functionName }) => functionName === name);
    if (trigger === undefined) throw new Error(`no queue feeds the function with ${variable}`);
    return trigger.queueUrl;
  }

  /** Every record in the audit bucket, with the object that it is in. */
  async auditRecords(): Promise<readonly { readonly key: string; readonly record: JsonObject }[]> {
    const Bucket = this.bucketOf('AUDIT_BUCKET_NAME');
    const objects = await Promise.all(
      (await this.#keysIn(Bucket)).map(async (Key) => {
        const { Body } = await this.run.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
        const text = gunzipSync((await Body?.transformToByteArray()) ?? Buffer.alloc(0)).toString();
        const records = text.split('\n').map((line) => parseJsonObject(line));
        return records.filter((record) => record !== undefined).map((record) => ({ key: Key, record }));
      }),
    );
    return objects.flat();
  }

  /** Long enough for whatever a webhook sets off, had it set off anything: ten times what an alert takes. */
  async quiet(): Promise<void> {
    await sleep(1000);
  }

  /** Waits until the check gives something; throws with `what` when it does not in time. */
  async until<T>(what: string, check: () => Promise<T | undefined> | T | undefined, timeoutMs = 60_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await check();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${what}: not within ${String(timeoutMs / 1000)} s`);
      await sleep(25);
    }
  }

  /** Waits until the event's row says `processed`. */
  async processed(sent: Sent): Promise<Row> {
    const eventId = textAt(sent.answer, 'eventId');
    return this.until(`${eventId} is processed`, async () => {
      const rows = await this.rowsOf(textAt(sent.answer, 'paymentId'));
      return rows.find((row) => row['eventId'] === eventId && row['status'] === 'processed');
    });
  }

  async #keysIn(Bucket: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.run.clients.s3.send(
        new ListObjectsV2Command({ Bucket, ...(token === undefined ? {} : { ContinuationToken: token }) }),
      );
      keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  #activities<Kind extends Activity['kind']>(kind: Kind): readonly Extract<Activity, { kind: Kind }>[] {
    return this.run.activity.entries.filter((activity): activity is Extract<Activity, { kind: Kind }> => activity.kind === kind);
  }

  #functionWith(variable: string) {
    const found = this.run.pipeline.functions.find(({ environment }) => environment[variable] !== undefined);
    if (found === undefined) throw new Error(`no function has the variable ${variable}`);
    return found;
  }

  #name(type: string): string {
    const found = this.run.state.resources.find((resource) => resource.type === type);
    if (found === undefined) throw new Error(`the stacks have no ${type}`);
    return found.name;
  }
}
