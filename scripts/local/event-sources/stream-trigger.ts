import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type DynamoDBStreamsClient,
  type _Record,
} from '@aws-sdk/client-dynamodb-streams';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { isObject, type Json, type JsonObject } from '../json';
import { pause } from '../pause';
import type { StreamTrigger } from '../pipeline';
import { deliverBatch, type GivenUp, type StreamItem } from './batch-delivery';
import { compileFilters } from './filter';
import type { Complain, Invoke, Trigger } from './trigger';

export interface StreamTriggerOptions {
  readonly streams: DynamoDBStreamsClient;
  readonly sqs: SQSClient;
  readonly settings: StreamTrigger;
  readonly region: string;
  readonly invoke: Invoke;
  readonly onProblem: Complain;
  /** Milliseconds between reads of a quiet stream; `wake` reads at once. */
  readonly idleMs: number;
  /** Between two retries; default: doubling from 100 ms to 5 s. */
  readonly retryPauseMs?: (attempt: number) => number;
}

/** Records of a shard that may wait for the function; then reading pauses. */
const bufferLimit = 2000;
/** Between two reads of a busy stream, so that records come in batches; Lambda itself reads a shard every 250 ms. */
const busyPauseMs = 100;
const problemPauseMs = 1000;

/** Reads a table's stream as Lambda's event source mapping does. Works on any endpoint that has DynamoDB Streams. */
export function startStreamTrigger(options: StreamTriggerOptions): Trigger {
  const reader = new StreamReader(options);
  const reading = reader.run();
  return {
    get idle() {
      return reader.idle;
    },
    get emptyReads() {
      return reader.emptyReads;
    },
    wake: () => {
      reader.wake();
    },
    flush: () => {
      reader.flush();
    },
    async stop() {
      reader.stop();
      await reading;
    },
  };
}

class StreamReader {
  readonly #options: StreamTriggerOptions;
  readonly #stopping = new AbortController();
  readonly #shards = new Map<string, Promise<void>>();
  readonly #lanes: Lane[] = [];
  readonly #wanted: (payload: Json) => boolean;
  #wakeUp: (() => void) | undefined;
  #woken = false;
  emptyReads = 0;

  constructor(options: StreamTriggerOptions) {
    this.#options = options;
    this.#wanted = compileFilters(options.settings.filters);
  }

  get idle(): boolean {
    return this.#lanes.every((lane) => lane.idle);
  }

  #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }

  flush(): void {
    for (const lane of this.#lanes) lane.flush();
  }

  stop(): void {
    this.#stopping.abort();
    this.wake();
  }

  async run(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#startNewShards(this.#options.settings.startingPosition);
    while (!signal.aborted) {
      await Promise.race([...this.#shards.values(), pause(60_000, signal)]);
      await this.#startNewShards('TRIM_HORIZON');
    }
    await Promise.all([...this.#shards.values(), ...this.#lanes.map((lane) => lane.finished())]);
  }

  async #startNewShards(position: 'TRIM_HORIZON' | 'LATEST'): Promise<void> {
    for (const shardId of await this.#retried(() => this.#shardIds())) {
      if (!this.#shards.has(shardId)) this.#shards.set(shardId, this.#readShard(shardId, position));
    }
  }

  async #shardIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    let last: string | undefined;
    do {
      const { StreamDescription } = await this.#options.streams.send(
        new DescribeStreamCommand({
          StreamArn: this.#options.settings.streamArn,
          ...(last === undefined ? {} : { ExclusiveStartShardId: last }),
        }),
      );
      ids.push(...(StreamDescription?.Shards ?? []).map(({ ShardId = '' }) => ShardId));
      last = StreamDescription?.LastEvaluatedShardId;
    } while (last !== undefined);
    return ids;
  }

  async #readShard(shardId: string, position: 'TRIM_HORIZON' | 'LATEST'): Promise<void> {
    const lanes = this.#startLanes(shardId);
    let last: string | undefined;
    let iterator = await this.#retried(() => this.#iterator(shardId, position, last));
    while (iterator !== undefined && !this.#stopped()) {
      const current = iterator;
      try {
        const { Records = [], NextShardIterator } = await this.#options.streams.send(
          new GetRecordsCommand({ ShardIterator: current, Limit: 1000 }),
          { abortSignal: this.#stopping.signal },
        );
        last = Records.at(-1)?.dynamodb?.SequenceNumber ?? last;
        iterator = NextShardIterator;
        this.#dispatch(Records, lanes);
        await this.#pauseAfter(Records.length, lanes);
      } catch (error) {
        if (this.#stopped()) return;
        this.#complain(error);
        await this.#sleep(problemPauseMs);
        iterator = await this.#retried(() => this.#iterator(shardId, position, last));
      }
    }
  }

  async #iterator(shardId: string, position: 'TRIM_HORIZON' | 'LATEST', after: string | undefined): Promise<string | undefined> {
    const { ShardIterator } = await this.#options.streams.send(
      new GetShardIteratorCommand({
        StreamArn: this.#options.settings.streamArn,
        ShardId: shardId,
        ...(after === undefined
          ? { ShardIteratorType: position }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: after }),
      }),
    );
    return ShardIterator;
  }

