import type { AlertReason } from './alert';
import type { PaymentEvent } from './payment-event';
import type { Replay } from './replay';
import type { HighValueThresholds } from './value-band';

/** What the table keeps of one provider event. */
export interface EventRecord {
  readonly event: PaymentEvent;
  /** `event#<dedupe id>`. */
  readonly eventKey: string;
  /** SHA-256, in hex, of the canonical event; equal for every honest redelivery. */
  readonly fingerprint: string;
  /** SHA-256 of the raw bytes, in hex. */
  readonly bodySha256: string;
  /** Where the raw bytes are, or will be, in the archive bucket. */
  readonly archiveKey: string;
  /** Version of the archived object, when the bytes were archived before the row was written. */
  readonly archiveVersionId?: string;
  /** The raw bytes compressed with gzip; absent when they were archived first, or after processing. */
  readonly bodyGzip?: Uint8Array;
  /** Headers that are needed to verify the archived bytes again, and the content type. */
  readonly signedHeaders: Readonly<Record<string, string>>;
  readonly correlationId: string;
  /** X-Ray trace header of the receiving invocation, when there was one. */
  readonly traceHeader?: string;
  /** Where the event is from when no webhook brought it; absent for a webhook. */
  readonly source?: EventSource;
  /** Seconds since the epoch after which the table may drop the row. */
  readonly expiresAt: number;
}

/** How an event came that no webhook brought: listed by the provider's API, over TLS and with our key. */
export type EventSource = 'reconciled';

export type EventStatus = 'received' | 'processed';

/** A row as it is read back. */
export interface StoredEvent extends EventRecord {
  readonly status: EventStatus;
  readonly processedAt?: string;
  /** How often it was enqueued again because it was not published in time; absent for never. */
  readonly sweeps?: number;
  /** When the customer's data was taken out of it; ISO 8601. Its bytes are in no archive then. */
  readonly erasedAt?: string;
  /** Of the row `erasure#<id>` that proves it. */
  readonly erasureId?: string;
}

export type PutOutcome =
  | { readonly outcome: 'stored' }
  /** A row with this key was there before; `fingerprint` is the stored one. */
  | { readonly outcome: 'duplicate'; readonly fingerprint: string };

/** The payments table, as the receive path sees it. */
export interface EventStore {
  /** The commit point: one conditional write. Throws when it cannot tell whether the row is stored. */
  put(record: EventRecord): Promise<PutOutcome>;
  /** The row, read consistently, or undefined. */
  get(paymentId: string, eventKey: string): Promise<StoredEvent | undefined>;
  /** Marks the row processed and drops its raw body. Doing it again changes nothing. Throws when there is no such row. */
  markProcessed(paymentId: string, eventKey: string, processedAt: string): Promise<void>;
}

