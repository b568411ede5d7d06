import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { distrust, parseCidr } from '../../stacks/cidr';
import { OpsFailure } from './failure';

const rangeSchema = v.object({
  provider: v.string(),
  source: v.string(),
  published: v.picklist(['list', 'page']),
  date: v.string(),
  cidrs: v.array(v.string()),
});
const fileSchema = v.record(v.string(), rangeSchema);

/** Addresses that a provider sends from, as the stacks have them. */
export type ProviderRange = v.InferOutput<typeof rangeSchema>;
type RangesFile = v.InferOutput<typeof fileSchema>;

/** Relative to the project's folder. */
export const rangesPath = path.join('stacks', 'trusted-provider-ranges.json');

/** The trusted ranges by their name. Throws an OpsFailure when there is no such file or it is not as it should be. */
export function readRangesFile(root: string): RangesFile {
  let text: string;
  try {
    text = readFileSync(path.join(root, rangesPath), 'utf8');
  } catch (cause) {
    throw new OpsFailure(`there is no ${rangesPath} here: run it in the folder of the project`, 1, { cause });
  }
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema), text);
  if (read.success) return read.output;
  throw new OpsFailure(`${rangesPath} is not as it should be: ${v.getDotPath(read.issues[0]) ?? ''} ${read.issues[0].message}`);
}

/** Replaces the file in one step. */
export function writeRangesFile(root: string, ranges: RangesFile): void {
  const file = path.join(root, rangesPath);
  writeFileSync(`${file}.new`, rangesText(ranges));
  renameSync(`${file}.new`, file);
}

const lineWidth = 140;

/** The file's text as prettier writes it, so that a change shows the ranges that changed and nothing else. */
export function rangesText(ranges: RangesFile): string {
  const text = JSON.stringify(ranges, null, 2).replace(
    /^( *)("\w+": )\[\n([^\]]*)\]/gm,
    (whole: string, indent: string, name: string, items: string) => {
      const line = `${indent}${name}[${items.trim().replace(/\n */g, ' ')}]`;
      return line.length > lineWidth ? whole : line;
    },
  );
  return `${text}\n`;
}

/** What `next` has beyond `current`, and what it has no more. */
export function rangesDifference(
  current: readonly string[],
  next: readonly string[],
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  return { added: next.filter((cidr) => !current.includes(cidr)), removed: current.filter((cidr) => !next.includes(cidr)) };
}

const mostRanges = 500;

/**
 * The ranges in a published list: a JSON list of addresses, Stripe's `{"WEBHOOKS": […]}`, or text with one on each line. In order, each
 * once. Throws an OpsFailure that names the first one that cannot be trusted; a list is taken whole or not at all.
 */
export function parsePublished(text: string, from: string): readonly string[] {
  const lines = itemsIn(text, from).map((item) => item.trim());
  const ranges = [
    ...new Set(lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => (line.includes('/') ? line : `${line}/32`))),
  ];
  if (ranges.length === 0) throw new OpsFailure(`${from} has no addresses in it`);
  if (ranges.length > mostRanges)
    throw new OpsFailure(`${from} has ${ranges.length} addresses in it, more than the ${mostRanges} that are believed`);
  for (const range of ranges) {
    const reason = distrust(range);
    if (reason !== undefined) throw new OpsFailure(`${from} cannot be trusted: ${JSON.stringify(range.slice(0, 60))} ${reason}`);
  }
  return ranges.sort((a, b) => (parseCidr(a)?.address ?? 0) - (parseCidr(b)?.address ?? 0));
}

const jsonSchema = v.union([
  v.array(v.string()),
  v.pipe(
    v.record(v.string(), v.array(v.string())),
    v.check((lists) => Object.keys(lists).length === 1),
  ),
]);

function itemsIn(text: string, from: string): readonly string[] {
  const start = text.trimStart();
  if (start.startsWith('<')) throw new OpsFailure(`${from} is a web page, not a list: save its addresses to a file, one on each line`);
  if (!/^[[{]/.test(start)) return text.split(/\r?\n/);
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), jsonSchema), text);
  if (!read.success) throw new OpsFailure(`${from} is JSON, but not a list of addresses`);
  return Array.isArray(read.output) ? read.output : Object.values(read.output).flat();
}
