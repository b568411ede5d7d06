import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import * as v from 'valibot';
import { corpusFolder, corpusPresent } from './corpus-folder';

/** Runs tests that need the corpus; where it is missing, one skipped test says so. */
export function describeWithCorpus(name: string, tests: () => void): void {
  if (corpusPresent) describe(name, tests);
  else
    describe(name, () => {
      it.skip('is skipped: the corpus is not at ../shared/corpus', () => undefined);
    });
}

/** The JSON files in a folder of the corpus, as paths from its root. */
export function corpusFiles(under: string): string[] {
  const names = readdirSync(path.join(corpusFolder, under)).sort();
  return names.filter((name) => name.endsWith('.json')).map((name) => `${under}/${name}`);
}

/** The exact bytes of a corpus file. */
export function corpusBytes(file: string): Buffer {
  return readFileSync(path.join(corpusFolder, file));
}

const named = { name: v.string(), expect: v.string() };
const someBody = { body: v.optional(v.string()), bodyBase64: v.optional(v.string()), bodyFile: v.optional(v.string()) };

const vectorsSchema = v.object({
  stripe: v.array(v.object({ ...named, ...someBody, secret: v.string(), header: v.string(), now: v.number() })),
  square: v.array(v.object({ ...named, ...someBody, signatureKey: v.string(), notificationUrl: v.string(), header: v.string() })),
  standardWebhooks: v.array(
    v.object({ ...named, ...someBody, secret: v.string(), headers: v.record(v.string(), v.string()), now: v.number() }),
  ),
  paypal: v.object({
    intermediate: v.string(),
    root: v.string(),
    certs: v.record(v.string(), v.object({ pem: v.string() })),
    vectors: v.array(
      v.object({
        ...named,
        ...someBody,
        transmissionId: v.string(),
        transmissionTime: v.string(),
        webhookId: v.string(),
        crc32: v.union([v.number(), v.string()]),
        signature: v.string(),
        authAlgo: v.string(),
        certUrl: v.nullish(v.string()),
        cert: v.string(),
      }),
    ),
  }),
});

/** The signature vectors of the schemes that this pipeline has. */
export function vectors(): v.InferOutput<typeof vectorsSchema> {
  return v.parse(vectorsSchema, JSON.parse(corpusBytes('vectors.json').toString('utf8')));
}

/** The bytes that a vector's signature is over. */
export function vectorBody(vector: {
  readonly body?: string | undefined;
  readonly bodyBase64?: string | undefined;
  readonly bodyFile?: string | undefined;
}): Buffer {
  if (vector.bodyFile !== undefined) return corpusBytes(vector.bodyFile);
  return vector.bodyBase64 === undefined ? Buffer.from(vector.body ?? '', 'utf8') : Buffer.from(vector.bodyBase64, 'base64');
}
