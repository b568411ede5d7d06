import { DeleteMessageBatchCommand, ReceiveMessageCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import { isJsonArray, isObject, parseJsonObject, type Json } from '../json';
import { pause } from '../pause';
import type { QueueTrigger } from '../pipeline';
import { compileFilters } from './filter';
import type { Complain, Invoke, Trigger } from './trigger';

export interface QueueTriggerOptions {
  readonly sqs: SQSClient;
  readonly settings: QueueTrigger;
  readonly region: string;
  readonly invoke: Invoke;
  /** Batches at one time; Lambda's maximum concurrency, or what the laptop can run. */
  readonly concurrency: number;
  readonly onProblem: Complain;
}

/** What the loop needs besides the options. */
interface Polling extends QueueTriggerOptions {
  readonly wanted: (value: Json) => boolean;
}

const longPollSeconds = 20;
const problemPauseMs = 1000;

/** Polls a queue as Lambda's event source mapping does: what the function did not report as failed is deleted, the rest comes again. */
export function startQueueTrigger(options: QueueTriggerOptions): Trigger {
  const stopping = new AbortController();
  const busy = new Set<Promise<void>>();
  const polling = poll({ ...options, wanted: compileFilters(options.settings.filters) }, stopping.signal, busy);
  return {
    get idle() {
      return busy.size === 0;
    },
    emptyReads: Number.POSITIVE_INFINITY,
    wake: () => undefined,
    // None of the stacks' queues has a window.
    flush: () => undefined,
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(busy);
    },
  };
}

async function poll(options: Polling, signal: AbortSignal, busy: Set<Promise<void>>): Promise<void> {
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    if (busy.size >= options.concurrency) {
      await Promise.race(busy);
      continue;
    }
    try {
      const messages = await receiveBatch(options, signal);
      if (messages.length === 0) continue;
      const work = handle(options, messages).finally(() => busy.delete(work));
      busy.add(work);
    } catch (error) {
      if (stopped()) return;
      options.onProblem(`cannot read ${options.settings.queueUrl}: ${error instanceof Error ? error.message : String(error)}`);
      await pause(problemPauseMs, signal);
    }
  }
}

/** One batch: the first message waits up to the window for others, never more than the batch size. */
async function receiveBatch(options: QueueTriggerOptions, signal: AbortSignal): Promise<Message[]> {
  const { batchSize, windowSeconds } = options.settings;
  const messages = await receive(options, Math.min(10, batchSize), longPollSeconds, signal);
  const deadline = Date.now() + windowSeconds * 1000;
  while (messages.length > 0 && messages.length < batchSize && Date.now() < deadline) {
    const waitSeconds = Math.min(1, Math.ceil((deadline - Date.now()) / 1000));
    messages.push(...(await receive(options, Math.min(10, batchSize - messages.length), waitSeconds, signal)));
  }
  return messages;
}

async function receive(
  { sqs, settings }: QueueTriggerOptions,
  count: number,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: settings.queueUrl,
      MaxNumberOfMessages: count,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: signal },
  );
  return Messages;
}

async function handle(options: Polling, received: readonly Message[]): Promise<void> {
  try {
    const messages = received.filter((message) => options.wanted(filterable(message)));
    const unwanted = received.filter((message) => !messages.includes(message));
    const failed = messages.length === 0 ? new Set<string>() : await failedMessages(options, messages);
    await deleteMessages(options, [...unwanted, ...messages.filter(({ MessageId = '' }) => !failed.has(MessageId))]);
  } catch (error) {
    options.onProblem(`a batch of ${options.settings.queueUrl} comes again: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ids of the messages that stay in the queue. */
async function failedMessages(options: QueueTriggerOptions, messages: readonly Message[]): Promise<ReadonlySet<string>> {
  const { settings, region, invoke } = options;
  const all = new Set(messages.map(({ MessageId = '' }) => MessageId));
  const [first] = messages;
  const invocation = await invoke(
    { Records: messages.map((message) => queueRecord(message, settings.queueArn, region)) },
    first?.Attributes?.['AWSTraceHeader'],
  );
  if (!invocation.ok) return all;
  if (!settings.reportsItemFailures) return new Set();
  return reportedFailures(invocation.payload, all) ?? all;
}

/** The ids that a function reports, or undefined when the answer is malformed or names an id that was not in the batch. */
export function reportedFailures(payload: Json, batch: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (payload === null) return new Set();
  if (!isObject(payload)) return undefined;
  const failures = payload['batchItemFailures'];
  if (failures === undefined || failures === null) return new Set();
  if (!isJsonArray(failures)) return undefined;
  const ids = failures.map((failure) => (isObject(failure) ? failure['itemIdentifier'] : undefined));
  const known = ids.filter((id): id is string => typeof id === 'string' && batch.has(id));
  return known.length === ids.length ? new Set(known) : undefined;
}

async function deleteMessages({ sqs, settings, onProblem }: QueueTriggerOptions, messages: readonly Message[]): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    const Entries = messages.slice(start, start + 10).map(({ ReceiptHandle = '' }, index) => ({ Id: String(index), ReceiptHandle }));
    const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: settings.queueUrl, Entries }));
    for (const failure of Failed) onProblem(`a message of ${settings.queueUrl} was not deleted: ${failure.Code ?? 'no reason given'}`);
  }
}

/** The record as Lambda hands it to a function. */
function queueRecord(message: Message, queueArn: string, region: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [
        name,
        {
          ...(attribute.StringValue === undefined ? {} : { stringValue: attribute.StringValue }),
          ...(attribute.BinaryValue === undefined ? {} : { binaryValue: Buffer.from(attribute.BinaryValue).toString('base64') }),
          stringListValues: [],
          binaryListValues: [],
          dataType: attribute.DataType,
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

/** Filters see the body as JSON where it is JSON. */
function filterable(message: Message): Json {
  const body = message.Body ?? '';
  return { body: parseJsonObject(body) ?? body, attributes: { ...message.Attributes } };
}
