import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY_BYTES = 64 * 1024 * 1024;

/** Stored bytes: in memory, or a place in the spill file. */
export type Blob = Buffer | { offset: number; length: number };

/** Keeps the bytes of objects: the first 64 MiB in memory, the rest in a temporary file that goes with the server. */
export interface Blobs {
  put(bytes: Buffer): Promise<Blob>;
  read(blob: Blob): Promise<Buffer>;
  /** Gives the memory of a deleted object back. */
  drop(blob: Blob): void;
  close(): Promise<void>;
}

/** An empty store. */
export function createBlobs(memoryBytes = MEMORY_BYTES): Blobs {
  let inMemory = 0;
  let offset = 0;
  let spill: Promise<{ file: FileHandle; folder: string }> | undefined;

  async function openSpill(): Promise<{ file: FileHandle; folder: string }> {
    const folder = await mkdtemp(join(tmpdir(), 'payment-webhooks-s3-'));
    return { file: await open(join(folder, 'objects'), 'w+'), folder };
  }

  return {
    async put(bytes) {
      if (inMemory + bytes.length <= memoryBytes) {
        inMemory += bytes.length;
        // A copy of its own: the request's buffer may be a slice of a larger one.
        return Buffer.from(bytes);
      }
      spill ??= openSpill();
      const place = { offset, length: bytes.length };
      offset += bytes.length;
      const { file } = await spill;
      await file.write(bytes, 0, bytes.length, place.offset);
      return place;
    },
    async read(blob) {
      if (Buffer.isBuffer(blob)) return blob;
      if (spill === undefined) throw new Error('The store is closed');
      const { file } = await spill;
      const { buffer } = await file.read(Buffer.alloc(blob.length), 0, blob.length, blob.offset);
      return buffer;
    },
    drop(blob) {
      if (Buffer.isBuffer(blob)) inMemory -= blob.length;
    },
    async close() {
      if (spill === undefined) return;
      const { file, folder } = await spill;
      spill = undefined;
      await file.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
