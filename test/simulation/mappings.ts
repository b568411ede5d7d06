import { reportedFailures } from '../../scripts/local/event-sources/queue-trigger';
import { compileFilters } from '../../scripts/local/event-sources/filter';
import { parseJson, type Json } from '../../scripts/local/json';
import type { QueueTrigger, StreamTrigger } from '../../scripts/local/pipeline';
import type { Item } from './model/expressions';
import { handleOf, type ModelQueue, type Received } from './model/queue';
import { idOf, type StreamRecord } from './model/table';
import type { FunctionName } from './plan';
import type { Platform, Result } from './platform';

/** The poller between a queue and its function: what the function does not report as failed is deleted, the rest comes again. */
export class QueueMapping {
  readonly #platform: Platform;
  readonly #queue: ModelQueue;
  readonly #trigger: QueueTrigger;
  readonly #name: FunctionName;
  #running = 0;

  constructor(platform: Platform, queue: ModelQueue, trigger: QueueTrigger, name: FunctionName) {
    this.#platform = platform;
    this.#queue = queue;
    this.#trigger = trigger;
    this.#name = name;
    queue.onVisible = (at) => {
      const waitMs = 1 + 200 * platform.chance(`poll ${name} ${platform.count(`poll ${name}`)}`) ** 4;
      platform.scheduler.after(at - platform.scheduler.now + waitMs, () => {
        this.#poll();
      });
    };
  }

  #poll(): void {
    while (this.#running < (this.#trigger.maximumConcurrency ?? 1000)) {
      const nth = this.#platform.count(`receive ${this.#name}`);
      const max = 1 + Math.floor(this.#trigger.batchSize * this.#platform.chance(`batch ${this.#name} ${nth}`));
      const messages = this.#queue.receive(max, (all) => this.#shuffled(all, nth));
      if (messages.length === 0) return;
      this.#deliver(messages);
    }
  }

  #deliver(messages: readonly Received[]): void {
    const nth = this.#platform.count(`batch ${this.#name}`);
    this.#platform.say(`${this.#name} gets ${messages.map(({ id, receiveCount }) => `${id} (time ${receiveCount})`).join(', ')}`);
    const expires = this.#platform.faultOf('visibility-expires', this.#name, nth);
    if (expires !== undefined) {
      this.#platform.hit('visibility-expires', `the messages of batch ${nth} of ${this.#name} become visible while it works on them`);
      for (const message of messages) this.#queue.changeVisibility(message, expires.afterMs);
    }
    this.#running += 1;
    this.#platform.invoke(this.#name, { Records: messages.map(recordOf) }, (result) => {
      this.#running -= 1;
      this.#settle(messages, result, nth);
      this.#poll();
    });
  }

  #settle(messages: readonly Received[], result: Result, nth: number): void {
    const all = new Set(messages.map(({ id }) => id));
    const failed = failuresOf(result, all, this.#trigger.reportsItemFailures);
    if (this.#platform.faultOf('delete-lost', this.#name, nth) !== undefined) {
      this.#platform.hit('delete-lost', `the messages of batch ${nth} of ${this.#name} are not deleted`);
      return;
    }
    for (const message of messages) {
      if (!failed.has(message.id)) this.#queue.delete(message);
      else if (!result.disturbed) this.#platform.unexplained.push(`${this.#name} hands back ${message.body}`);
    }
  }

  #shuffled<T extends { readonly id: string }>(items: T[], nth: number): T[] {
    const keyed = items.map((item) => ({ item, key: this.#platform.chance(`order ${nth} ${item.id}`) }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }
}

/** A message as Lambda hands it over. */
function recordOf(message: Received) {
  const { id, body, receiveCount } = message;
  return { messageId: id, receiptHandle: handleOf(message), body, attributes: { ApproximateReceiveCount: String(receiveCount) } };
}

interface Batch {
  readonly records: readonly StreamRecord[];
  readonly attempts: number;
}

/** Records of some keys, in order, one batch at a time. */
interface Lane {
  readonly waiting: StreamRecord[];
  readonly pending: Batch[];
  busy: boolean;
}

/** The poller between the table's stream and a function: in order per key, halved where it fails, given up after its retries or its age. */
export class StreamMapping {
  readonly #platform: Platform;
  readonly #trigger: StreamTrigger;
  readonly #name: FunctionName;
  readonly #lanes: readonly Lane[];
  readonly #wanted: (value: Json) => boolean;
  readonly #onFailure: ModelQueue | undefined;

  constructor(platform: Platform, trigger: StreamTrigger, name: FunctionName, onFailure: ModelQueue | undefined) {
    this.#platform = platform;
    this.#trigger = trigger;
    this.#name = name;
    this.#lanes = Array.from({ length: trigger.parallelizationFactor }, () => ({ waiting: [], pending: [], busy: false }));
    this.#wanted = compileFilters(trigger.filters);
    this.#onFailure = onFailure;
  }

  /** Takes a record that the table has just written. */
  push(record: StreamRecord): void {
    if (!this.#wanted(lambdaRecordOf(record))) return;
    const lane = this.#lanes[Math.floor(this.#platform.chance(idOf(record.keys)) * this.#lanes.length)];
    if (lane === undefined) throw new Error('a stream without lanes');
    lane.waiting.push(record);
    this.#wake(lane);
  }

  #wake(lane: Lane): void {
    if (lane.busy) return;
    lane.busy = true;
    const { windowSeconds } = this.#trigger;
    const waitMs = 20 + 180 * this.#platform.chance(`read ${this.#name} ${this.#platform.count(`read ${this.#name}`)}`);
    this.#platform.scheduler.after(windowSeconds * 1000 + waitMs, () => {
      this.#next(lane);
    });
  }

  #next(lane: Lane): void {
    const batch = lane.pending.shift() ?? { records: lane.waiting.splice(0, this.#trigger.batchSize), attempts: 0 };
    const records = this.#withoutExpired(batch);
    if (records.length > 0) this.#deliver(lane, { ...batch, records });
    else if (lane.pending.length + lane.waiting.length > 0) this.#next(lane);
    else lane.busy = false;
  }

  #withoutExpired({ records }: Batch): readonly StreamRecord[] {
    const { maximumAgeSeconds } = this.#trigger;
    if (maximumAgeSeconds < 0) return records;
    const oldest = this.#platform.scheduler.now - maximumAgeSeconds * 1000;
    const expired = records.filter(({ at }) => at < oldest);
    if (expired.length > 0) this.#giveUp(expired, 'RecordAgeExceeded');
    return records.filter(({ at }) => at >= oldest);
  }

  #deliver(lane: Lane, batch: Batch): void {
    const nth = this.#platform.count(`batch ${this.#name}`);
    const { records } = batch;
    this.#platform.say(`${this.#name} gets records ${records.map(({ sequenceNumber }) => sequenceNumber).join(', ')}`);
    this.#platform.invoke(this.#name, { Records: records.map(lambdaRecordOf) }, (result) => {
      const failed = failuresOf(result, new Set(records.map(({ sequenceNumber }) => sequenceNumber)), this.#trigger.reportsItemFailures);
      let from = records.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
      if (from >= 0 && !result.disturbed) this.#platform.unexplained.push(`${this.#name} hands back record ${[...failed].join(', ')}`);
      if (this.#platform.faultOf('checkpoint-lost', this.#name, nth) !== undefined) {
        this.#platform.hit('checkpoint-lost', `batch ${nth} of ${this.#name} is delivered again, whatever it answered`);
        from = 0;
      }
      if (from >= 0) this.#retry(lane, batch, from);
      else this.#next(lane);
    });
  }

  /** Puts what remains of a batch at the head of its lane. */
  #retry(lane: Lane, { records, attempts }: Batch, from: number): void {
    const rest = records.slice(from);
    const { bisects, maximumRetries } = this.#trigger;
    if (from === 0 && bisects && rest.length > 1) {
      const half = Math.ceil(rest.length / 2);
      lane.pending.unshift({ records: rest.slice(0, half), attempts }, { records: rest.slice(half), attempts });
    } else if (from === 0 && maximumRetries >= 0 && attempts >= maximumRetries) {
      this.#giveUp(rest, 'RetryAttemptsExhausted');
    } else {
      lane.pending.unshift({ records: rest, attempts: from > 0 ? 0 : attempts + 1 });
    }
    const pauseMs = Math.min(60_000, 500 * 2 ** attempts);
    this.#platform.scheduler.after(pauseMs, () => {
      this.#next(lane);
    });
  }

  #giveUp(records: readonly StreamRecord[], condition: string): void {
    this.#platform.say(`${this.#name} gives up ${records.map(({ sequenceNumber }) => sequenceNumber).join(', ')}: ${condition}`);
    const info = {
      startSequenceNumber: records[0]?.sequenceNumber,
      endSequenceNumber: records.at(-1)?.sequenceNumber,
      batchSize: records.length,
    };
    this.#onFailure?.send(JSON.stringify({ requestContext: { condition }, DDBStreamBatchInfo: info }));
  }
}

