import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { compareFolders, differences } from '../../scripts/portability';

const scratch = mkdtempSync(path.join(tmpdir(), 'portability-test-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function output(name: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(scratch, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

describe('comparing synthesized stacks', () => {
  it('leaves out only what the generator notes for itself', () => {
    const stack = (version: string) => ({ '//': { metadata: { version } }, resource: { a: { b: { '//': { version }, name: 'x' } } } });
    expect(differences(stack('0.21.0'), stack('0.24.0'))).toEqual([]);
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['another value', { a: { b: 1 } }, { a: { b: 2 } }, { path: 'a.b', here: 1, fork: 2 }],
    ['a missing key', { a: { b: 1 } }, { a: {} }, { path: 'a.b', here: 1, fork: undefined }],
    ['a new key', {}, { a: 1 }, { path: 'a', here: undefined, fork: 1 }],
    ['another order of a list', { a: [1, 2] }, { a: [2, 1] }, { path: 'a.0', here: 1, fork: 2 }],
    ['a list in place of an object', { a: { 0: 1 } }, { a: [1] }, { path: 'a', here: { 0: 1 }, fork: [1] }],
    ['text in place of a number', { a: 1 }, { a: '1' }, { path: 'a', here: 1, fork: '1' }],
  ])('finds %s', (_, here, there, expected) => {
    expect(differences(here, there)[0]).toEqual(expected);
  });

  it('finds a stack that only one of them has, and names the file of a difference', () => {
    const ours = output('ours', { 'stacks/a/cdk.tf.json': '{"x":1}', 'stacks/a/assets/f.zip': 'zip', 'manifest.json': '{}' });
    const theirs = output('theirs', { 'stacks/a/cdk.tf.json': '{"x":2}', 'manifest.json': '{"version":"other"}' });
    expect(compareFolders(ours, theirs)).toEqual([
      { file: path.join('stacks/a/assets/f.zip'), path: '', here: true, fork: false },
      { file: path.join('stacks/a/cdk.tf.json'), path: 'x', here: 1, fork: 2 },
    ]);
    expect(compareFolders(ours, ours)).toEqual([]);
  });
});
