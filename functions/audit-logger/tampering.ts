import type { AlertMessage } from '../shared/domain/ports';
import type { Change, Image } from './change';

/** Fields of a payment row that nobody may change once it is written. */
const immutableFields = ['amount', 'amountMinor', 'currency', 'provider', 'eventId', 'receivedAt'] as const;

/** A change that the pipeline itself never makes. */
export interface Tampering {
  /** `<paymentId> / <eventKey>` */
  readonly row: string;
  readonly what: string;
  readonly time: string;
}

/** Rows that one message names; the audit object has them all. */
const maxRowsNamed = 50;
const timeToLive = 'dynamodb.amazonaws.com';

/** What is wrong with a change: nothing or one thing. */
export function tamperingOf({ eventName, keys, oldImage, newImage, principal, at }: Change): Tampering[] {
  const row = `${text(keys['paymentId'])} / ${text(keys['eventKey'])}`;
  const time = new Date(at).toISOString();
  if (eventName === 'REMOVE') return principal === timeToLive ? [] : [{ row, what: 'deleted', time }];
  if (eventName !== 'MODIFY') return [];
  const changed: string[] = immutableFields.filter((field) => JSON.stringify(oldImage[field]) !== JSON.stringify(newImage[field]));
  if (expiresSooner(oldImage, newImage)) changed.push('expiresAt');
  return changed.length === 0 ? [] : [{ row, what: `changed: ${changed.join(', ')}`, time }];
}

/** DynamoDB deletes a row on its own once its time has come, so bringing that forward is a deletion in disguise. */
function expiresSooner({ expiresAt: before }: Image, { expiresAt: after }: Image): boolean {
  return typeof before === 'number' && typeof after === 'number' && after < before;
}

/** What a person is told about the tampering of one batch. */
export function tamperingMessageOf(tampering: readonly Tampering[], auditKey: string): AlertMessage {
  const named = tampering.slice(0, maxRowsNamed).map(({ row, what, time }) => `- ${time}  ${row}  (${what})`);
  const more = tampering.length - named.length;
  const lines = [
    `${tampering.length} row(s) of the payments table were deleted or changed in a way that the pipeline itself never does.`,
    '',
    ...named,
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
    `Audit object: ${auditKey}`,
    'Next: find out who it was (CloudTrail, same time), take their access away, and restore the rows from the point-in-time backup.',
  ];
  return {
    subject: `tampering: ${tampering.length} payment row(s) deleted or changed`,
    text: lines.join('\n'),
    attributes: { reason: 'tampering' },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\ufffe\uffff]+/gu, ' ') : '?';
}
