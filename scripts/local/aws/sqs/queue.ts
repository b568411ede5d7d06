import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError } from '../aws-error';
import type { Clock } from '../clock';
import { LazyFifo } from './lazy-fifo';
import type { Message, NewMessage } from './message';
import { TimedHeap } from '../timed-heap';

const MAX_IN_FLIGHT = 120_000;

/** Times of a queue that matter to its messages, in milliseconds. */
export interface QueueTimes {
  visibilityMs: number;
  delayMs: number;
  retentionMs: number;
}

/** What a receive asks for. */
export interface ReceiveRequest {
  max: number;
  visibilityMs: number;
  waitMs: number;
  /** Ends the wait early, when the client has left. */
  onDisconnect: (listener: () => void) => void;
}

interface Waiter extends ReceiveRequest {
  finish: (messages: Message[]) => void;
}

/** One standard queue. Every step costs the same at a depth of one and of a hundred thousand. */
export class Queue {
  readonly arn: string;
  times: QueueTimes;
  /** Takes the message away to a dead-letter queue, if it has been received too often. */
  redrive: (message: Message) => boolean = () => false;

  readonly #clock: Clock;
  readonly #all = new Map<string, Message>();
  readonly #timed = new TimedHeap<Message>();
  readonly #ready = new LazyFifo<Message>(({ state }) => state === 'ready');
  readonly #byAge = new LazyFifo<Message>(({ state }) => state !== 'gone');
  #readyCount = 0;
  #delayedCount = 0;
  #waiters: Waiter[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(arn: string, times: QueueTimes, clock: Clock) {
    this.arn = arn;
    this.times = times;
    this.#clock = clock;
  }

  /** Counts as of now. */
  get depth(): { visible: number; delayed: number; inFlight: number; oldestAgeSeconds: number } {
    this.#settle();
    const oldest = this.#byAge.peek();
    const oldestAgeSeconds = oldest === undefined ? 0 : Math.floor((this.#clock.now() - oldest.enteredAt) / 1000);
    const inFlight = this.#all.size - this.#readyCount - this.#delayedCount;
    return { visible: this.#readyCount, delayed: this.#delayedCount, inFlight, oldestAgeSeconds };
  }

  send(message: NewMessage, delayMs = this.times.delayMs): Message {
    const now = this.#clock.now();
    return this.#enter({ ...message, id: randomUUID(), sentAt: now, receiveCount: 0 }, delayMs);
  }

  /** Takes a message that a redrive policy moved: its id, age and count stay. */
  accept(message: Message, sourceArn: string): Message {
    return this.#enter({ ...message, sourceArn }, 0);
  }

  /** Messages that are visible now, or the first that become so within the wait. */
  receive(request: ReceiveRequest): Message[] | Promise<Message[]> {
    if (this.depth.inFlight >= MAX_IN_FLIGHT) throw new AwsError('OverLimit', 'There are 120000 messages in flight', { status: 403 });
    const messages = this.#take(request);
    if (messages.length > 0 || request.waitMs <= 0) return messages;
    return new Promise((resolve) => {
      const cancelDeadline = this.#clock.schedule(request.waitMs, () => {
        waiter.finish([]);
      });
      const waiter: Waiter = {
        ...request,
        finish: (found) => {
          cancelDeadline();
          this.#waiters = this.#waiters.filter((other) => other !== waiter);
          resolve(found);
        },
      };
      this.#waiters.push(waiter);
      request.onDisconnect(() => {
        waiter.finish([]);
      });
      this.#watchTime();
    });
  }

  /** Deletes by receipt handle; one that is not the message's last deletes nothing, as on AWS. */
  delete(receiptHandle: string): void {
    const message = this.#byReceipt(receiptHandle);
    if (message !== undefined) this.#remove(message);
  }

  /** Takes a visible message out, whatever its receipts: a move task's way. */
  takeVisible(): Message | undefined {
    this.#settle();
    const message = this.#ready.shift();
    if (message !== undefined) this.#remove(message);
    return message;
  }

  changeVisibility(receiptHandle: string, visibilityMs: number): void {
    this.#settle();
    const message = this.#byReceipt(receiptHandle);
    if (message?.state !== 'in-flight') {
      throw new AwsError('MessageNotInflight', 'The message is not in flight', { queryCode: 'AWS.SimpleQueueService.MessageNotInflight' });
    }
    this.#timed.remove(message);
    message.dueAt = this.#clock.now() + visibilityMs;
    this.#timed.add(message);
    this.#serve();
  }

  purge(): void {
    for (const message of this.#all.values()) message.state = 'gone';
    this.#all.clear();
    this.#timed.clear();
    this.#ready.clear();
    this.#byAge.clear();
    this.#readyCount = this.#delayedCount = 0;
  }

  /** Ends every wait. */
  close(): void {
    this.#cancelTimer?.();
    for (const waiter of [...this.#waiters]) waiter.finish([]);
  }

  #enter(from: NewMessage & Pick<Message, 'id' | 'sentAt' | 'receiveCount'> & Partial<Message>, delayMs: number): Message {
    const now = this.#clock.now();
    const message: Message = {
      id: from.id,
      body: from.body,
      attributes: from.attributes,
      traceHeader: from.traceHeader,
      sentAt: from.sentAt,
      enteredAt: now,
      sourceArn: from.sourceArn,
      receiveCount: from.receiveCount,
      firstReceivedAt: from.firstReceivedAt,
      receipt: undefined,
      state: 'ready',
      dueAt: now + delayMs,
      heapIndex: -1,
    };
    this.#all.set(message.id, message);
    this.#byAge.push(message);
    if (delayMs > 0) {
      message.state = 'delayed';
      this.#delayedCount += 1;
      this.#timed.add(message);
    } else {
      this.#push(message);
    }
    this.#serve();
    return message;
  }

  #push(message: Message): void {
    message.state = 'ready';
    this.#ready.push(message);
    this.#readyCount += 1;
  }

  #remove(message: Message): void {
    if (message.state === 'ready') this.#readyCount -= 1;
    if (message.state === 'delayed') this.#delayedCount -= 1;
    if (message.heapIndex >= 0) this.#timed.remove(message);
    message.state = 'gone';
    this.#all.delete(message.id);
  }

  /** Brings messages whose time has come to where they belong now. */
  #settle(): void {
    const now = this.#clock.now();
    for (let due = this.#timed.first; due !== undefined && due.dueAt <= now; due = this.#timed.first) {
      this.#timed.remove(due);
      if (due.state === 'delayed') this.#delayedCount -= 1;
      this.#push(due);
    }
    for (let oldest = this.#byAge.peek(); oldest !== undefined && this.#isExpired(oldest); oldest = this.#byAge.peek()) {
      this.#remove(oldest);
    }
  }

  #take(request: ReceiveRequest): Message[] {
    this.#settle();
    const taken: Message[] = [];
    while (taken.length < request.max) {
      const message = this.#ready.shift();
      if (message === undefined) break;
      this.#hand(message, request.visibilityMs, taken);
    }
    return taken;
  }

  #hand(message: Message, visibilityMs: number, taken: Message[]): void {
    const now = this.#clock.now();
    // In a dead-letter queue an old message can stand behind a newer one.
    if (this.#isExpired(message) || this.redrive(message)) {
      this.#remove(message);
      return;
    }
    this.#readyCount -= 1;
    message.state = 'in-flight';
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receipt = randomBytes(9).toString('base64url');
    message.dueAt = now + visibilityMs;
    this.#timed.add(message);
    taken.push(message);
  }

  #isExpired(message: Message): boolean {
    return message.sentAt + this.times.retentionMs <= this.#clock.now();
  }

  #byReceipt(receiptHandle: string): Message | undefined {
    const [id, receipt] = Buffer.from(receiptHandle, 'base64url').toString('utf8').split('#');
    if (id === undefined || receipt === undefined) {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle.slice(0, 80)}" is not a valid receipt handle.`,
      );
    }
    const message = this.#all.get(id);
    return message?.receipt === receipt ? message : undefined;
  }

  #serve(): void {
    if (this.#waiters.length === 0) return;
    this.#settle();
    while (this.#readyCount > 0) {
      const [waiter] = this.#waiters;
      if (waiter === undefined) break;
      const messages = this.#take(waiter);
      if (messages.length > 0) waiter.finish(messages);
    }
    this.#watchTime();
  }

  #watchTime(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const first = this.#timed.first;
    if (first === undefined || this.#waiters.length === 0) return;
    this.#cancelTimer = this.#clock.schedule(Math.max(0, first.dueAt - this.#clock.now()), () => {
      this.#serve();
    });
  }
}

/** The handle that a receiver deletes with. */
export function receiptHandle(message: Message): string {
  return Buffer.from(`${message.id}#${message.receipt ?? ''}`).toString('base64url');
}
