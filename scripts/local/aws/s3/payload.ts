import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { AwsError } from '../aws-error';

/** The bytes of an object and the checksums that came with them. */
export interface Payload {
  bytes: Buffer;
  /** `x-amz-checksum-*` by header name, in base64. */
  checksums: Record<string, string>;
}

function incomplete(): AwsError {
  return new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
}

/** Takes the aws-chunked encoding off: chunks with their length, then trailers. */
function dechunk(body: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', position);
    if (lineEnd === -1) throw incomplete();
    const length = Number.parseInt(body.toString('latin1', position, lineEnd), 16);
    if (!Number.isInteger(length) || lineEnd + 2 + length > body.length) throw incomplete();
    position = lineEnd + 2 + length;
    if (length === 0) break;
    chunks.push(body.subarray(lineEnd + 2, position));
    position += 2;
  }
  const lines = body.toString('latin1', position).split('\r\n');
  const trailers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return { bytes: Buffer.concat(chunks), trailers };
}

function crc32Base64(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

/** Checksums that Node can compute; CRC32C and CRC64NVME are kept unchecked. */
const verifiable: Readonly<Record<string, (bytes: Buffer) => string>> = {
  'x-amz-checksum-crc32': crc32Base64,
  'x-amz-checksum-sha1': (bytes) => createHash('sha1').update(bytes).digest('base64'),
  'x-amz-checksum-sha256': (bytes) => createHash('sha256').update(bytes).digest('base64'),
  'content-md5': (bytes) => createHash('md5').update(bytes).digest('base64'),
};

/** Reads an object's bytes and refuses those that do not have the checksum they were sent with. */
export function readPayload(headers: IncomingHttpHeaders, body: Buffer): Payload {
  const isChunked = (headers['x-amz-content-sha256'] ?? '').toString().startsWith('STREAMING-');
  const { bytes, trailers } = isChunked ? dechunk(body) : { bytes: body, trailers: {} };
  const declared = headers['x-amz-decoded-content-length'];
  if (isChunked && declared !== undefined && Number(declared) !== bytes.length) throw incomplete();
  const checksums: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...headers, ...trailers })) {
    if (typeof value !== 'string') continue;
    const compute = Object.hasOwn(verifiable, name) ? verifiable[name] : undefined;
    if (compute !== undefined && compute(bytes) !== value) {
      throw new AwsError('BadDigest', `The ${name} that you specified did not match what we received.`);
    }
    if (/^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.test(name)) checksums[name] = value;
  }
  return { bytes, checksums };
}
