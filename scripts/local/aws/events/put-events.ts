import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { AwsError } from '../aws-error';
import type { Account, CallContext } from '../service';
import { type BusEvent, buildEvent } from './event';

// 1 MB since January 2026; what is over a queue's own limit then fails at the target.
const MAX_REQUEST_BYTES = 1_048_576;

const entrySchema = v.strictObject({
  Source: v.optional(v.string()),
  DetailType: v.optional(v.string()),
  Detail: v.optional(v.string()),
  EventBusName: v.optional(v.string()),
  Resources: v.optional(v.array(v.string()), []),
  Time: v.optional(v.number()),
  TraceHeader: v.optional(v.string()),
});

/** PutEvents' parameters. */
export const putEventsSchema = v.strictObject({ Entries: v.array(entrySchema) });
type Entry = v.InferOutput<typeof entrySchema>;
type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

function entryBytes(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...entry.Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), entry.Time === undefined ? 0 : 14);
}

function isJsonObject(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}

function refusal(entry: Entry): { ErrorCode: string; ErrorMessage: string } | undefined {
  const required = (['Source', 'DetailType', 'Detail'] as const).find((name) => (entry[name] ?? '') === '');
  if (required !== undefined) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${required} is not valid. Reason: ${required} is a required argument.`,
    };
  }
  if (entry.Source?.startsWith('aws.') === true) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  return isJsonObject(entry.Detail ?? '') ? undefined : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

/** Checks the request, and puts each good entry on its bus; each entry has its own result. */
export function putEvents(
  account: Account,
  input: v.InferOutput<typeof putEventsSchema>,
  context: CallContext,
  put: (bus: string | undefined, event: BusEvent) => void,
): { FailedEntryCount: number; Entries: EntryResult[] } {
  const { Entries: entries } = input;
  if (entries.length === 0 || entries.length > 10) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' has ${entries.length} members; it must have 1 to 10.`,
    );
  }
  if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MAX_REQUEST_BYTES) {
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  }
  const header = context.headers['x-amzn-trace-id'];
  const now = account.clock.now();
  const results = entries.map((entry): EntryResult => {
    const refused = refusal(entry);
    if (refused !== undefined) return refused;
    const event = buildEvent({
      id: randomUUID(),
      source: entry.Source ?? '',
      detailType: entry.DetailType ?? '',
      detail: entry.Detail ?? '',
      account: account.accountId,
      region: account.region,
      resources: entry.Resources,
      time: entry.Time === undefined ? now : entry.Time * 1000,
      at: now,
      traceHeader: entry.TraceHeader ?? (typeof header === 'string' ? header : undefined),
    });
    put(entry.EventBusName, event);
    return { EventId: event.id };
  });
  return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
}
