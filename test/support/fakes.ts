import { alertKeyOf } from '../../functions/shared/domain/alert';
import type {
  AlertLedger,
  AlertMessage,
  AlertTopic,
  ArchiveObject,
  AuditLog,
  BusEntry,
  CertificateFetcher,
  DeadLetters,
  EventBus,
  EventIndex,
  EventStore,
  PendingEvents,
  PipelineSettings,
  ProcessingMessage,
  ProcessingQueue,
  ReconcileLedger,
  ReconcileProgress,
  SecretReader,
  StoredEvent,
  WebhookArchive,
} from '../../functions/shared/domain/ports';
import type { HighValueThresholds } from '../../functions/shared/domain/value-band';
import type { Log } from '../../functions/shared/runtime/log';
import type { Meter } from '../../functions/shared/runtime/meter';

/** What the process is killed by in a test: every port throws it from then on. */
class Killed extends Error {}

interface AlertRow {
  claimedUntil: string;
  expiresAt: number;
  sentAt?: string;
  messageId?: string;
}

interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

interface Measurement {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything that the ports reach, in memory, and what can go wrong with it. */
export class World {
  /** Milliseconds since the epoch. */
  now = Date.parse('2026-11-05T10:00:00.000Z');
  readonly clock = (): number => this.now;

  readonly rows = new Map<string, StoredEvent>();
  readonly archived = new Map<string, ArchiveObject[]>();
  readonly enqueued: ProcessingMessage[] = [];
  /** When a row that waits for its publication is due, by the row's key; see `pending`. */
  readonly dueAt = new Map<string, number>();
  readonly leases = new Map<string, { readonly owner: string; readonly untilMs: number }>();
  readonly progress = new Map<string, ReconcileProgress>();
  readonly setAside: Parameters<DeadLetters['send']>[0][] = [];
  readonly published: BusEntry[] = [];
  readonly alertRows = new Map<string, AlertRow>();
  readonly alerts: AlertMessage[] = [];
  readonly audited = new Map<string, Uint8Array[]>();
  readonly secretTexts = new Map<string, string>();
  readonly certificatePems = new Map<string, string>();
  readonly issuerPems = new Map<string, string>();
  thresholds: HighValueThresholds = { default: '10000' };

  /** `<port>.<method>` of every call that was made, in order. */
  readonly calls: string[] = [];
  readonly lines: LogLine[] = [];
  readonly measurements: Measurement[] = [];

  readonly #failures = new Map<string, { readonly error: Error; times: number }>();
  #refusals: { readonly port: 'queue' | 'bus'; readonly index: number; readonly reason: string }[] = [];
  #killAt: string | undefined;
  #dead = false;

  /** The next `times` calls of this port's method throw, before they do anything. */
  fail(call: string, error: Error = new Error(`${call} failed`), times = Infinity): void {
    this.#failures.set(call, { error, times });
  }

  heal(): void {
    this.#failures.clear();
    this.#refusals = [];
  }

  /** The next batch call of the queue or bus does not accept the entry at this index. */
  refuse(port: 'queue' | 'bus', index: number, reason = 'InternalFailure'): void {
    this.#refusals.push({ port, index, reason });
  }

  /** Kills the process `before <port>.<method>` or `after <port>.<method>` is done. */
  killAt(point: string): void {
    this.#killAt = point;
  }

  /** Starts the process again. Returns whether it was killed. */
  revive(): boolean {
    const wasDead = this.#dead;
    this.#dead = false;
    this.#killAt = undefined;
    return wasDead;
  }