  #startLanes(shardId: string): readonly Lane[] {
    const { settings } = this.#options;
    const lanes = Array.from({ length: settings.parallelizationFactor }, () => {
      return new Lane(settings, this.#stopping.signal, (items) =>
        deliverBatch(items, {
          ...settings,
          invoke: this.#options.invoke,
          giveUp: (letter) => this.#giveUp(shardId, letter),
          signal: this.#stopping.signal,
          ...(this.#options.retryPauseMs === undefined ? {} : { pauseMs: this.#options.retryPauseMs }),
        }).catch((error: unknown) => {
          this.#complain(error);
        }),
      );
    });
    this.#lanes.push(...lanes);
    return lanes;
  }

  #dispatch(records: readonly _Record[], lanes: readonly Lane[]): void {
    for (const record of records) {
      const payload = streamRecord(record, this.#options.settings.streamArn, this.#options.region);
      // A record that no filter wants is checkpointed like one that was taken.
      if (!this.#wanted(payload)) continue;
      const lane = lanes[lanes.length === 1 ? 0 : laneOf(payload, lanes.length)];
      lane?.push({
        sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
        createdAt: record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? Date.now(),
        payload,
      });
    }
  }

  async #pauseAfter(found: number, lanes: readonly Lane[]): Promise<void> {
    if (found === 0) {
      this.emptyReads += 1;
      await this.#untilWoken(this.#options.idleMs);
    }
    this.#woken = false;
    await this.#sleep(busyPauseMs);
    while (lanes.reduce((sum, lane) => sum + lane.length, 0) > bufferLimit && !this.#stopped()) await this.#sleep(busyPauseMs);
  }

  #untilWoken(atMostMs: number): Promise<void> {
    if (this.#woken || this.#stopped()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, atMostMs);
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Tells the failure destination where the lost records are, in the words of Lambda. */
  async #giveUp(shardId: string, letter: GivenUp): Promise<void> {
    const { settings, sqs } = this.#options;
    const body = failureMessage(shardId, settings, letter);
    if (settings.onFailureQueueUrl === undefined) {
      this.#options.onProblem(`${settings.functionName} gave up ${letter.items.length} records of its stream (${letter.condition})`);
      return;
    }
    const QueueUrl = settings.onFailureQueueUrl;
    await this.#retried(() => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) })));
  }

  /** Until it works or the trigger stops; then the last error is thrown. */
  async #retried<T>(run: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (this.#stopped()) throw error;
        this.#complain(error);
        await this.#sleep(problemPauseMs);
      }
    }
  }

  #complain(error: unknown): void {
    this.#options.onProblem(`stream of ${this.#options.settings.functionName}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #sleep(ms: number): Promise<void> {
    return pause(ms, this.#stopping.signal);
  }
}

/** Records whose order matters among themselves; one batch at a time. */
class Lane {
  readonly #settings: Pick<StreamTrigger, 'batchSize' | 'windowSeconds'>;
  readonly #signal: AbortSignal;
  readonly #deliver: (items: readonly StreamItem[]) => Promise<void>;
  #items: StreamItem[] = [];
  #running: Promise<void> | undefined;
  #flushes = 0;

