import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { AlertTopic, AuditLog } from '../shared/domain/ports';
import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';
import type { Change, Image, Value } from './change';
import { tamperingMessageOf, tamperingOf } from './tampering';

export interface AuditDependencies {
  readonly audit: AuditLog;
  readonly topic: AlertTopic;
  readonly log: Log;
  readonly meter: Meter;
}

/** Writes the batch as one object, then tells people about tampering. Throws when either fails: the whole batch comes again. */
export async function writeAudit({ audit, topic, log, meter }: AuditDependencies, changes: readonly Change[]): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const auditKey = auditKeyOf(first);
  const lines = changes.map((change) => `${JSON.stringify(lineOf(change))}\n`);
  await audit.append(auditKey, gzipSync(lines.join('')));
  log.info('audit written', { auditKey, records: changes.length });
  meter.count('AuditRecords', {}, changes.length);

  const tampering = changes.flatMap(tamperingOf);
  if (tampering.length === 0) return;
  // The line first: people on call have an alarm on it, which must ring also when the topic takes no message.
  log.error('tampering detected', { alertReason: 'tampering', auditKey, rows: tampering.map(({ row }) => row) });
  await topic.publish(tamperingMessageOf(tampering, auditKey));
}

/** The same for every retry of the same batch. */
function auditKeyOf({ at, sequenceNumber }: Change): string {
  const hour = new Date(at).toISOString().slice(0, 13).replace(/[-T]/g, '/');
  return `audit/${hour}/${sequenceNumber}.ndjson.gz`;
}

function lineOf({ eventName, sequenceNumber, at, keys, oldImage, newImage, principal }: Change) {
  const time = new Date(at).toISOString();
  return {
    eventName,
    time,
    sequenceNumber,
    keys,
    changes: changedFields(oldImage, newImage),
    ...(principal === undefined ? {} : { principal }),
  };
}

/** Each field that is not the same before and after; one that was not there is null. */
function changedFields(oldImage: Image, newImage: Image): Record<string, { old: Value; new: Value }> {
  const names = [...new Set([...Object.keys(oldImage), ...Object.keys(newImage)])].sort();
  const pairs = names.map((name) => [name, { old: shown(name, oldImage[name]), new: shown(name, newImage[name]) }] as const);
  return Object.fromEntries(pairs.filter(([, pair]) => JSON.stringify(pair.old) !== JSON.stringify(pair.new)));
}

/** What names a person, or may: nobody can take it out of the audit again, so that it never gets in. */
const personalFields: readonly string[] = ['customerRef', 'merchantRef'];

/** Headers, raw bytes and what names a person are shown by their SHA-256 only: of a text by that of the text itself. */
function shown(name: string, value: Value | undefined): Value {
  const plain = readable(value);
  if (plain === null) return null;
  if (name === 'signedHeaders') return digestOf(JSON.stringify(plain));
  if (name === 'failure' && isMap(plain)) return { ...plain, message: personal(plain['message'] ?? null) };
  return personalFields.includes(name) ? personal(plain) : plain;
}

function personal(value: Value): Value {
  if (value === null) return null;
  return digestOf(typeof value === 'string' ? value : JSON.stringify(value));
}

function readable(value: Value | undefined): Value {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return digestOf(value);
  if (isList(value)) return value.map(readable);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byName)
      .map(([name, inner]) => [name, readable(inner)]),
  );
}

function digestOf(content: Uint8Array | string): Value {
  return { sha256: createHash('sha256').update(content).digest('hex') };
}

function isMap(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && !isList(value) && !(value instanceof Uint8Array);
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