  async #call<T>(name: string, effect: () => T): Promise<T> {
    await Promise.resolve();
    this.#passes(`before ${name}`);
    this.calls.push(name);
    const failure = this.#failures.get(name);
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1;
      throw failure.error;
    }
    const result = effect();
    this.#passes(`after ${name}`);
    return result;
  }

  #passes(point: string): void {
    if (point === this.#killAt) this.#dead = true;
    if (this.#dead) throw new Killed(point);
  }

  #batch<T>(port: 'queue' | 'bus', entries: readonly T[], accept: (entry: T) => void): (string | undefined)[] {
    if (entries.length > 10) throw new Error(`${port} takes ten entries, not ${entries.length}`);
    const refusals = this.#refusals.filter((refusal) => refusal.port === port);
    this.#refusals = this.#refusals.filter((refusal) => refusal.port !== port);
    return entries.map((entry, index) => {
      const reason = refusals.find((refusal) => refusal.index === index)?.reason;
      if (reason === undefined) accept(entry);
      return reason;
    });
  }

  readonly store: EventStore = {
    put: (record) =>
      this.#call('store.put', () => {
        const key = rowKey(record.event.paymentId, record.eventKey);
        const present = this.rows.get(key);
        if (present !== undefined) return { outcome: 'duplicate', fingerprint: present.fingerprint };
        this.rows.set(key, { ...record, status: 'received' });
        return { outcome: 'stored' };
      }),
    get: (paymentId, eventKey) => this.#call('store.get', () => this.rows.get(rowKey(paymentId, eventKey))),
    markProcessed: (paymentId, eventKey, processedAt) =>
      this.#call('store.markProcessed', () => {
        const row = this.rows.get(rowKey(paymentId, eventKey));
        if (row === undefined) throw new Error('no such row');
        const marked: { -readonly [Field in keyof StoredEvent]: StoredEvent[Field] } = { ...row, status: 'processed' };
        marked.processedAt ??= processedAt;
        delete marked.bodyGzip;
        this.rows.set(rowKey(paymentId, eventKey), marked);
      }),
  };

  readonly pending: PendingEvents = {
    due: (now) =>
      this.#call('pending.due', () => {
        const rows = [...this.rows.values()].filter(({ status }) => status === 'received');
        const due = rows.filter(({ event, eventKey }) => {
          const dueAt = this.dueAt.get(rowKey(event.paymentId, eventKey)) ?? Date.parse(event.receivedAt) + 15 * 60_000;
          return dueAt <= now;
        });
        return due.map(({ event: { paymentId }, eventKey }) => ({ paymentId, eventKey }));
      }),
    postpone: (paymentId, eventKey, dueAt) =>
      this.#call('pending.postpone', () => {
        const row = this.rows.get(rowKey(paymentId, eventKey));
        if (row?.status !== 'received') return;
        this.dueAt.set(rowKey(paymentId, eventKey), dueAt);
        this.rows.set(rowKey(paymentId, eventKey), { ...row, sweeps: (row.sweeps ?? 0) + 1 });
      }),
  };

  readonly index: EventIndex = {
    elsewhere: ({ provider, paymentId }, eventKey) =>
      this.#call('index.elsewhere', () => {
        const rows = [...this.rows.values()].filter((row) => row.eventKey === eventKey && row.event.provider === provider);
        return rows.filter(({ event }) => event.paymentId !== paymentId).map(({ event }) => ({ paymentId: event.paymentId, eventKey }));
      }),
    within: (provider, fromMs, untilMs, most) =>
      this.#call('index.within', () => {
        const at = ({ event }: StoredEvent): number => Date.parse(event.occurredAt);
        const rows = [...this.rows.values()].filter((row) => row.event.provider === provider && at(row) >= fromMs && at(row) < untilMs);
        const newest = rows.toSorted((one, other) => at(other) - at(one)).slice(0, most);
        return newest.map(({ event: { paymentId }, eventKey }) => ({ paymentId, eventKey }));
      }),
  };

  readonly reconcileLedger: ReconcileLedger = {
    acquire: (name, owner, nowMs, leaseUntilMs) =>
      this.#call('reconcileLedger.acquire', () => {
        const lease = this.leases.get(name);
        if (lease !== undefined && lease.untilMs > nowMs && lease.owner !== owner) return undefined;
        this.leases.set(name, { owner, untilMs: leaseUntilMs });
        return this.progress.get(name) ?? {};
      }),
    save: (name, owner, progress) =>
      this.#call('reconcileLedger.save', () => {
        if (this.leases.get(name)?.owner !== owner) throw new Error('not our lease');
        this.progress.set(name, progress);
      }),
    release: (name, owner) =>
      this.#call('reconcileLedger.release', () => {
        if (this.leases.get(name)?.owner === owner) this.leases.delete(name);
      }),
  };

  readonly archive: WebhookArchive = {
    put: (object) =>
      this.#call('archive.put', () => {
        const versions = [...(this.archived.get(object.key) ?? []), object];
        this.archived.set(object.key, versions);
        return { versionId: `v${versions.length}` };
      }),
  };

  readonly queue: ProcessingQueue = {
    sendBatch: (messages) => this.#call('queue.sendBatch', () => this.#batch('queue', messages, (message) => this.enqueued.push(message))),
  };

  readonly deadLetters: DeadLetters = {
    send: (letter) =>
      this.#call('deadLetters.send', () => {
        this.setAside.push(letter);
      }),
  };

  readonly bus: EventBus = {
    publish: (entries) => this.#call('bus.publish', () => this.#batch('bus', entries, (entry) => this.published.push(entry))),
  };

  readonly settings: PipelineSettings = {
    highValueThresholds: () => this.#call('settings.highValueThresholds', () => this.thresholds),
  };

  readonly ledger: AlertLedger = {
    claim: ({ paymentId, reason, objectId, deliveryId }, now, claimedUntil, expiresAt) =>
      this.#call('ledger.claim', () => {
        const key = rowKey(paymentId, alertKeyOf(reason, objectId, deliveryId));
        const row = this.alertRows.get(key);
        if (row?.sentAt !== undefined) return 'already_sent';
        if (row !== undefined && row.claimedUntil > now) return 'held_by_another';
        this.alertRows.set(key, { claimedUntil, expiresAt });
        return 'claimed';
      }),
    markSent: ({ paymentId, reason, objectId, deliveryId }, sentAt, messageId) =>
      this.#call('ledger.markSent', () => {
        const row = this.alertRows.get(rowKey(paymentId, alertKeyOf(reason, objectId, deliveryId)));
        if (row === undefined) throw new Error('nobody claimed this alert');
        Object.assign(row, { sentAt, messageId });
      }),
  };

  readonly topic: AlertTopic = {
    publish: (message) => this.#call('topic.publish', () => `message-${this.alerts.push(message)}`),
  };

  readonly audit: AuditLog = {
    append: (key, ndjsonGzip) =>
      this.#call('audit.append', () => {
        this.audited.set(key, [...(this.audited.get(key) ?? []), ndjsonGzip]);
      }),
  };

  readonly secrets: SecretReader = {
    read: (provider) => this.#call('secrets.read', () => this.secretTexts.get(provider)),
  };

  readonly certificateFetcher: CertificateFetcher = {
    fetchPem: (url) =>
      this.#call('certificates.fetchPem', () => {
        const pem = this.certificatePems.get(url);
        if (pem === undefined) throw new Error('404');
        return pem;
      }),
  };

  readonly issuerFetcher: CertificateFetcher = {
    fetchPem: (url) => this.#call('issuers.fetchPem', () => this.issuerPems.get(url)),
  };

  readonly log: Log = {
    info: (message, fields) => this.lines.push({ level: 'info', message, fields }),
    warn: (message, fields) => this.lines.push({ level: 'warn', message, fields }),
    error: (message, fields) => this.lines.push({ level: 'error', message, fields }),
  };

  readonly meter: Meter = {
    count: (name, dimensions, value = 1) => this.measurements.push({ name, dimensions, value }),
    milliseconds: (name, dimensions, value) => this.measurements.push({ name, dimensions, value }),
  };

  /** The messages that were logged, in order. */
  logged(): string[] {
    return this.lines.map(({ message }) => message);
  }

  /** The fields of the one line with this message. */
  line(message: string): Readonly<Record<string, unknown>> {
    const [line, ...others] = this.lines.filter((candidate) => candidate.message === message);
    if (line === undefined || others.length > 0)
      throw new Error(`${message} was logged ${others.length + (line === undefined ? 0 : 1)} times`);
    return line.fields;
  }
}

/** Key of a row in World.rows and World.alertRows. */
export function rowKey(paymentId: string, eventKey: string): string {
  return `${paymentId} ${eventKey}`;
}

/** The points at which a process can be killed during these calls. */
export function killPoints(...calls: readonly string[]): string[] {
  return calls.flatMap((call) => [`before ${call}`, `after ${call}`]);
}
