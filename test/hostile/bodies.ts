import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { corpusFolder } from '../support/corpus-folder';
import { bodyCanaries } from './canaries';
import type { Random } from './random';
import { deepJson, hostileText, jsonObject, jsonText, mutated, wideJson } from './values';
import type { Json } from './values';

/** The largest body that is taken. */
export const maxBodyBytes = 1024 * 1024;

const fixtureFolder = path.resolve(__dirname, '../fixtures');

type Bodies = ReadonlyMap<string, readonly { readonly [name: string]: Json }[]>;

/** Bodies by provider: those written for this project, and the real ones where they are there. */
const genuineBodies: Bodies = new Map(
  ['stripe', 'paypal', 'square', 'generic'].map((provider) => [
    provider,
    [path.join(fixtureFolder, provider), path.join(corpusFolder, provider), path.join(corpusFolder, 'derived', provider)].flatMap(
      objectsIn,
    ),
  ]),
);

function objectsIn(folder: string): { [name: string]: Json }[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => jsonObject(readFileSync(path.join(folder, name), 'utf8')));
}

/** A body of this provider's with a few things wrong with it, as bytes. */
export function hostileBody(random: Random, provider: string): Buffer {
  const special = random.below(1000);
  if (special < 3) return Buffer.from(deepJson(random));
  if (special < 5) return Buffer.from(wideJson(random));
  if (special < 8) return padded(random, provider);
  if (special < 30) return random.bytes(random.below(300));
  if (special < 40) return compressed(random);
  if (special < 50) return Buffer.from(jsonText(mutated(random, hostileText(random))));
  return mutatedBytes(random, provider);
}

/** The same without what is large or no JSON at all, and made in a tenth of the time. */
export function mutatedBytes(random: Random, provider: string): Buffer {
  return withBytesChanged(random, Buffer.from(jsonText(mutatedBody(random, provider))));
}

/** The same and no byte of it changed: always the JSON of an object, where customers' data is in places that are not read. */
function mutatedBody(random: Random, provider: string): Json {
  let body: Json = random.pick(genuineBodies.get(provider) ?? []);
  for (let count = random.below(4); count > 0; count -= 1) {
    const next = mutated(random, body);
    if (typeof next === 'object' && next !== null) body = next;
  }
  return Array.isArray(body) ? body : withCanaries(body);
}

function withCanaries(body: { readonly [name: string]: Json }): Json {
  const [email, note] = bodyCanaries;
  return { ...body, receipt_email: email, billing_details: { email, note, card: { number: '4242424242424242' } } };
}

/** Around the largest size that is taken, some of it hard to compress: such a body does not fit the row. */
function padded(random: Random, provider: string): Buffer {
  const text = jsonText(mutatedBody(random, provider));
  const size = random.pick([300_000, 500_000, maxBodyBytes - 1, maxBodyBytes, maxBodyBytes + 1]);
  if (random.chance(0.5)) return Buffer.from(text.padEnd(size, random.pick([' ', '\n'])));
  const room = Math.max(0, size - Buffer.byteLength(text) - 11);
  const block = random.bytes(4096).toString('base64url');
  const filler = Array.from({ length: Math.ceil(room / block.length) }, (_, index) => rotated(block, index * 7)).join('');
  return Buffer.from(`${text.replace(/\}\s*$/, '')},"filler":"${filler.slice(0, room)}"}`);
}

function rotated(text: string, by: number): string {
  const at = by % text.length;
  return Buffer.from(text.slice(at) + text.slice(0, at))
    .reverse()
    .toString('latin1');
}

/** A small body that would be a large one to whoever unpacks it. */
function compressed(random: Random): Buffer {
  const bomb = Buffer.alloc(random.pick([100_000, 2_000_000]), 0x5b);
  return random.chance(0.5) ? gzipSync(bomb) : deflateSync(bomb);
}

function withBytesChanged(random: Random, body: Buffer): Buffer {
  const at = random.below(body.length);
  switch (random.below(30)) {
    case 0:
      return Buffer.concat([Buffer.from('\ufeff'), body]);
    case 1:
      return Buffer.concat([Buffer.from('\ufeff\ufeff'), body]);
    case 2:
      return Buffer.concat([body, Buffer.from('\r\n')]);
    case 3:
      return body.subarray(0, at);
    case 4:
      return Buffer.concat([body.subarray(0, at), random.bytes(1 + random.below(3)), body.subarray(at)]);
    case 5:
      return Buffer.from(body.toString('latin1'), 'utf16le');
    case 6:
      return Buffer.concat([body, body]);
    default:
      return body;
  }
}
