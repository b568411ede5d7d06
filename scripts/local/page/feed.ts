import type { ServerResponse } from 'node:http';
import type { Activity } from '../activity';
import type { QueueDepth } from '../aws/embedded-aws';
import { textAt } from '../json';
import { bounded, type EventBook, type EventSummary } from './event-book';
import type { Move } from './movement';

export interface AlertNote {
  readonly id: number;
  readonly at: number;
  readonly messageId: string;
  readonly topic: string;
  readonly subject: string;
  readonly text: string;
  /** `protocol:endpoint` of everybody who got it. */
  readonly endpoints: readonly string[];
  /** The event that it is about, once the function has said so. */
  readonly eventId: number | undefined;
}

export interface ProblemNote {
  readonly id: number;
  readonly at: number;
  readonly text: string;
}

export interface QueueCount {
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly oldestAgeSeconds: number;
}

/** Sums since the run began. */
export type Totals = Readonly<Record<'stored' | 'duplicates' | 'rejected' | 'published' | 'alerts', number>>;

/** What a page that just opened is told. */
export interface Snapshot {
  readonly events: readonly EventSummary[];
  readonly alerts: readonly AlertNote[];
  readonly problems: readonly ProblemNote[];
  readonly queues: readonly QueueCount[];
  readonly totals: Totals;
}

/** What an open page is told of the last moments. */
export interface Batch extends Snapshot {
  readonly moves: readonly Move[];
}

export interface FeedOptions {
  readonly book: EventBook;
  readonly depths: () => readonly QueueDepth[];
  readonly moveOf: (activity: Activity) => Move | undefined;
}

/** Pages open at one time. */
export const maxReaders = 8;
const keptAlerts = 200;
const keptProblems = 100;
/** Moves of one batch: more cannot be told apart. */
const maxMoves = 24;
/** What may wait for a reader that does not read; then it starts anew. */
const maxWaitingBytes = 8 * 1024 * 1024;
const intervalMs = 150;

const totalOf: Readonly<Record<string, keyof Totals>> = {
  'webhook stored': 'stored',
  'webhook duplicate': 'duplicates',
  'webhook rejected': 'rejected',
};

