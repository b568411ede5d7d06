import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import pc from 'picocolors';
import * as v from 'valibot';
import { build } from './build';

/** The fork that goes on where cdktf stopped, and the constructs that it is made for. */
const fork = { cdktn: '0.24.0', constructs: '>=10.6.0 <10.8.0' } as const;
const sources = ['main.ts', 'stacks', 'functions', 'docs/events', 'tsconfig.json', 'cdktf.json'];
/** What synthesis needs beside cdktf and constructs. */
const needed = ['@cdktf/provider-aws', 'valibot'];
const projectSchema = v.object({ dependencies: v.record(v.string(), v.string()) });

export interface Difference {
  readonly file: string;
  /** Where in the JSON, as dotted path. */
  readonly path: string;
  readonly here: unknown;
  readonly fork: unknown;
}

/** Synthesizes with cdktf and with the fork under cdktf's name, and returns where the stacks differ; empty: they are portable. */
export async function comparePortability(
  root: string,
  environments: readonly string[],
  onStep: (text: string) => void,
): Promise<readonly Difference[]> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'portability-'));
  try {
    onStep('building the functions');
    const packages = path.join(scratch, 'dist');
    await build({ root, outDir: packages });
    const project = path.join(scratch, 'project');
    for (const source of sources) cpSync(path.join(root, source), path.join(project, source), { recursive: true });
    onStep(`installing cdktn ${fork.cdktn} as cdktf`);
    install(root, project);
    return environments.flatMap((environment) => {
      onStep(`synthesizing ${environment} with both`);
      const [ours, theirs] = [path.join(scratch, `ours-${environment}`), path.join(scratch, `theirs-${environment}`)];
      synthesize(root, root, ours, environment, packages);
      synthesize(root, project, theirs, environment, packages);
      return compareFolders(ours, theirs);
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function install(root: string, project: string): void {
  const { dependencies } = v.parse(projectSchema, JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
  const manifest = {
    private: true,
    dependencies: {
      ...Object.fromEntries(needed.map((name) => [name, dependencies[name]])),
      cdktf: `npm:cdktn@${fork.cdktn}`,
      constructs: fork.constructs,
    },
    overrides: { cdktf: '$cdktf' },
  };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], project, process.env);
}

function synthesize(root: string, project: string, outDir: string, environment: string, packages: string): void {
  const env = { ...process.env, ENVIRONMENT_SUFFIX: environment, CDKTF_OUTDIR: outDir, PACKAGE_DIRECTORY: packages };
  const tsx = pathToFileURL(path.join(root, 'node_modules/tsx/dist/loader.mjs'));
  run(process.execPath, ['--import', tsx.href, 'main.ts'], project, env);
}

function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${program} cannot be run`, { cause: error });
  if (status !== 0) throw new Error(`${program} ${args[0] ?? ''} failed:\n${stderr}${stdout}`);
}

/** Compares every synthesized stack of two output folders, and the names of all other files. */
export function compareFolders(here: string, there: string): readonly Difference[] {
  const [ours, theirs] = [filesIn(here), filesIn(there)];
  const lonely = [...new Set([...ours, ...theirs])].filter((file) => !ours.includes(file) || !theirs.includes(file));
  const stacks = ours.filter((file) => file.endsWith('cdk.tf.json') && theirs.includes(file));
  return [
    ...lonely.map((file) => ({ file, path: '', here: ours.includes(file), fork: theirs.includes(file) })),
    ...stacks.flatMap((file) => differences(read(here, file), read(there, file)).map((difference) => ({ file, ...difference }))),
  ];
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function read(folder: string, file: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
}

/** Where two JSON values differ. Keys named `//` hold the generator's own notes, which Terraform does not read. */
export function differences(here: unknown, there: unknown, at = ''): readonly Omit<Difference, 'file'>[] {
  if (isDeepStrictEqual(here, there)) return [];
  if (!isTree(here) || !isTree(there) || Array.isArray(here) !== Array.isArray(there)) return [{ path: at, here, fork: there }];
  const [ours, theirs] = [new Map(Object.entries(here)), new Map(Object.entries(there))];
  const keys = [...new Set([...ours.keys(), ...theirs.keys()])].filter((key) => key !== '//');
  return keys.flatMap((key) => differences(ours.get(key), theirs.get(key), at === '' ? key : `${at}.${key}`));
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const usage = `Usage: npm run portability -- [environment…]

Synthesizes with cdktf and with its successor, cdktn, installed under cdktf's name in a temporary folder, and compares the Terraform JSON.
Needs the npm registry. Exit codes: 0 the same, 1 no comparison could be made, 2 there are differences.

Options:
  --help  this text`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  const environments = positionals.length === 0 ? ['dev', 'prod'] : positionals;
  const found = await comparePortability(path.resolve('.'), environments, (text) => {
    console.error(pc.dim(text));
  });
  for (const { file, path: at, here, fork: there } of found)
    console.log(`${file} ${at}: ${JSON.stringify(here)} → ${JSON.stringify(there)}`);
  console.log(found.length === 0 ? pc.green('The stacks are the same with cdktn.') : pc.red(`${found.length} differences.`));
  process.exitCode = found.length === 0 ? 0 : 2;
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(pc.red(`portability: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
}
