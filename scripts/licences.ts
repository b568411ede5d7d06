import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { build } from './build';
import { bundledPackages } from './licences/bundled-packages';
import { licencePage, refusedPackages } from './licences/page';

const page = 'docs/licences.md';

/** Bundles the functions into a folder of their own and returns the exit code. */
async function licences({ check }: { readonly check?: boolean }): Promise<number> {
  const outDir = mkdtempSync(path.join(tmpdir(), 'licences-'));
  try {
    const built = await build({ outDir });
    const packages = bundledPackages(
      outDir,
      built.map(({ name }) => name),
    );
    const refused = refusedPackages(packages);
    for (const { name, version, licence, functions } of refused) {
      console.error(pc.red(`licences: ${name} ${version} is under ${licence}, and in ${functions.join(', ')}: leave it out, or allow it`));
    }
    const stale = check === true && licencePage(packages) !== pageAsItIs();
    if (stale) console.error(pc.red(`licences: ${page} is not what the zips hold: run "npm run licences"`));
    if (check !== true) writeFileSync(page, licencePage(packages));
    if (refused.length > 0 || stale) return 1;
    console.log(`${packages.length} packages, all under a licence that is allowed: ${page}`);
    return 0;
  } finally {
    rmSync(outDir, { recursive: true });
  }
}

function pageAsItIs(): string | undefined {
  try {
    return readFileSync(page, 'utf8');
  } catch {
    return undefined;
  }
}

new Command('npm run licences --')
  .description('Writes docs/licences.md: the packages in the zips, and under which licence. Fails on a licence that is not allowed.')
  .option('--check', 'write nothing, and fail where the page is not up to date')
  .action(async (options: { readonly check?: boolean }) => {
    process.exitCode = await licences(options);
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(pc.red(`licences: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