/** Collects what happens, and tells every open page several times a second. Holds a bounded amount whatever happens. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #readers = new Set<ServerResponse>();
  readonly #timer: NodeJS.Timeout;
  #alerts: AlertNote[] = [];
  #problems: ProblemNote[] = [];
  #newAlerts = new Set<number>();
  #newProblems: ProblemNote[] = [];
  #moves: Move[] = [];
  #totals: Record<keyof Totals, number> = { stored: 0, duplicates: 0, rejected: 0, published: 0, alerts: 0 };
  #sentCounts = '';
  #nextNote = 1;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#tell();
    }, intervalMs);
    this.#timer.unref();
  }

  add(activity: Activity): void {
    this.#options.book.add(activity);
    this.#count(activity);
    const note = this.#problemIn(activity);
    if (note !== undefined) this.#problem(activity.at, note);
    if (this.#readers.size === 0 || this.#moves.length >= maxMoves) return;
    const move = this.#options.moveOf(activity);
    if (move !== undefined) this.#moves.push(move);
  }

  /** Alerts about one event. */
  alertsOf(eventId: number): readonly AlertNote[] {
    return this.#alerts.filter((alert) => alert.eventId === eventId);
  }

  /** False when too many pages are open. */
  open(reader: ServerResponse): boolean {
    if (this.#readers.size >= maxReaders) return false;
    reader.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    // What changed before belongs to the snapshot of this reader, and to the next batch of the others.
    this.#tell();
    this.#readers.add(reader);
    reader.on('close', () => {
      this.#readers.delete(reader);
    });
    write(reader, 'snapshot', this.#snapshot());
    return true;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const reader of this.#readers) reader.end();
  }

  #snapshot(): Snapshot {
    const { book } = this.#options;
    return { events: book.summaries, alerts: this.#alerts, problems: this.#problems, queues: this.#queues(), totals: this.#totals };
  }

  #tell(): void {
    const events = this.#options.book.takeChanged();
    const alerts = this.#alerts.filter(({ id }) => this.#newAlerts.has(id));
    const [problems, moves] = [this.#newProblems, this.#moves];
    const queues = this.#readers.size === 0 ? [] : this.#queues();
    const counts = JSON.stringify(
      queues.map(({ visible, inFlight, oldestAgeSeconds }) => [visible, inFlight, Math.floor(oldestAgeSeconds / 5)]),
    );
    this.#newAlerts = new Set();
    this.#newProblems = [];
    this.#moves = [];
    const isNews = events.length + alerts.length + problems.length + moves.length > 0 || counts !== this.#sentCounts;
    this.#sentCounts = counts;
    if (this.#readers.size === 0 || !isNews) return;
    const batch: Batch = { events, alerts, problems, moves, queues, totals: this.#totals };
    for (const reader of this.#readers) {
      if (reader.writableLength > maxWaitingBytes) reader.destroy();
      else write(reader, 'batch', batch);
    }
  }

  #queues(): readonly QueueCount[] {
    return this.#options.depths().map(({ arn, visible, delayed, inFlight, oldestAgeSeconds }) => ({
      arn,
      visible: visible + delayed,
      inFlight,
      oldestAgeSeconds: Math.round(oldestAgeSeconds),
    }));
  }

  #count(activity: Activity): void {
    if (activity.kind === 'published') this.#totals.published += 1;
    if (activity.kind === 'alert') this.#alert(activity);
    if (activity.kind !== 'log') return;
    const total = totalOf[textAt(activity.fields, 'message')];
    if (total !== undefined) this.#totals[total] += 1;
    if (textAt(activity.fields, 'message') === 'alert sent') this.#link(activity);
  }

  #alert({ at, message }: Extract<Activity, { kind: 'alert' }>): void {
    this.#totals.alerts += 1;
    const { messageId, subject = 'Alert', topicArn, endpoints } = message;
    const topic = topicArn.slice(topicArn.lastIndexOf(':') + 1);
    const text = bounded(message.message, 8000);
    this.#alerts.push({ id: this.#nextNote, at, messageId, topic, subject: bounded(subject), text, endpoints, eventId: undefined });
    this.#newAlerts.add(this.#nextNote);
    this.#nextNote += 1;
    if (this.#alerts.length > keptAlerts) this.#alerts.shift();
  }

  #link({ fields }: Extract<Activity, { kind: 'log' }>): void {
    const messageId = textAt(fields, 'messageId');
    const eventId = this.#options.book.idOf(fields);
    this.#alerts = this.#alerts.map((alert) => {
      if (alert.messageId !== messageId) return alert;
      this.#newAlerts.add(alert.id);
      return { ...alert, eventId };
    });
  }

  #problemIn(activity: Activity): string | undefined {
    switch (activity.kind) {
      case 'problem':
        return activity.text;
      case 'request': {
        const { method, path, status, problem } = activity.entry;
        return problem === undefined ? undefined : `${method} ${path} ${status}: ${problem}`;
      }
      case 'report': {
        const { functionName, error } = activity.report;
        return error === undefined ? undefined : `${functionName}: ${error.errorType}: ${error.errorMessage}`;
      }
      case 'log': {
        if (textAt(activity.fields, 'level') !== 'ERROR') return undefined;
        const cause = textAt(activity.fields, 'error', 'message');
        return [`${activity.functionName}: ${textAt(activity.fields, 'message')}`, cause].filter((part) => part !== '').join(': ');
      }
      case 'alert':
      case 'dead-letter':
      case 'object':
      case 'published':
      case 'text':
        return undefined;
    }
  }

  #problem(at: number, text: string): void {
    const note = { id: this.#nextNote, at, text: bounded(text, 500) };
    this.#nextNote += 1;
    this.#problems.push(note);
    if (this.#problems.length > keptProblems) this.#problems.shift();
    this.#newProblems.push(note);
    if (this.#newProblems.length > keptProblems) this.#newProblems.shift();
  }
}

function write(reader: ServerResponse, name: string, value: unknown): void {
  reader.write(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
}
