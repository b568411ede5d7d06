import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build as esbuild } from 'esbuild';
import { zipSync } from 'fflate';
import pc from 'picocolors';
import { leanSdk } from './build/lean-sdk';

/** What came out for one function; sizes in bytes. */
export interface BuiltFunction {
  readonly name: string;
  readonly zipPath: string;
  readonly codeBytes: number;
  readonly zipBytes: number;
  /** Source files that are in the bundle, by their path from the project's root, and the bytes that each has in it. */
  readonly inputs: ReadonlyMap<string, number>;
}

export interface BuildOptions {
  /** Project root; default: the current folder. */
  readonly root?: string;
  /** Where the zips go; default: `dist` in the root. */
  readonly outDir?: string;
}

const zipLimits: Readonly<Record<string, number>> = { 'webhook-receiver': 150 * 1024 };

/** Bundles and zips every function; the same source gives the same bytes on every machine. Throws when a zip is over its limit. */
export async function build(options: BuildOptions = {}): Promise<readonly BuiltFunction[]> {
  const root = path.resolve(options.root ?? '.');
  const outDir = path.resolve(root, options.outDir ?? 'dist');
  const names = await functionNames(root);
  if (names.length === 0) throw new Error(`no functions/*/handler.ts under ${root}: run this in the project's folder`);
  await rm(outDir, { recursive: true, force: true });
  const built = await Promise.all(names.map((name) => buildFunction(root, outDir, name)));
  for (const { name, zipBytes } of built) {
    const limit = zipLimits[name];
    if (limit !== undefined && zipBytes > limit) {
      throw new Error(
        `${name}.zip has ${kilobytes(zipBytes)}, over its limit of ${kilobytes(limit)}: look for a new import on the receive path`,
      );
    }
  }
  return built;
}

async function functionNames(root: string): Promise<string[]> {
  const folder = path.join(root, 'functions');
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, 'handler.ts')))
    .map((entry) => entry.name)
    .sort();
}

async function buildFunction(root: string, outDir: string, name: string): Promise<BuiltFunction> {
  const folder = path.join(outDir, name);
  const result = await esbuild({
    absWorkingDir: root,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile: path.join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    // The SDK's ES modules load in half the time of its CommonJS build once bundled.
    mainFields: ['module', 'main'],
    // A dynamic import of node:http loads undici on Node 20 to 24, which costs 35 ms per cold start.
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
    plugins: [leanSdk],
    metafile: true,
    logLevel: 'error',
  });
  await mkdir(folder, { recursive: true });
  await Promise.all(result.outputFiles.map((file) => writeFile(file.path, file.contents)));
  const code = result.outputFiles.find((file) => file.path.endsWith('index.js'))?.contents;
  if (code === undefined) throw new Error(`esbuild gave no index.js for ${name}`);
  const zip = zipSync({ 'index.js': [code, reproducible] }, { level: 9 });
  const zipPath = path.join(outDir, `${name}.zip`);
  await writeFile(zipPath, zip);
  const inputs = Object.values(result.metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const bytes = new Map(inputs.map(([input, { bytesInOutput }]) => [input, bytesInOutput]));
  return { name, zipPath, codeBytes: code.length, zipBytes: zip.length, inputs: bytes };
}

/** A local time, because zip dates have no zone; readable by Lambda's own user. */
const reproducible = { mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 };

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function table(built: readonly BuiltFunction[]): string {
  const rows = built.map(({ name, codeBytes, zipBytes }) => [
    name.padEnd(24),
    kilobytes(codeBytes).padStart(10),
    kilobytes(zipBytes).padStart(10),
    zipLimits[name] === undefined ? '' : pc.dim(` (limit ${kilobytes(zipLimits[name])})`),
  ]);
  return [pc.bold(`${'function'.padEnd(24)}${'code'.padStart(10)}${'zip'.padStart(10)}`), ...rows.map((row) => row.join(''))].join('\n');
}

const usage = `Usage: npm run build

Bundles each functions/*/handler.ts with esbuild and zips it into dist/<function>.zip.
The source map lies beside the zip, in dist/<function>/index.js.map.

Options:
  --help  this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  console.log(table(await build()));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(pc.red(`build: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
}
