import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

/** A package that is in a function's zip, or a part of it. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** As its package.json says it: an SPDX expression. */
  readonly licence: string;
  /** Functions whose zip has some of it. */
  readonly functions: readonly string[];
}

const sourceMap = v.object({ sources: v.array(v.string()) });
const manifest = v.object({ name: v.string(), version: v.string(), license: v.optional(v.string(), 'none') });

/** The packages of all functions whose bundles lie in this folder, by what their source maps name. Throws where a package has no package.json. */
export function bundledPackages(distFolder: string, functionNames: readonly string[]): readonly BundledPackage[] {
  const found = new Map<string, Set<string>>();
  for (const functionName of functionNames) {
    for (const folder of packageFolders(path.join(distFolder, functionName))) {
      found.set(folder, (found.get(folder) ?? new Set()).add(functionName));
    }
  }
  return [...found]
    .map(([folder, functions]) => ({ ...packageIn(folder), functions: [...functions].sort() }))
    .sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** Only what esbuild kept is in the map: what was shaken off is not shipped. */
function packageFolders(folder: string): readonly string[] {
  const { sources } = v.parse(sourceMap, JSON.parse(readFileSync(path.join(folder, 'index.js.map'), 'utf8')));
  const inPackages = sources.map((source) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path.resolve(folder, source))?.[1]);
  return [...new Set(inPackages.filter((one) => one !== undefined))];
}

function packageIn(folder: string): Omit<BundledPackage, 'functions'> {
  const { name, version, license } = v.parse(manifest, JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
  return { name, version, licence: license };
}