/** What has to come again; everything where the function threw or its answer is not understood. */
function failuresOf(result: Result, all: ReadonlySet<string>, reportsItemFailures: boolean): ReadonlySet<string> {
  if (!result.ok) return all;
  if (!reportsItemFailures) return new Set();
  return reportedFailures(parseJson(JSON.stringify(result.payload ?? null)), all) ?? all;
}

type LambdaRecord = ReturnType<typeof translated>;

/** Both mappings ask for the same records, and again at every retry. */
const translations = new WeakMap<StreamRecord, LambdaRecord>();

/** The record as Lambda hands it to a function. */
function lambdaRecordOf(record: StreamRecord): LambdaRecord {
  const known = translations.get(record) ?? translated(record);
  translations.set(record, known);
  return known;
}

function translated({ sequenceNumber, eventName, keys, oldImage, newImage, at }: StreamRecord) {
  return {
    eventID: sequenceNumber,
    eventName,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(at / 1000),
      Keys: imageOf(keys),
      ...(newImage !== undefined && { NewImage: imageOf(newImage) }),
      ...(oldImage !== undefined && { OldImage: imageOf(oldImage) }),
      SequenceNumber: sequenceNumber,
    },
  };
}

type ImageValue = Readonly<Record<string, Json>>;

/** Typed values as they stand in a stream's JSON: bytes as base64. */
function imageOf(item: Item): Record<string, ImageValue> {
  const entries = Object.entries(item).map(([name, value]): [string, ImageValue] => {
    if (value.B !== undefined) return [name, { B: Buffer.from(value.B).toString('base64') }];
    if (value.M !== undefined) return [name, { M: imageOf(value.M) }];
    if (value.N !== undefined) return [name, { N: value.N }];
    if (value.BOOL !== undefined) return [name, { BOOL: value.BOOL }];
    return [name, value.S === undefined ? { NULL: true } : { S: value.S }];
  });
  return Object.fromEntries(entries);
}
