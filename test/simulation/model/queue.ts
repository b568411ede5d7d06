/** What a queue is made with; read from its resource. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly visibilityMs: number;
  /** Receives after which the next one moves the message to the dead letters. */
  readonly maxReceives: number | undefined;
  readonly deadLetterArn: string | undefined;
}

/** A message in a queue. */
export interface ModelMessage {
  readonly id: string;
  readonly body: string;
  receiveCount: number;
  /** Milliseconds since the epoch from which it can be received. */
  visibleAt: number;
  /** Changes with every receive: only the last receiver can delete it. */
  receipt: number;
}

/** A received message and the handle to delete it with. */
export interface Received {
  readonly id: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly receipt: number;
}

/** A standard queue: at least once, a receive count, and dead letters after so many receives. */
export class ModelQueue {
  readonly settings: QueueSettings;
  /** Told of every message that will be visible at a time, so that whoever reads the queue comes then. */
  onVisible: (at: number) => void = () => undefined;
  readonly #now: () => number;
  readonly #deadLetter: (message: ModelMessage) => void;
  #messages: ModelMessage[] = [];
  #count = 0;

  constructor(settings: QueueSettings, now: () => number, deadLetter: (message: ModelMessage) => void = () => undefined) {
    this.settings = settings;
    this.#now = now;
    this.#deadLetter = deadLetter;
  }

  get messages(): readonly ModelMessage[] {
    return this.#messages;
  }

  send(body: string): string {
    this.#count += 1;
    const id = `${this.settings.name}-${this.#count}`;
    this.accept({ id, body, receiveCount: 0 });
    return id;
  }

  /** Takes a message that a redrive policy moved here: its id and its count stay. */
  accept({ id, body, receiveCount }: Pick<ModelMessage, 'id' | 'body' | 'receiveCount'>): void {
    this.#messages.push({ id, body, receiveCount, visibleAt: this.#now(), receipt: 0 });
    this.onVisible(this.#now());
  }

  /** Up to `max` visible messages; one that has been received too often goes to the dead letters instead. */
  receive(max: number, order: (messages: ModelMessage[]) => ModelMessage[] = (messages) => messages): Received[] {
    const received: Received[] = [];
    const visible = order(this.#messages.filter(({ visibleAt }) => visibleAt <= this.#now()));
    for (const message of visible) {
      if (received.length === max) break;
      const { maxReceives } = this.settings;
      if (maxReceives !== undefined && message.receiveCount >= maxReceives) this.#moveAway(message);
      else received.push(this.#hand(message));
    }
    return received;
  }

  /** Deletes by receipt; an outdated one deletes nothing. */
  delete({ id, receipt }: Received): boolean {
    const before = this.#messages.length;
    this.#messages = this.#messages.filter((message) => message.id !== id || message.receipt !== receipt);
    return this.#messages.length < before;
  }

  /** Makes a message visible again after `delayMs`, whoever works on it. */
  changeVisibility({ id }: Pick<Received, 'id'>, delayMs: number): void {
    const message = this.#messages.find((one) => one.id === id);
    if (message === undefined) return;
    message.visibleAt = this.#now() + delayMs;
    this.onVisible(message.visibleAt);
  }

  /** Makes a message visible after `delayMs`, by the handle of its last receive; an outdated one changes nothing. */
  postpone(receiptHandle: string, delayMs: number): boolean {
    const message = this.#messages.find((one) => handleOf(one) === receiptHandle);
    if (message === undefined || message.visibleAt <= this.#now()) return false;
    this.changeVisibility(message, delayMs);
    return true;
  }

  #hand(message: ModelMessage): Received {
    message.receiveCount += 1;
    message.receipt += 1;
    message.visibleAt = this.#now() + this.settings.visibilityMs;
    this.onVisible(message.visibleAt);
    const { id, body, receiveCount, receipt } = message;
    return { id, body, receiveCount, receipt };
  }

  #moveAway(message: ModelMessage): void {
    this.#messages = this.#messages.filter((one) => one !== message);
    this.#deadLetter(message);
  }
}

/** What a received message is deleted or postponed by. */
export function handleOf({ id, receipt }: Pick<Received, 'id' | 'receipt'>): string {
  return `${id}#${receipt}`;
}
