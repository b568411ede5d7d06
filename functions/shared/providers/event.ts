import { createHash } from 'node:crypto';
import { hasCardNumber, withoutCardNumbers } from '../domain/card-number';
import { formatMajorUnits } from '../domain/money';
import type { MoneyReading } from '../domain/money';
import type { Failure, Kind, NormalizedEvent, PaymentEvent } from '../domain/payment-event';
import type { Unreadable } from '../domain/webhook';
import { textAt, valueAt } from './json';
import type { JsonObject } from './json';

/** What normalizing a webhook comes to. */
export type Normalization =
  { readonly ok: true; readonly normalized: NormalizedEvent } | { readonly ok: false; readonly unreadable: Unreadable };

/** What an adapter read, before it is bounded and given its wire form. Texts are as the provider gave them. */
export interface EventDraft {
  readonly provider: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly kind: Kind;
  /** Id of the payment without the provider's name before it. */
  readonly paymentId: string;
  readonly objectId: string;
  /** Null where the event states no amount that counts. Kind `other` never carries money. */
  readonly money: MoneyReading | null;
  readonly providerStatus: string | null;
  readonly failure: Failure | null;
  readonly customerRef: string | null;
  readonly merchantRef: string | null;
  readonly account: string | null;
  readonly livemode: boolean | null;
  readonly needsFetch?: boolean;
  /** Milliseconds since the epoch; undefined where the provider gives no readable time. */
  readonly occurredAt: number | undefined;
  readonly receivedAt: string;
}

const maxIdBytes = 256;
const maxDedupeIdBytes = 300;
const maxTextLength = 256;
const maxMessageLength = 500;

/** The two characters that JSON leaves as they are and SQS does not take: a message with one would never get through. */
const notInMessages = /[\ufffe\uffff]/g;

/** Nearly every text: nothing in it is to be replaced, and its length is its number of bytes. */
const plainAscii = /^[\x20-\x7e]*$/;

/** Bounds what was read and states it as a payment event, without card numbers. */
export function normalizedEvent(draft: EventDraft, dedupeId: string): Normalization {
  const { provider, kind, livemode, receivedAt, occurredAt } = draft;
  const event: PaymentEvent = {
    schemaVersion: 1,
    provider,
    eventId: boundedId(draft.eventId),
    eventType: boundedText(draft.eventType),
    kind,
    paymentId: `${provider}:${boundedId(draft.paymentId)}`,
    objectId: boundedId(draft.objectId),
    ...amountFields(kind === 'other' ? null : draft.money),
    providerStatus: boundedOrNull(draft.providerStatus),
    failure: boundedFailure(draft.failure),
    customerRef: boundedOrNull(draft.customerRef),
    merchantRef: boundedOrNull(draft.merchantRef),
    account: boundedOrNull(draft.account),
    livemode,
    needsFetch: draft.needsFetch ?? false,
    occurredAt: occurredAt === undefined ? receivedAt : new Date(occurredAt).toISOString(),
    receivedAt,
  };
  return { ok: true, normalized: { event, dedupeId: boundedId(dedupeId, maxDedupeIdBytes) } };
}

/** The text of a field without which the event has no identity. */
export function requiredText(
  body: JsonObject,
  field: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly unreadable: Unreadable } {
  const text = textAt(body, field);
  if (text !== null) return { ok: true, text };
  const value = valueAt(body, field);
  return value === undefined || value === null
    ? unreadableField('field_missing', field, 'is missing')
    : invalidField(field, 'must be a text');
}

/** A field that is there and cannot be used. `problem` never shows the value. */
export function invalidField(field: string, problem: string): { readonly ok: false; readonly unreadable: Unreadable } {
  return unreadableField('field_invalid', field, problem);
}

/** A body that is no JSON object. */
export const notJsonObject: Normalization = { ok: false, unreadable: { reason: 'body_not_json_object' } };

/** A failure where at least one of both is known, else null. */
export function failureOf(code: string | null, message: string | null): Failure | null {
  return code === null && message === null ? null : { code, message };
}

/** `sha256:` and the digest in hex: stands in where an id is too long or missing. */
export function digestId(content: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

function unreadableField(reason: 'field_missing' | 'field_invalid', field: string, problem: string) {
  return { ok: false, unreadable: { reason, field, problem } } as const;
}

function amountFields(reading: MoneyReading | null): Pick<PaymentEvent, 'amountMinor' | 'currency' | 'amount' | 'amountProblem'> {
  if (reading === null) return { amountMinor: null, currency: null, amount: null };
  if (!reading.ok) return { amountMinor: null, currency: null, amount: null, amountProblem: reading.problem };
  const { minor, currency } = reading.money;
  return { amountMinor: Number(minor), currency, amount: formatMajorUnits(reading.money) };
}

function boundedFailure(failure: Failure | null): Failure | null {
  if (failure === null) return null;
  return { code: boundedOrNull(failure.code), message: boundedOrNull(failure.message, maxMessageLength) };
}

function boundedId(id: string, maxBytes = maxIdBytes): string {
  if (plainAscii.test(id) && id.length <= maxBytes) return hasCardNumber(id) ? digestId(id) : id;
  const bytes = Buffer.from(id, 'utf8');
  const wellFormed = bytes.toString('utf8') === id;
  const usable = wellFormed && bytes.length <= maxBytes && id.search(notInMessages) === -1 && !hasCardNumber(id);
  // UTF-16, since two different lone surrogates are the same in UTF-8.
  return usable ? id : digestId(wellFormed ? bytes : Buffer.from(id, 'utf16le'));
}

function boundedOrNull(text: string | null, maxLength = maxTextLength): string | null {
  return text === null ? null : boundedText(text, maxLength);
}

function boundedText(text: string, maxLength = maxTextLength): string {
  // Card numbers go before the cut, which could leave most of one; of a very long text, enough is looked at to fill what is kept.
  const safe = withoutCardNumbers(text.slice(0, maxLength * 4));
  const cut = safe.slice(0, maxLength);
  if (plainAscii.test(cut)) return cut;
  const last = cut.charCodeAt(cut.length - 1);
  const splitPair = cut.length < text.length && last >= 0xd800 && last <= 0xdbff;
  const wellFormed = Buffer.from(splitPair ? cut.slice(0, -1) : cut, 'utf8').toString('utf8');
  return wellFormed.replaceAll(notInMessages, '\ufffd');
}
