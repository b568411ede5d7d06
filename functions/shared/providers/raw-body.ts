import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { StoredEvent } from '../domain/ports';

/** Far above the largest body that the API lets in. */
const maxBodyBytes = 16 * 1024 * 1024;

type RawBody = { readonly ok: true; readonly value: Uint8Array | undefined } | { readonly ok: false; readonly problem: string };

/** The bytes that were signed, checked against their SHA-256; undefined where the row carries none. */
export function rawBodyOf({ bodyGzip, bodySha256 }: Pick<StoredEvent, 'bodyGzip' | 'bodySha256'>): RawBody {
  if (bodyGzip === undefined) return { ok: true, value: undefined };
  let body: Uint8Array;
  try {
    body = gunzipSync(bodyGzip, { maxOutputLength: maxBodyBytes });
  } catch {
    return { ok: false, problem: 'body is not gzip' };
  }
  const sha256 = createHash('sha256').update(body).digest('hex');
  return sha256 === bodySha256 ? { ok: true, value: body } : { ok: false, problem: 'body does not match its SHA-256' };
}
