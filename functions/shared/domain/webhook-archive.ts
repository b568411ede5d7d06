import type { PaymentEvent } from './payment-event';
import type { ArchiveObject, EventRecord } from './ports';

/** Bytes of user metadata that an archived object may carry: S3 refuses more than 2 KB. */
const maxMetadataBytes = 1900;
const plainContentType = /^[\x20-\x7e]{1,256}$/;

/** Where an event's raw bytes are archived: `webhooks/<day of receipt>/<provider>/<dedupe id>.json`, always below S3's 1,024 bytes. */
export function archiveKeyOf(event: Pick<PaymentEvent, 'provider' | 'receivedAt'>, dedupeId: string): string {
  return `webhooks/${event.receivedAt.slice(0, 10)}/${event.provider}/${percentEncoded(dedupeId, /[A-Za-z0-9._-]/)}.json`;
}

/**
 * The object that archives a webhook. Its metadata holds the headers that verify the bytes again, percent-encoded where they are
 * not printable ASCII (decodeURIComponent undoes it); headers beyond 1,900 bytes stay in the table only.
 */
export function archiveObjectOf(record: EventRecord, body: Uint8Array): ArchiveObject {
  const { 'content-type': contentType, ...signed } = record.signedHeaders;
  return {
    key: record.archiveKey,
    body,
    sha256: record.bodySha256,
    contentType: contentType !== undefined && plainContentType.test(contentType) ? contentType : 'application/octet-stream',
    metadata: metadataOf(signed),
  };
}

function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  let room = maxMetadataBytes;
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const encoded = percentEncoded(value, /[\x20-\x24\x26-\x7e]/);
    if (name.length + encoded.length > room) continue;
    room -= name.length + encoded.length;
    metadata[name] = encoded;
  }
  return metadata;
}

function percentEncoded(text: string, plain: RegExp): string {
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}
