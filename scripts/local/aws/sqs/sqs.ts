import * as v from 'valibot';
import { AwsError } from '../aws-error';
import type { JsonService } from '../json-protocol';
import { type Account, type CallContext, ignored, operation } from '../service';
import { attributesMd5, bodyMd5, type Message, messageBytes, type MessageAttributes, type NewMessage } from './message';
import { createMoveTasks } from './move-tasks';
import { receiptHandle } from './queue';
import { invalidValue, numberAttribute, withDefaults } from './queue-attributes';
import type { NamedQueue, Queues } from './queues';

const MAX_BATCH_BYTES = 1_048_576;
// What SQS takes: XML 1.0's characters.
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

const seconds = (max: number) => v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max)));
const attributeSchema = v.strictObject({ DataType: v.string(), StringValue: v.optional(v.string()), BinaryValue: v.optional(v.string()) });
const systemAttributesSchema = v.optional(v.strictObject({ AWSTraceHeader: v.optional(attributeSchema) }));
const messageEntries = {
  MessageBody: v.optional(v.string(), ''),
  DelaySeconds: seconds(900),
  MessageAttributes: v.optional(v.record(v.string(), attributeSchema)),
  MessageSystemAttributes: systemAttributesSchema,
};
type MessageInput = v.InferOutput<v.ObjectSchema<typeof messageEntries, undefined>>;
const queueUrl = v.string();
const names = v.optional(v.array(v.string()), []);
const visibilitySchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200));
const receiveSchema = v.strictObject({
  QueueUrl: queueUrl,
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
  MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
  VisibilityTimeout: seconds(43_200),
  WaitTimeSeconds: seconds(20),
});

function checkMessage({ body, attributes }: NewMessage): void {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (FORBIDDEN.test(body)) throw new AwsError('InvalidMessageContents', 'Invalid characters found in the message body.');
  const list = Object.entries(attributes ?? {});
  if (list.length > 10) throw invalidValue('MessageAttributes', String(list.length), 'A message has at most 10 attributes.');
  for (const [name, { DataType, StringValue, BinaryValue }] of list) {
    const value = DataType.startsWith('Binary') ? BinaryValue : StringValue;
    if (!/^(String|Number|Binary)(\..+)?$/.test(DataType) || value === undefined || value === '') {
      throw invalidValue(name, DataType, `The message attribute '${name}' must contain a non-empty value of its type.`);
    }
  }
}

function newMessage(input: MessageInput, context: CallContext): NewMessage {
  const header = context.headers['x-amzn-trace-id'];
  const traceHeader = input.MessageSystemAttributes?.AWSTraceHeader?.StringValue ?? (typeof header === 'string' ? header : undefined);
  const message = { body: input.MessageBody, attributes: input.MessageAttributes, traceHeader };
  checkMessage(message);
  return message;
}

function sent(message: Message): Record<string, unknown> {
  const traceAttribute =
    message.traceHeader === undefined ? undefined : { AWSTraceHeader: { DataType: 'String', StringValue: message.traceHeader } };
  return {
    MessageId: message.id,
    MD5OfMessageBody: bodyMd5(message.body),
    MD5OfMessageAttributes: attributesMd5(message.attributes),
    MD5OfMessageSystemAttributes: attributesMd5(traceAttribute),
  };
}

function chooseAttributes(attributes: MessageAttributes | undefined, wanted: readonly string[]): MessageAttributes | undefined {
  if (attributes === undefined || wanted.length === 0) return undefined;
  const chosen = Object.entries(attributes).filter(([name]) =>
    wanted.some((want) => want === 'All' || want === '.*' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2)))),
  );
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

function systemAttributes(account: Account, message: Message, wanted: readonly string[]): Record<string, string> | undefined {
  if (wanted.length === 0) return undefined;
  const known: Record<string, string | undefined> = {
    SenderId: account.accountId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? 0),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.sourceArn,
  };
  const chosen = Object.entries(known).filter((pair): pair is [string, string] => {
    return pair[1] !== undefined && (wanted.includes('All') || wanted.includes(pair[0]));
  });
  return Object.fromEntries(chosen);
}

