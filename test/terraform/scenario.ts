import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { AppliedPipeline } from '../../scripts/terraform/applied-pipeline';
import { isObject, parseJson, type JsonObject } from '../../scripts/local/json';
import type { Sender } from '../../scripts/local/sample-events';
import { postWebhook, sampleBody, signWebhook, type Webhook } from '../../scripts/local/webhook';
import type { KnownResource } from '../../scripts/local/pipeline';

const envelope = v.object({
  Subject: v.string(),
  Message: v.string(),
  MessageAttributes: v.record(v.string(), v.object({ Value: v.string() })),
});
export type Alert = v.InferOutput<typeof envelope>;

const delivered = v.object({ source: v.string(), detail: v.object({ kind: v.string(), eventId: v.string(), paymentId: v.string() }) });
type Delivered = v.InferOutput<typeof delivered>;

const receipt = v.object({ paymentId: v.string(), eventId: v.string(), duplicate: v.boolean() });

/** Reads what the applied pipeline did, only through the AWS services that it uses. */
export class Scenario {
  readonly #applied: AppliedPipeline;
  readonly #resources: readonly KnownResource[];
  #inbox: string | undefined;

  constructor(applied: AppliedPipeline, resources: readonly KnownResource[]) {
    this.#applied = applied;
    this.#resources = resources;
  }

  /** Subscribes a queue of our own to the topic for people, as an e-mail address would be. */
  async openInbox(topic: RegExp): Promise<void> {
    const { sqs, sns } = this.#applied.clients;
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'inbox-of-the-proof' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(
      new SubscribeCommand({ TopicArn: this.named('aws_sns_topic', topic, 'arn'), Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
    );
    this.#inbox = QueueUrl;
  }

  /** The alerts that arrived since the last call. */
  async alerts(): Promise<readonly Alert[]> {
    return (await this.#taken(this.#inbox)).map((message) => v.parse(envelope, message));
  }

  /** The events that a subscriber's queue got since the last call. */
  async deliveredTo(queue: string): Promise<readonly Delivered[]> {
    const { QueueUrl } = await this.#applied.clients.sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    return (await this.#taken(QueueUrl)).map((message) => v.parse(delivered, message));
  }

  async #taken(QueueUrl: string | undefined): Promise<readonly unknown[]> {
    const { sqs } = this.#applied.clients;
    const found: unknown[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return found;
      for (const { Body = '', ReceiptHandle } of Messages) {
        found.push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  /** A webhook as its sender would sign it now. */
  webhook(sender: Sender, event: string, options: Parameters<typeof sampleBody>[2] = {}, forge = false): Webhook {
    return signWebhook({ sender, body: sampleBody(sender, event, options), keys: this.#applied.keys, at: new Date(), forge });
  }

  async post(webhook: Webhook): Promise<{ readonly status: number; readonly body: JsonObject }> {
    const { status, text } = await postWebhook(this.#applied.apiUrl, webhook);
    const body = parseJson(text);
    if (!isObject(body)) throw new Error(`the answer is no JSON object: ${text}`);
    return { status, body };
  }

  /**
   * Posts a webhook as a provider does: what was answered 503 comes again, up to ten times. `refusals` is how often; each of them may have
   * been stored all the same, and is then a duplicate.
   */
  async postUntilTaken(webhook: Webhook): Promise<v.InferOutput<typeof receipt> & { readonly refusals: number }> {
    for (let refusals = 0; ; refusals += 1) {
      const { status, body } = await this.post(webhook);
      if (status === 200) return { ...v.parse(receipt, body), refusals };
      if (status !== 503 || refusals === 10) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
      await sleep(500);
    }
  }

  /** Posts webhooks that are to be accepted, and waits until nothing moves any more. */
  async deliver(webhooks: readonly Webhook[]): Promise<readonly v.InferOutput<typeof receipt>[]> {
    const answers = await Promise.all(webhooks.map((webhook) => this.post(webhook)));
    const refused = answers.find(({ status }) => status !== 200);
    if (refused !== undefined) throw new Error(`answered ${refused.status}: ${JSON.stringify(refused.body)}`);
    await this.#applied.waitForIdle(60_000);
    return answers.map(({ body }) => v.parse(receipt, body));
  }

  /** All rows of a payment. */
  async rows(paymentId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { Items = [] } = await this.#applied.clients.dynamodb.send(
      new QueryCommand({
        TableName: this.named('aws_dynamodb_table', /payment-events/, 'name'),
        KeyConditionExpression: 'paymentId = :id',
        ExpressionAttributeValues: { ':id': { S: paymentId } },
      }),
    );
    return Items.map((item) => unmarshall(item));
  }

  /** The archived bytes under a key. */
  async archived(key: string): Promise<Buffer> {
    const { Body } = await this.#applied.clients.s3.send(
      new GetObjectCommand({ Bucket: this.named('aws_s3_bucket', /archive/, 'bucket'), Key: key }),
    );
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Every audit record so far. */
  async auditRecords(): Promise<readonly JsonObject[]> {
    const { s3 } = this.#applied.clients;
    const Bucket = this.named('aws_s3_bucket', /audit/, 'bucket');
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'audit/' }));
    const texts = await Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return gunzipSync((await Body?.transformToByteArray()) ?? Buffer.alloc(0)).toString('utf8');
      }),
    );
    return texts
      .flatMap((text) => text.trim().split('\n'))
      .map((line) => parseJson(line))
      .filter(isObject);
  }

  /** How many messages wait in each dead-letter queue. */
  async deadLetters(): Promise<number> {
    const urls = this.#resources.filter(({ type, settings }) => type === 'aws_sqs_queue' && settings.text('name').includes('dead-letters'));
    const counts = await Promise.all(
      urls.map(async ({ settings }) => {
        const { Attributes } = await this.#applied.clients.sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: settings.text('url'), AttributeNames: ['ApproximateNumberOfMessages'] }),
        );
        return Number(Attributes?.['ApproximateNumberOfMessages']);
      }),
    );
    if (counts.length < 3) throw new Error('the dead-letter queues were not found');
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** Structured lines of the functions with this message. */
  logLines(message: string): readonly JsonObject[] {
    return this.#applied.activity.entries.flatMap((entry) =>
      entry.kind === 'log' && entry.fields['message'] === message ? [entry.fields] : [],
    );
  }

  /** Problems that the pollers and the host had. */
  problems(): readonly string[] {
    return this.#applied.activity.entries.flatMap((entry) => (entry.kind === 'problem' ? [entry.text] : []));
  }

  /** An attribute of the one applied resource of a type whose name fits. */
  named(type: string, pattern: RegExp, attribute: string): string {
    const found = this.#resources.filter(
      (resource) => resource.type === type && pattern.test(resource.settings.optionalText('name') ?? resource.settings.text('bucket')),
    );
    const [only] = found;
    if (only === undefined || found.length > 1) throw new Error(`${found.length} of ${type} match ${String(pattern)}`);
    return only.settings.text(attribute);
  }
}
