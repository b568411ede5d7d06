import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { bundledPackages, type BundledPackage } from '../../../scripts/licences/bundled-packages';
import { licencePage, refusedPackages } from '../../../scripts/licences/page';

const root = mkdtempSync(path.join(tmpdir(), 'licences-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

function write(file: string, content: object): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), JSON.stringify(content));
}

describe('bundledPackages', () => {
  it('has every package of which a zip has a part, once, by the nearest node_modules', () => {
    write('node_modules/one/package.json', { name: 'one', version: '1.0.0', license: 'MIT' });
    write('node_modules/one/node_modules/two/package.json', { name: 'two', version: '0.9.0', license: 'ISC' });
    write('node_modules/@scope/two/package.json', { name: '@scope/two', version: '2.0.0' });
    const up = '../../node_modules';
    write('dist/receiver/index.js.map', { sources: [`${up}/one/a.js`, `${up}/one/lib/b.js`, '../../functions/receiver/handler.ts'] });
    write('dist/relay/index.js.map', { sources: [`${up}/one/a.js`, `${up}/one/node_modules/two/c.js`, `${up}/@scope/two/d.js`] });
    expect(bundledPackages(path.join(root, 'dist'), ['relay', 'receiver'])).toEqual([
      { name: '@scope/two', version: '2.0.0', licence: 'none', functions: ['relay'] },
      { name: 'one', version: '1.0.0', licence: 'MIT', functions: ['receiver', 'relay'] },
      { name: 'two', version: '0.9.0', licence: 'ISC', functions: ['relay'] },
    ]);
  });
});

describe('refusedPackages', () => {
  const under = (licence: string): BundledPackage => ({ name: 'one', version: '1.0.0', licence, functions: ['relay'] });

  it.each(['MIT', 'Apache-2.0', 'BSD-3-Clause'])('lets %s in', (licence) => {
    expect(refusedPackages([under(licence)])).toEqual([]);
  });

  it.each(['none', 'GPL-3.0-only', 'AGPL-3.0', 'UNLICENSED', 'SEE LICENSE IN LICENSE.txt', 'mit', 'BUSL-1.1'])('refuses %s', (licence) => {
    expect(refusedPackages([under('MIT'), under(licence)])).toEqual([under(licence)]);
  });
});

describe('licencePage', () => {
  it('has a line per package, and says where all functions have it', () => {
    const page = licencePage([
      { name: 'one', version: '1.0.0', licence: 'MIT', functions: ['receiver', 'relay'] },
      { name: 'two', version: '0.9.0', licence: 'ISC', functions: ['relay'] },
    ]);
    expect(page).toContain('\n| one | 1.0.0 | MIT | all functions |\n| two | 0.9.0 | ISC | relay |\n');
  });
});
