import { afterAll, describe, expect, it } from '@jest/globals';
import { createBlobs } from '../../../../../scripts/local/aws/s3/blobs';

describe('stored bytes', () => {
  const blobs = createBlobs(10);
  afterAll(() => blobs.close());

  it('are the same from memory and from the spill file, whatever comes at once', async () => {
    const bodies = Array.from({ length: 50 }, (_, index) => Buffer.alloc(index, index));
    const stored = await Promise.all(bodies.map((body) => blobs.put(body)));
    expect(stored.filter((blob) => Buffer.isBuffer(blob)).length).toBeLessThan(10);
    expect(await Promise.all(stored.map((blob) => blobs.read(blob)))).toEqual(bodies);
  });

  it('give their memory back', async () => {
    const store = createBlobs(4);
    const first = await store.put(Buffer.from('full'));
    store.drop(first);
    expect(Buffer.isBuffer(await store.put(Buffer.from('next')))).toBe(true);
    await store.close();
  });
});
