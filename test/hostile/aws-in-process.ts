import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

export type Item = Record<string, AttributeValue>;

interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

const maxItemBytes = 400 * 1024;
const maxMessageBytes = 256 * 1024;
const maxMetadataBytes = 2048;
/** What SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const messageText = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/**
 * The AWS that the handlers meet, behind `send` of the real clients and without a socket. It refuses what AWS refuses (sizes, keys, characters,
 * subjects) with an error, and `refused` says so.
 */
export class InProcessAws {
  readonly rows = new Map<string, Item>();
  readonly objects: StoredObject[] = [];
  readonly messages: string[] = [];
  readonly letters: string[] = [];
  readonly entries: PutEventsRequestEntry[] = [];
  readonly alerts: PublishCommandInput[] = [];
  readonly secrets = new Map<string, string>();
  parameter = '{"highValueThresholds":{"default":"10000"}}';
  readonly calls: string[] = [];
  readonly refused: string[] = [];

  /** Puts this instance behind every client of the process; returns what takes it away. */
  install(): () => void {
    const send = async (command: object): Promise<unknown> => {
      await Promise.resolve();
      this.calls.push(command.constructor.name);
      return this.#answer(command);
    };
    const clients = [DynamoDBClient, EventBridgeClient, S3Client, SecretsManagerClient, SNSClient, SQSClient, SSMClient];
    for (const { prototype } of clients) Object.defineProperty(prototype, 'send', { value: send, configurable: true });
    return () => {
      // The SDK's own is that of the class above.
      for (const { prototype } of clients) Reflect.deleteProperty(prototype, 'send');
    };
  }

  /** Forgets everything but the secrets and the parameter. */
  reset(): void {
    this.rows.clear();
    for (const list of [this.objects, this.messages, this.letters, this.entries, this.alerts, this.calls, this.refused]) list.length = 0;
  }