export interface ArchiveObject {
  readonly key: string;
  readonly body: Uint8Array;
  /** The raw bytes' SHA-256 in hex. */
  readonly sha256: string;
  readonly contentType: string;
  /** Kept as object metadata, so that the signature can be checked again. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The archive of raw webhooks. Writing the same object again is harmless. */
export interface WebhookArchive {
  /** Returns the version that was written, when the bucket is versioned. */
  put(object: ArchiveObject): Promise<{ readonly versionId?: string }>;
}

/** What goes through the processing queue; the raw body is not in it. */
export interface ProcessingMessage {
  readonly event: PaymentEvent;
  readonly eventKey: string;
  readonly archiveKey: string;
  readonly correlationId: string;
  readonly traceHeader?: string;
  readonly source?: EventSource;
  /** Only where somebody had the event sent again. */
  readonly replay?: Replay;
}

export interface ProcessingQueue {
  /** Sends at most 10 messages in one call. The result has one entry per message, in order: undefined, or why it was not accepted. */
  sendBatch(messages: readonly ProcessingMessage[]): Promise<readonly (string | undefined)[]>;
}

/** A message that was not dealt with. */
export interface FailedMessage {
  readonly receiptHandle: string;
  /** How often it was received by now, at least 1. */
  readonly receiveCount: number;
  /** Whether another attempt may succeed. */
  readonly mayRecover: boolean;
}

/** Decides when messages that failed are seen again. */
export interface RetrySchedule {
  /** At most 10 messages of one batch. Throws when one of them could not be postponed. */
  postpone(messages: readonly FailedMessage[]): Promise<void>;
}

/** Rows that wait for their publication, by an index of those alone. */
export interface PendingEvents {
  /** Keys of rows that have waited too long at `now` (milliseconds), the longest first in each partition; at most 512 in one call. */
  due(now: number): Promise<readonly EventRowKey[]>;
  /** The row was enqueued again: it is not due before `dueAt` (milliseconds). Changes nothing where it is published by now. */
  postpone(paymentId: string, eventKey: string, dueAt: number): Promise<void>;
}

/** Events by when they happened. Follows the table within a second or so. */
export interface EventIndex {
  /** Keys of the rows of this event under other payments than its own. */
  elsewhere(
    event: Pick<PaymentEvent, 'provider' | 'eventId' | 'occurredAt' | 'paymentId'>,
    eventKey: string,
  ): Promise<readonly EventRowKey[]>;
  /** Keys of a provider's events that happened in this time (milliseconds, the end does not belong to it): of the newest days, so many at most. */
  within(provider: string, fromMs: number, untilMs: number, most: number): Promise<readonly EventRowKey[]>;
}

/** Key of an event's row. */
export interface EventRowKey {
  readonly paymentId: string;
  readonly eventKey: string;
}

/** How far one provider's events were compared with ours. Times in milliseconds since the epoch. */
export interface ReconcileProgress {
  /** Every event before this was compared; absent before the first run. */
  readonly reconciledUntilMs?: number;
  /** A window that is not finished, and where in the provider's list to go on. */
  readonly open?: { readonly fromMs: number; readonly untilMs: number; readonly cursor?: string };
}

/** One row per provider, which also keeps two runs from doing the same at one time. */
export interface ReconcileLedger {
  /** Takes the lease until `leaseUntilMs` and reads the progress; undefined while another run holds the lease. */
  acquire(name: string, owner: string, nowMs: number, leaseUntilMs: number): Promise<ReconcileProgress | undefined>;
  /** Throws when the lease is not ours any more. */
  save(name: string, owner: string, progress: ReconcileProgress): Promise<void>;
  /** Gives the lease back. Changes nothing when it is not ours any more. */
  release(name: string, owner: string): Promise<void>;
}

/** Where a record goes that can never succeed, with the reason why. */
export interface DeadLetters {
  send(letter: { readonly reason: string; readonly source: string; readonly keys: Readonly<Record<string, string>> }): Promise<void>;
}

/** One entry for the event bus. */
export interface BusEntry {
  readonly detailType: 'Payment Processed' | 'Provider Event Received';
  readonly detail: Readonly<Record<string, unknown>>;
  /** ISO 8601. */
  readonly time: string;
  readonly traceHeader?: string;
}

export interface EventBus {
  /** Publishes at most 10 entries in one call. The result has one entry per event, in order: undefined, or why it was not accepted. */
  publish(entries: readonly BusEntry[]): Promise<readonly (string | undefined)[]>;
}

/** Settings that can change without a deployment. Cached by the adapter. */
export interface PipelineSettings {
  highValueThresholds(): Promise<HighValueThresholds>;
}

export type ClaimOutcome = 'claimed' | 'already_sent' | 'held_by_another';

/** One row per payment, reason and object, so that an alert goes out once. */
export interface AlertLedger {
  /** Takes a lease until `claimedUntil` (ISO 8601), unless the alert was sent or another holds a lease at `now`. */
  claim(alert: AlertIdentity, now: string, claimedUntil: string, expiresAt: number): Promise<ClaimOutcome>;
  markSent(alert: AlertIdentity, sentAt: string, messageId: string): Promise<void>;
}

export interface AlertIdentity {
  readonly paymentId: string;
  readonly reason: AlertReason;
  readonly objectId: string;
  /** Of the replay that alerts again; such an alert goes out once per replay. */
  readonly deliveryId?: string;
}

export interface AlertMessage {
  /** At most 100 printable ASCII characters. */
  readonly subject: string;
  readonly text: string;
  /** For the subscriptions' filter policies. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface AlertTopic {
  /** Returns the message id. */
  publish(message: AlertMessage): Promise<string>;
}

/** The audit bucket: append only, immutable until its retention ends. */
export interface AuditLog {
  /** Writing the same key again adds a version and loses nothing. */
  append(key: string, ndjsonGzip: Uint8Array): Promise<void>;
}

/** The secret of a provider as it is stored: JSON text, or undefined when nothing was ever set. */
export interface SecretReader {
  read(provider: string): Promise<string | undefined>;
}

/** Fetches a certificate, a signer's or an issuer's; undefined when its host says that there is none. Throws when it cannot be had now. */
export interface CertificateFetcher {
  fetchPem(url: string): Promise<string | undefined>;
}

/** Asks one dependency whether it answers; throws when it does not. */
export interface HealthProbe {
  readonly name: string;
  check(): Promise<void>;
}

/** Milliseconds since the epoch. */
export type Clock = () => number;
