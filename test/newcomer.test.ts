import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';

const read = (file: string): string => readFileSync(path.resolve(__dirname, '..', file), 'utf8');
const manifest = v.parse(
  v.object({ engines: v.object({ node: v.string() }), allowScripts: v.record(v.string(), v.boolean()) }),
  JSON.parse(read('package.json')),
);
const lock = v.parse(
  v.object({ packages: v.record(v.string(), v.object({ hasInstallScript: v.optional(v.boolean()) })) }),
  JSON.parse(read('package-lock.json')),
);

/** `^20.19.0 || ^24.0.0` as the pages say it: `Node 20.19+ or 24`. */
function inWords(range: string): string {
  const versions = [...range.matchAll(/\^(\d+)\.(\d+)\.0/g)].map(([, major = '', minor]) =>
    minor === '0' ? major : `${major}.${String(minor)}+`,
  );
  return `Node ${versions.slice(0, -1).join(', ')} or ${String(versions.at(-1))}`;
}

describe('what a newcomer needs', () => {
  it.each(['README.md', 'docs/tour.md', 'docs/deploy.md', 'docs/decisions/cdktf.md'])(
    '%s names the Node versions of package.json',
    (page) => {
      const words = inWords(manifest.engines.node);
      const lists = read(page).match(/Node \d[\d.]*\+?(?:, \d[\d.]*\+?)*,? (?:or|and) \d+/g);
      expect([page, new Set(lists)]).toEqual([page, new Set([words])]);
    },
  );

  it('no package runs a script when npm installs it', () => {
    const withScripts = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = withScripts.map(([folder]) => folder.replace(/^.*node_modules\//, ''));
    expect(manifest.allowScripts).toEqual(Object.fromEntries(names.map((name) => [name, false])));
  });
});