  #answer(command: object): unknown {
    if (command instanceof PutItemCommand) return this.#put(command.input.Item ?? {});
    if (command instanceof GetItemCommand) return this.#item(command.input.Key ?? {});
    if (command instanceof UpdateItemCommand) return this.#update(command);
    if (command instanceof PutObjectCommand) return this.#putObject(command);
    if (command instanceof SendMessageBatchCommand) return this.#sendBatch(command);
    if (command instanceof ChangeMessageVisibilityBatchCommand) return this.#postpone(command);
    if (command instanceof SendMessageCommand) return this.#sendLetter(command.input.MessageBody ?? '');
    if (command instanceof PutEventsCommand) return this.#putEvents(command.input.Entries ?? []);
    if (command instanceof PublishCommand) return this.#publish(command.input);
    if (command instanceof GetSecretValueCommand)
      return { SecretString: this.secrets.get(command.input.SecretId?.split('/').at(-1) ?? '') };
    if (command instanceof GetParameterCommand) return { Parameter: { Value: this.parameter } };
    throw new Error(`no ${command.constructor.name} here`);
  }

  #refuse(why: string): never {
    this.refused.push(why);
    throw Object.assign(new Error(why), { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
  }

  #keyOf(key: Item): string {
    const [partition = '', sort = ''] = [key['paymentId']?.S, key['eventKey']?.S];
    for (const [text, limit] of [
      [partition, 2048],
      [sort, 1024],
    ] as const) {
      if (text === '' || Buffer.byteLength(text) > limit) this.#refuse('a key is empty or too long');
    }
    return `${partition} ${sort}`;
  }

  #put(item: Item): object {
    const key = this.#keyOf(item);
    if (sizeOfItem(item) > maxItemBytes) this.#refuse('an item over 400 KB');
    if (!textsOf(item).every(isWellFormed)) this.#refuse('a text that is not Unicode');
    const present = this.rows.get(key);
    if (present !== undefined)
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {}, Item: present });
    this.rows.set(key, item);
    return {};
  }

  #item(key: Item): object {
    const item = this.rows.get(this.#keyOf(key));
    return item === undefined ? {} : { Item: item };
  }

  #update({ input }: UpdateItemCommand): object {
    const key = this.#keyOf(input.Key ?? {});
    const row = this.rows.get(key);
    const values = input.ExpressionAttributeValues ?? {};
    const isClaim = ':until' in values;
    if (!isClaim && row === undefined)
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    if (isClaim && row !== undefined)
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {}, Item: row });
    const { body, ...rest } = row ?? {};
    const isMark = ':processed' in values;
    this.rows.set(key, isMark ? { ...rest, status: { S: 'processed' } } : { ...rest, ...(body && { body }), claimedUntil: { S: 'later' } });
    return {};
  }

  #putObject({ input }: PutObjectCommand): object {
    const key = input.Key ?? '';
    if (key === '' || Buffer.byteLength(key) > 1024) this.#refuse('a key of an object is empty or too long');
    const metadata = input.Metadata ?? {};
    const pairs = Object.entries(metadata);
    if (pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > maxMetadataBytes) this.#refuse('metadata over 2 KB');
    if (!pairs.every(([, value]) => /^[\x20-\x7e]*$/.test(value))) this.#refuse('metadata that is not ASCII');
    if (!/^[\x20-\x7e]*$/.test(input.ContentType ?? '')) this.#refuse('a content type that is no header');
    if (!(input.Body instanceof Uint8Array)) this.#refuse('an object that is no bytes');
    else this.objects.push({ key, body: input.Body, metadata });
    return { VersionId: 'v1' };
  }

  #sendBatch({ input }: SendMessageBatchCommand): object {
    const entries = input.Entries ?? [];
    const total = entries.reduce((sum, { MessageBody: body = '' }) => sum + Buffer.byteLength(body), 0);
    if (entries.length > 10 || total > maxMessageBytes) this.#refuse('a batch over the limit');
    const failed = entries.filter(({ MessageBody: body = '' }) => !messageText.test(body));
    if (failed.length > 0) this.refused.push('a character that SQS does not take');
    const accepted = entries.filter((entry) => !failed.includes(entry));
    this.messages.push(...accepted.map(({ MessageBody: body = '' }) => body));
    return {
      Successful: accepted.map(({ Id: id }) => ({ Id: id })),
      Failed: failed.map(({ Id: id }) => ({ Id: id, Code: 'InvalidMessageContents' })),
    };
  }

  #postpone({ input }: ChangeMessageVisibilityBatchCommand): object {
    const entries = input.Entries ?? [];
    if (entries.length === 0 || entries.length > 10) this.#refuse('a batch of no messages, or of over 10');
    return { Successful: entries.map(({ Id: id }) => ({ Id: id })), Failed: [] };
  }

  #sendLetter(body: string): object {
    if (Buffer.byteLength(body) > maxMessageBytes) this.#refuse('a letter over the limit');
    if (!messageText.test(body)) this.#refuse('a character that SQS does not take');
    this.letters.push(body);
    return { MessageId: 'letter' };
  }

  #putEvents(entries: PutEventsRequestEntry[]): object {
    // A wrong entry makes EventBridge refuse the whole call.
    for (const { Detail: detail = '', Time: time, TraceHeader: trace, DetailType: type = '' } of entries) {
      if (Buffer.byteLength(detail) > maxMessageBytes || type === '') this.#refuse('an entry over the limit');
      if (time === undefined || Number.isNaN(time.getTime())) this.#refuse('an entry without a time');
      if (trace !== undefined && (trace === '' || trace.length > 500)) this.#refuse('a trace header that is empty or too long');
    }
    this.entries.push(...entries);
    return { FailedEntryCount: 0, Entries: entries.map((_, index) => ({ EventId: `event-${index}` })) };
  }

  #publish(input: PublishCommandInput): object {
    if (!/^[!-~][ -~]{0,99}$/.test(input.Subject ?? '')) this.#refuse('a subject that SNS does not take');
    if (!messageText.test(input.Message ?? '') || Buffer.byteLength(input.Message ?? '') > maxMessageBytes)
      this.#refuse('a message that SNS does not take');
    if (Object.values(input.MessageAttributes ?? {}).some(({ StringValue: value = '' }) => value === ''))
      this.#refuse('an empty attribute');
    this.alerts.push(input);
    return { MessageId: `alert-${this.alerts.length}` };
  }
}

/** Bytes of an item as DynamoDB counts them, at least. */
function sizeOfItem(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value), 0);
}

function sizeOfValue({ S: text, N: number, B: bytes, M: map }: AttributeValue): number {
  if (map !== undefined) return sizeOfItem(map) + 3;
  return bytes?.byteLength ?? Buffer.byteLength(text ?? number ?? ' ');
}

function textsOf(item: Item): string[] {
  return Object.entries(item).flatMap(([name, { S: text = '', M: map }]) => [name, text, ...(map === undefined ? [] : textsOf(map))]);
}

function isWellFormed(text: string): boolean {
  return Buffer.from(text, 'utf8').toString('utf8') === text;
}