  constructor(
    settings: Pick<StreamTrigger, 'batchSize' | 'windowSeconds'>,
    signal: AbortSignal,
    deliver: (items: readonly StreamItem[]) => Promise<void>,
  ) {
    this.#settings = settings;
    this.#signal = signal;
    this.#deliver = deliver;
  }

  get idle(): boolean {
    return this.#running === undefined;
  }

  get length(): number {
    return this.#items.length;
  }

  push(item: StreamItem): void {
    this.#items.push(item);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Ends the wait for a fuller batch. */
  flush(): void {
    this.#flushes += 1;
  }

  finished(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    // Records of the same read go out together.
    await Promise.resolve();
    while (this.#items.length > 0 && !this.#signal.aborted) {
      await this.#fill();
      await this.#deliver(this.#items.splice(0, this.#settings.batchSize));
    }
  }

  async #fill(): Promise<void> {
    const deadline = Date.now() + this.#settings.windowSeconds * 1000;
    const flushes = this.#flushes;
    const isOpen = (): boolean => Date.now() < deadline && this.#flushes === flushes && !this.#signal.aborted;
    while (this.#items.length < this.#settings.batchSize && isOpen()) await pause(busyPauseMs, this.#signal);
  }
}

/** Lambda keeps the order per item, so the item's whole key decides. */
function laneOf(payload: JsonObject, lanes: number): number {
  const dynamodb = payload['dynamodb'];
  const keys = JSON.stringify(isObject(dynamodb) ? dynamodb['Keys'] : null);
  return createHash('md5').update(keys).digest().readUInt32BE(0) % lanes;
}

/** The record as Lambda hands it to a function. */
function streamRecord(record: _Record, streamArn: string, region: string): JsonObject {
  const change = record.dynamodb;
  return {
    eventID: record.eventID ?? '',
    eventName: record.eventName ?? '',
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((change?.ApproximateCreationDateTime?.getTime() ?? Date.now()) / 1000),
      ...(change?.Keys === undefined ? {} : { Keys: imageJson(change.Keys) }),
      ...(change?.NewImage === undefined ? {} : { NewImage: imageJson(change.NewImage) }),
      ...(change?.OldImage === undefined ? {} : { OldImage: imageJson(change.OldImage) }),
      SequenceNumber: change?.SequenceNumber ?? '',
      SizeBytes: change?.SizeBytes ?? 0,
      StreamViewType: change?.StreamViewType ?? 'NEW_AND_OLD_IMAGES',
    },
    ...(record.userIdentity === undefined
      ? {}
      : { userIdentity: { principalId: record.userIdentity.PrincipalId ?? '', type: record.userIdentity.Type ?? '' } }),
    eventSourceARN: streamArn,
  };
}

function imageJson(image: Readonly<Record<string, AttributeValue>>): JsonObject {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, attributeJson(value)]));
}

/** A typed value as it stands in the stream's own JSON, bytes as base64. */
function attributeJson(value: AttributeValue): Json {
  if (value.B !== undefined) return { B: Buffer.from(value.B).toString('base64') };
  if (value.BS !== undefined) return { BS: value.BS.map((bytes) => Buffer.from(bytes).toString('base64')) };
  if (value.L !== undefined) return { L: value.L.map(attributeJson) };
  if (value.M !== undefined) return { M: imageJson(value.M) };
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  return { NULL: true };
}

/** What an on-failure queue receives. */
function failureMessage(shardId: string, settings: Pick<StreamTrigger, 'functionArn' | 'streamArn'>, letter: GivenUp): JsonObject {
  const first = letter.items[0];
  const last = letter.items.at(-1);
  return {
    requestContext: {
      requestId: letter.requestId,
      functionArn: settings.functionArn,
      condition: letter.condition,
      approximateInvokeCount: letter.invokeCount,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: letter.functionError ?? null,
    },
    version: '1.0',
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.sequenceNumber ?? '',
      endSequenceNumber: last?.sequenceNumber ?? '',
      approximateArrivalOfFirstRecord: secondsOf(first),
      approximateArrivalOfLastRecord: secondsOf(last),
      batchSize: letter.items.length,
      streamArn: settings.streamArn,
    },
  };
}

function secondsOf(item: StreamItem | undefined): string {
  return new Date(item?.createdAt ?? Date.now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