function attributesOf(entry: NamedQueue, wanted: readonly string[]): Record<string, string> | undefined {
  const { visible, inFlight, delayed } = entry.queue.depth;
  const all: Record<string, string> = {
    ...withDefaults(entry.attributes),
    QueueArn: entry.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(entry.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(entry.changedAt / 1000)),
  };
  const settable = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds'];
  const unknown = wanted.find((name) => name !== 'All' && !Object.hasOwn(all, name) && !settable.includes(name));
  if (unknown !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const chosen = wanted.includes('All') ? Object.entries(all) : Object.entries(all).filter(([name]) => wanted.includes(name));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

/** Runs a batch: whole-request rules first, then each entry, whose error is its own. */
function batch<Entry extends { Id: string }>(
  entries: readonly Entry[],
  run: (entry: Entry) => Record<string, unknown>,
): Record<string, unknown> {
  const refuse = (code: string, message: string) => new AwsError(code, message, { queryCode: `AWS.SimpleQueueService.${code}` });
  if (entries.length === 0) throw refuse('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10)
    throw refuse('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${entries.length}.`);
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw refuse('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id))) throw refuse('InvalidBatchEntryId', 'A batch entry id is not valid.');
  const Successful: unknown[] = [];
  const Failed: unknown[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, Code: error.queryCode, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

/** Amazon SQS, standard queues; a long poll waits `longestPollMs` at most. Differences from AWS: docs/local-aws.md. */
export function createSqs(account: Account, queues: Queues, longestPollMs: number): JsonService {
  const tasks = createMoveTasks(account, queues);

  async function receive(input: v.InferOutput<typeof receiveSchema>, context: CallContext): Promise<unknown> {
    const entry = queues.byUrl(input.QueueUrl);
    const waitSeconds = input.WaitTimeSeconds ?? numberAttribute(entry.attributes, 'ReceiveMessageWaitTimeSeconds');
    const messages = await entry.queue.receive({
      max: input.MaxNumberOfMessages,
      visibilityMs: input.VisibilityTimeout === undefined ? entry.queue.times.visibilityMs : input.VisibilityTimeout * 1000,
      waitMs: Math.min(waitSeconds * 1000, longestPollMs),
      onDisconnect: (listener) => {
        context.onDisconnect(listener);
      },
    });
    if (messages.length === 0) return {};
    const wanted = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
    const Messages = messages.map((message) => {
      const attributes = chooseAttributes(message.attributes, input.MessageAttributeNames);
      return {
        MessageId: message.id,
        ReceiptHandle: receiptHandle(message),
        MD5OfBody: bodyMd5(message.body),
        Body: message.body,
        Attributes: systemAttributes(account, message, wanted),
        MessageAttributes: attributes,
        MD5OfMessageAttributes: attributesMd5(attributes),
      };
    });
    return { Messages };
  }

  return {
    name: 'sqs',
    version: '1.0',
    queryErrors: true,
    operations: {
      CreateQueue: operation(
        v.strictObject({ QueueName: v.string(), Attributes: v.optional(v.record(v.string(), v.string()), {}), tags: ignored }),
        (input) => ({ QueueUrl: queues.create(input.QueueName, input.Attributes).url }),
      ),
      DeleteQueue: operation(v.strictObject({ QueueUrl: queueUrl }), (input) => {
        queues.remove(queues.byUrl(input.QueueUrl));
      }),
      GetQueueUrl: operation(v.strictObject({ QueueName: v.string(), QueueOwnerAWSAccountId: ignored }), (input) => ({
        QueueUrl: queues.byName(input.QueueName).url,
      })),
      ListQueues: operation(v.strictObject({ QueueNamePrefix: v.optional(v.string(), ''), MaxResults: ignored }), (input) => ({
        QueueUrls: queues.all().flatMap(({ name, url }) => (name.startsWith(input.QueueNamePrefix) ? [url] : [])),
      })),
      GetQueueAttributes: operation(v.strictObject({ QueueUrl: queueUrl, AttributeNames: names }), (input) => ({
        Attributes: attributesOf(queues.byUrl(input.QueueUrl), input.AttributeNames),
      })),
      SetQueueAttributes: operation(v.strictObject({ QueueUrl: queueUrl, Attributes: v.record(v.string(), v.string()) }), (input) => {
        queues.configure(queues.byUrl(input.QueueUrl), input.Attributes);
      }),
      PurgeQueue: operation(v.strictObject({ QueueUrl: queueUrl }), (input) => {
        queues.byUrl(input.QueueUrl).queue.purge();
      }),
      ListDeadLetterSourceQueues: operation(v.strictObject({ QueueUrl: queueUrl, MaxResults: ignored }), (input) => ({
        queueUrls: queues.sourcesOf(queues.byUrl(input.QueueUrl).arn).map(({ url }) => url),
      })),
      SendMessage: operation(v.strictObject({ QueueUrl: queueUrl, ...messageEntries }), (input, context) => {
        const delayMs = input.DelaySeconds === undefined ? undefined : input.DelaySeconds * 1000;
        return sent(queues.send(queues.byUrl(input.QueueUrl), newMessage(input, context), delayMs));
      }),
      SendMessageBatch: operation(
        v.strictObject({ QueueUrl: queueUrl, Entries: v.array(v.strictObject({ Id: v.string(), ...messageEntries })) }),
        (input, context) => {
          const entry = queues.byUrl(input.QueueUrl);
          const bytes = input.Entries.reduce(
            (sum, one) => sum + messageBytes({ body: one.MessageBody, attributes: one.MessageAttributes }),
            0,
          );
          if (bytes > MAX_BATCH_BYTES) {
            throw new AwsError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes.`, {
              queryCode: 'AWS.SimpleQueueService.BatchRequestTooLong',
            });
          }
          return batch(input.Entries, (one) => {
            const delayMs = one.DelaySeconds === undefined ? undefined : one.DelaySeconds * 1000;
            return sent(queues.send(entry, newMessage(one, context), delayMs));
          });
        },
      ),
      ReceiveMessage: operation(receiveSchema, receive),
      DeleteMessage: operation(v.strictObject({ QueueUrl: queueUrl, ReceiptHandle: v.string() }), (input) => {
        queues.byUrl(input.QueueUrl).queue.delete(input.ReceiptHandle);
      }),
      DeleteMessageBatch: operation(
        v.strictObject({ QueueUrl: queueUrl, Entries: v.array(v.strictObject({ Id: v.string(), ReceiptHandle: v.string() })) }),
        (input) => {
          const { queue } = queues.byUrl(input.QueueUrl);
          return batch(input.Entries, (one) => {
            queue.delete(one.ReceiptHandle);
            return {};
          });
        },
      ),
      ChangeMessageVisibility: operation(
        v.strictObject({ QueueUrl: queueUrl, ReceiptHandle: v.string(), VisibilityTimeout: visibilitySchema }),
        (input) => {
          queues.byUrl(input.QueueUrl).queue.changeVisibility(input.ReceiptHandle, input.VisibilityTimeout * 1000);
        },
      ),
      ChangeMessageVisibilityBatch: operation(
        v.strictObject({
          QueueUrl: queueUrl,
          Entries: v.array(v.strictObject({ Id: v.string(), ReceiptHandle: v.string(), VisibilityTimeout: visibilitySchema })),
        }),
        (input) => {
          const { queue } = queues.byUrl(input.QueueUrl);
          return batch(input.Entries, (one) => {
            queue.changeVisibility(one.ReceiptHandle, one.VisibilityTimeout * 1000);
            return {};
          });
        },
      ),
      StartMessageMoveTask: operation(
        v.strictObject({
          SourceArn: v.string(),
          DestinationArn: v.optional(v.string()),
          MaxNumberOfMessagesPerSecond: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500))),
        }),
        (input) => ({ TaskHandle: tasks.start(input) }),
      ),
      ListMessageMoveTasks: operation(v.strictObject({ SourceArn: v.string(), MaxResults: v.optional(v.number(), 1) }), (input) => ({
        Results: tasks.list(input.SourceArn, input.MaxResults),
      })),
      CancelMessageMoveTask: operation(v.strictObject({ TaskHandle: v.string() }), (input) => ({
        ApproximateNumberOfMessagesMoved: tasks.cancel(input.TaskHandle),
      })),
    },
  };
}
