import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { gzipSync } from 'node:zlib';
import { CreateTableCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { itemOf } from '../../../functions/shared/aws/event-row';
import { alertKeyOf, type AlertReason } from '../../../functions/shared/domain/alert';
import type { PaymentEvent } from '../../../functions/shared/domain/payment-event';
import { eventKeyOf } from '../../../functions/shared/domain/payment-event';
import type { EventRecord } from '../../../functions/shared/domain/ports';
import { archiveKeyOf, archiveObjectOf } from '../../../functions/shared/domain/webhook-archive';
import { providerNames } from '../../../functions/shared/providers';
import { awsClients, type AwsClients } from '../../../scripts/local/aws-clients';
import { startEmbeddedAws, type EmbeddedAws } from '../../../scripts/local/aws/embedded-aws';
import type { Input } from '../../../scripts/ops/io';
import { runOps } from '../../../scripts/ops/program';
import { namesOf } from '../../../stacks/naming';
import { aPaymentEvent, anEventRecord } from '../../support/builders';

/** A fixed moment for every command. */
const now = Date.UTC(2026, 10, 5, 12);

export interface Ran {
  readonly exitCode: number;
  /** Without colours. */
  readonly out: string;
  readonly notes: string;
  /** What --json printed. */
  json(): unknown;
}

export interface RunSettings {
  /** What is typed or piped in. */
  readonly input?: string;
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  readonly now?: number;
  readonly root?: string;
  readonly onNote?: (text: string) => void;
}

/** Runs one command line and keeps what it printed. */
export async function ops(args: readonly string[], settings: RunSettings = {}): Promise<Ran> {
  const out: string[] = [];
  const notes: string[] = [];
  const exitCode = await runOps(args, {
    root: settings.root ?? '/nowhere',
    env: {},
    now: () => settings.now ?? now,
    out: (text) => out.push(text),
    note: (text) => {
      notes.push(text);
      settings.onNote?.(text);
    },
    input: inputOf(settings),
    signal: settings.signal ?? new AbortController().signal,
  });
  return {
    exitCode,
    out: stripVTControlCharacters(out.join('\n')),
    notes: stripVTControlCharacters(notes.join('\n')),
    json: (): unknown => JSON.parse(out.join('\n')),
  };
}

function inputOf({ input = '', terminal = false }: RunSettings): Input {
  const stream = Object.assign(new PassThrough(), { isTTY: terminal, setRawMode: () => undefined });
  stream.write(input);
  // A terminal stays open.
  if (!terminal) stream.end();
  return stream;
}

/** A pipeline's stores on an embedded AWS: a table, two buckets, queues, secrets; no functions. */
export class OpsStage {
  readonly aws: EmbeddedAws;
  readonly clients: AwsClients;
  readonly names;

  private constructor(aws: EmbeddedAws, suffix: string) {
    this.aws = aws;
    this.clients = awsClients(aws.endpoint, aws.region);
    this.names = namesOf(suffix, aws.accountId);
  }

  /** Nothing is sent while a command looks at an empty queue: it need not wait for that. */
  static async start(suffix = 'test'): Promise<OpsStage> {
    const stage = new OpsStage(await startEmbeddedAws({ longestPollMs: 20 }), suffix);
    await stage.#provision();
    return stage;
  }

  /** Runs a command against this stage. */
  run(args: readonly string[], settings?: RunSettings): Promise<Ran> {
    return ops([...args, '--endpoint', this.aws.endpoint, '--env', 'test'], settings);
  }

  async stop(): Promise<void> {
    this.clients.destroy();
    await this.aws.close();
  }

  /** A row as the receiver writes it; `processedAt` as the processor marks it. */
  async putEvent(
    event: Partial<PaymentEvent>,
    options: { readonly processedAt?: string; readonly record?: Partial<EventRecord>; readonly body?: string } = {},
  ) {
    const whole = aPaymentEvent(event);
    const dedupeId = whole.provider === 'paypal' ? `${whole.eventId}|${whole.eventType}` : whole.eventId;
    const body = Buffer.from(options.body ?? JSON.stringify({ id: whole.eventId }));
    const record = anEventRecord({
      event: whole,
      eventKey: eventKeyOf(dedupeId),
      archiveKey: archiveKeyOf(whole, dedupeId),
      bodySha256: createHash('sha256').update(body).digest('hex'),
      bodyGzip: gzipSync(body),
      ...options.record,
    });
    await this.clients.dynamodb.send(new PutItemCommand({ TableName: this.names.table, Item: itemOf(record) }));
    if (options.processedAt !== undefined) {
      await this.clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: this.names.table,
          Key: { paymentId: { S: whole.paymentId }, eventKey: { S: record.eventKey } },
          UpdateExpression: 'SET #status = :processed, processedAt = :at REMOVE body',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':processed': { S: 'processed' }, ':at': { S: options.processedAt } },
        }),
      );
    }
    return { record, body };
  }

  async archive(record: EventRecord, body: Uint8Array): Promise<void> {
    const { key, contentType, metadata } = archiveObjectOf(record, body);
    await this.clients.s3.send(
      new PutObjectCommand({ Bucket: this.names.archiveBucket, Key: key, Body: body, ContentType: contentType, Metadata: { ...metadata } }),
    );
  }

  async putAlert(paymentId: string, reason: AlertReason, objectId: string, sentAt: string): Promise<void> {
    const Item = {
      paymentId: { S: paymentId },
      eventKey: { S: alertKeyOf(reason, objectId) },
      claimedUntil: { S: sentAt },
      sentAt: { S: sentAt },
      messageId: { S: 'message-1' },
      expiresAt: { N: '1800000000' },
    };
    await this.clients.dynamodb.send(new PutItemCommand({ TableName: this.names.table, Item }));
  }

  async putAudit(hour: string, sequence: string, records: readonly object[]): Promise<string> {
    const Key = `audit/${hour}/${sequence}.ndjson.gz`;
    const Body = gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    await this.clients.s3.send(new PutObjectCommand({ Bucket: this.names.auditBucket, Key, Body }));
    return Key;
  }

  queueUrl(name: string): string {
    return `${this.aws.endpoint}/${this.aws.accountId}/${name}`;
  }

  queueArn(name: string): string {
    return `arn:aws:sqs:${this.aws.region}:${this.aws.accountId}:${name}`;
  }

  depthOf(name: string): number {
    const depth = this.aws.queueDepths().find((queue) => queue.name === name);
    return (depth?.visible ?? Number.NaN) + (depth?.inFlight ?? Number.NaN);
  }

  async send(queue: string, body: unknown, attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    const named = Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const);
    const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
    await this.clients.sqs.send(
      new SendMessageCommand({ QueueUrl: this.queueUrl(queue), MessageBody, MessageAttributes: Object.fromEntries(named) }),
    );
  }

  /** Every message of a queue, taken out of it; bodies as JSON. */
  async take(queue: string): Promise<unknown[]> {
    const QueueUrl = this.queueUrl(queue);
    const bodies: unknown[] = [];
    for (;;) {
      const { Messages = [] } = await this.clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 30 }),
      );
      if (Messages.length === 0) return bodies;
      for (const { Body = '', ReceiptHandle } of Messages) {
        bodies.push(JSON.parse(Body));
        await this.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  }

  async setSecret(provider: string, value: unknown): Promise<void> {
    const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
    await this.clients.secrets.send(new PutSecretValueCommand({ SecretId: `${this.names.secretPrefix}/${provider}`, SecretString }));
  }

  async #provision(): Promise<void> {
    const { names, clients } = this;
    await Promise.all([
      clients.dynamodb.send(
        new CreateTableCommand({
          TableName: names.table,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [
            { AttributeName: 'paymentId', KeyType: 'HASH' },
            { AttributeName: 'eventKey', KeyType: 'RANGE' },
          ],
          AttributeDefinitions: [
            { AttributeName: 'paymentId', AttributeType: 'S' },
            { AttributeName: 'eventKey', AttributeType: 'S' },
            { AttributeName: 'providerBucket', AttributeType: 'S' },
            { AttributeName: 'timestamp', AttributeType: 'N' },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: 'ProviderTimestampIndex',
              KeySchema: [
                { AttributeName: 'providerBucket', KeyType: 'HASH' },
                { AttributeName: 'timestamp', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          ],
        }),
      ),
      ...[names.archiveBucket, names.auditBucket].map((Bucket) => clients.s3.send(new CreateBucketCommand({ Bucket }))),
      ...providerNames.map((provider) => clients.secrets.send(new CreateSecretCommand({ Name: `${names.secretPrefix}/${provider}` }))),
      ...[
        names.relayDeadLetters,
        names.auditDeadLetters,
        names.routingDeadLetters,
        names.deliveryDeadLetters,
        names.reconcilerDeadLetters,
      ].map((QueueName) => clients.sqs.send(new CreateQueueCommand({ QueueName }))),
      ...[names.processingQueue, names.notificationQueue].map((name) => this.#workQueue(name)),
      clients.events.send(new CreateEventBusCommand({ Name: names.bus })),
      clients.ssm.send(
        new PutParameterCommand({
          Name: names.configParameter,
          Type: 'String',
          Value: JSON.stringify({ highValueThresholds: { default: '10000' } }),
        }),
      ),
    ]);
  }

  async #workQueue(name: string): Promise<void> {
    await this.clients.sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead-letters` }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: this.queueArn(`${name}-dead-letters`), maxReceiveCount: 1 });
    await this.clients.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy, VisibilityTimeout: '0' } }));
  }
}
