import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Option, type Command } from 'commander';
import pc from 'picocolors';
import { notFound, OpsFailure, wrongUsage } from './failure';
import type { Io } from './io';
import { jsonText, printable } from './printable';
import { parsePublished, rangesDifference, rangesPath, readRangesFile, writeRangesFile, type ProviderRange } from './provider-ranges';
import { fetchPublished } from './published-list';
import { addGroup } from './session';

interface SyncOptions {
  readonly from?: string;
  readonly provider?: string;
  readonly write: boolean;
  readonly replaceAll: boolean;
  readonly json: boolean;
}

/** How the ranges of one name compare with what is published. */
interface Comparison {
  readonly name: string;
  readonly source: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** As they would be. */
  readonly cidrs: readonly string[];
}

const examples = `
Examples:
  npm run ops -- providers sync-ranges
  npm run ops -- providers sync-ranges --provider stripe --write
  npm run ops -- providers sync-ranges --provider square --from square.txt --write    (one address on each line)`;

export function addProviderCommands(program: Command, io: Io): void {
  addGroup(program, 'providers', 'What is known of the providers.')
    .command('sync-ranges')
    .description(`Compares the trusted ranges (${rangesPath}) with what the providers publish; with --write takes that over.`)
    .addOption(
      new Option(
        '--provider <name>',
        'one of the names in the file: stripe, square, square-sandbox (default: all that are published as a list)',
      ),
    )
    .option('--from <url|file>', 'another place than the source in the file: an HTTPS URL or a file')
    .option('--write', 'change the file', false)
    .option('--replace-all', 'although not one of the present addresses is in the list', false)
    .option('--json', 'machine-readable output', false)
    .addHelpText('after', examples)
    .action((options: SyncOptions) => syncRanges(io, options));
}

async function syncRanges(io: Io, options: SyncOptions): Promise<void> {
  const { provider, from } = options;
  const ranges = readRangesFile(io.root);
  if (from !== undefined && provider === undefined) throw wrongUsage('--from needs --provider: whose addresses are they?');
  if (provider !== undefined && ranges[provider] === undefined)
    throw notFound(
      `${rangesPath} has no ${provider}, only ${Object.keys(ranges).join(', ')}${provider === 'paypal' ? ': PayPal publishes no list for its webhooks' : ''}`,
    );
  const compared: Comparison[] = [];
  const unpublished: string[] = [];
  for (const [name, range] of Object.entries(ranges)) {
    if (provider !== undefined && name !== provider) continue;
    if (from === undefined && range.published === 'page') unpublished.push(name);
    else compared.push(await compare(name, range, from, options.replaceAll));
  }
  if (provider !== undefined && compared.length === 0)
    throw new OpsFailure(
      `${provider} publishes no list that a program can read: save the addresses of ${ranges[provider]?.source ?? ''} to a file, one on each line, and say --from <file>`,
    );
  if (io.signal.aborted) throw new OpsFailure('stopped, nothing was changed', 130);
  const written = options.write && compared.some(isDifferent);
  if (written)
    writeRangesFile(io.root, {
      ...ranges,
      ...Object.fromEntries(compared.filter(isDifferent).map((one) => [one.name, changed(ranges, one, io.now())])),
    });
  io.out(options.json ? jsonText({ compared, unpublished, written }) : report(compared, unpublished, ranges, written));
}

async function compare(name: string, range: ProviderRange, from: string | undefined, replaceAll: boolean): Promise<Comparison> {
  const source = from ?? range.source;
  const cidrs = parsePublished(await textAt(source), source);
  const { added, removed } = rangesDifference(range.cidrs, cidrs);
  if (removed.length === range.cidrs.length && !replaceAll)
    throw new OpsFailure(
      `${source} has none of the ${removed.length} present addresses of ${name}: is it the right list? If so, say --replace-all`,
    );
  return { name, source, added, removed, cidrs };
}

async function textAt(source: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return fetchPublished(source);
  try {
    return readFileSync(path.resolve(source), 'utf8');
  } catch {
    throw notFound(`there is no file ${source}`);
  }
}

function isDifferent({ added, removed }: Comparison): boolean {
  return added.length + removed.length > 0;
}

function changed(ranges: Readonly<Record<string, ProviderRange>>, { name, cidrs }: Comparison, now: number): ProviderRange {
  const range = ranges[name];
  if (range === undefined) throw new OpsFailure(`${rangesPath} has no ${name}`);
  return { ...range, date: new Date(now).toISOString().slice(0, 10), cidrs: [...cidrs] };
}

function report(
  compared: readonly Comparison[],
  unpublished: readonly string[],
  ranges: Readonly<Record<string, ProviderRange>>,
  written: boolean,
): string {
  const lines = compared.flatMap((one) => [
    `${one.name}: ${isDifferent(one) ? `${one.added.length} new, ${one.removed.length} gone` : `as published, ${one.cidrs.length} addresses`} (${printable(one.source)})`,
    ...one.added.map((cidr) => pc.green(`  + ${cidr}`)),
    ...one.removed.map((cidr) => pc.red(`  - ${cidr}`)),
  ]);
  const byHand = unpublished.map((name) => pc.dim(`${name}: no list for programs, compare ${ranges[name]?.source ?? ''} by hand`));
  return [...lines, ...byHand, ...ending(compared, written)].join('\n');
}

function ending(compared: readonly Comparison[], written: boolean): readonly string[] {
  if (written) return ['', `${rangesPath} was changed. It counts after: npm run plan -- <suffix>, and a deploy.`];
  return compared.some(isDifferent) ? ['', 'Nothing was changed: say --write to take it over.'] : [];
}
