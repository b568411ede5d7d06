import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { Run } from './run';

interface AuditRecord {
  readonly sequenceNumber: string;
  readonly eventName: string;
  readonly id: string;
  /** The new value of the field `status`, where that changed. */
  readonly status: string | undefined;
}

const lineSchema = v.object({
  sequenceNumber: v.string(),
  eventName: v.string(),
  keys: v.object({ paymentId: v.string(), eventKey: v.string() }),
  changes: v.looseObject({ status: v.optional(v.object({ new: v.nullable(v.string()) })) }),
});

/** What the audit bucket holds: each version of each object with its records. */
export function auditRecordsOf({ aws }: Pick<Run, 'aws'>): { readonly key: string; readonly records: readonly AuditRecord[] }[] {
  return [...aws.objects]
    .filter(([key]) => key.startsWith('audit/'))
    .flatMap(([key, versions]) => versions.map(({ body }) => ({ key, records: recordsOf(body) })));
}

function recordsOf(body: Uint8Array): AuditRecord[] {
  const lines = gunzipSync(body).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { sequenceNumber, eventName, keys, changes } = v.parse(lineSchema, JSON.parse(line));
    return { sequenceNumber, eventName, id: `${keys.paymentId} / ${keys.eventKey}`, status: changes.status?.new ?? undefined };
  });
}
