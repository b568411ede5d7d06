import * as v from 'valibot';
import { exponentOf } from '../domain/iso-4217';
import { amountProblems } from '../domain/money';
import { kinds } from '../domain/payment-event';
import type { PaymentEvent } from '../domain/payment-event';
import type { EventSource } from '../domain/ports';
import { maxReasonLength } from '../domain/replay';
import type { Replay } from '../domain/replay';

const text = v.string();
const textOrNull = v.nullable(v.string());
const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  v.check((value) => !Number.isNaN(Date.parse(value))),
);
const currency = v.pipe(
  v.string(),
  v.check((code) => exponentOf(code) !== undefined),
);

/** The fields of a payment event as they lie in the table, on the queue and on the bus. */
export const paymentEventFields = {
  schemaVersion: v.picklist([1]),
  provider: text,
  eventId: text,
  eventType: text,
  kind: v.picklist(kinds),
  paymentId: text,
  objectId: text,
  amountMinor: v.nullable(v.pipe(v.number(), v.safeInteger())),
  currency: v.nullable(currency),
  amount: textOrNull,
  amountProblem: v.exactOptional(v.picklist(amountProblems)),
  providerStatus: textOrNull,
  failure: v.nullable(v.object({ code: textOrNull, message: textOrNull })),
  customerRef: textOrNull,
  merchantRef: textOrNull,
  account: textOrNull,
  livemode: v.nullable(v.boolean()),
  needsFetch: v.boolean(),
  occurredAt: time,
  receivedAt: time,
} as const;

/** A payment event; fields that are not its own are dropped. */
export const paymentEventSchema: v.GenericSchema<unknown, PaymentEvent> = v.object(paymentEventFields);

/** How an event came that no webhook brought; of a row, a message and a publication. */
export const eventSourceSchema: v.GenericSchema<unknown, EventSource> = v.picklist(['reconciled']);

/** What a message or a publication says of its replay. */
export const replaySchema: v.GenericSchema<unknown, Replay> = v.object({
  deliveryId: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
  replayOf: text,
  reason: v.pipe(v.string(), v.maxLength(maxReasonLength)),
  requestedAt: time,
  realert: v.boolean(),
});

/** A value that was understood, or which field was not; never the field's value. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Reads a value by its schema. */
export function parsed<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Parsed<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  return { ok: false, problem: `${v.getDotPath(issue) ?? 'value'}: expected ${issue.expected ?? issue.type}` };
}

/** Reads JSON text by its schema. */
export function parsedJson<T>(schema: v.GenericSchema<unknown, T>, json: string): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The parser's own message quotes the text.
    return { ok: false, problem: 'not JSON' };
  }
  return parsed(schema, value);
}
