import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { rules } from '../stacks/rules';

const page = readFileSync('docs/security.md', 'utf8');
/** A link to a test, then the sentences of it that are quoted. */
const citation = /\]\(\.\.\/(test\/[^)]+\.ts)\)((?:\s+"[^"]+")*)/g;
const citations = [...page.matchAll(citation)].map(([, file = '', quoted = '']) => ({
  file,
  sentences: [...quoted.matchAll(/"([^"]+)"/g)].map(([, sentence = '']) => sentence),
}));
const namedRules = [...page.matchAll(/\[`([^`]+)`\]\(rules\.md\)/g)].map(([, id = '']) => id);

describe('docs/security.md', () => {
  it('cites tests and rules', () => {
    expect(citations.length).toBeGreaterThan(20);
    expect(namedRules.length).toBeGreaterThan(20);
  });

  it.each(citations)('quotes what is in $file', ({ file, sentences }) => {
    const text = readFileSync(file, 'utf8');
    expect(sentences.length).toBeGreaterThan(0);
    const isThere = (sentence: string) => [`'${sentence}'`, `"${sentence}"`, `\`${sentence}\``].some((quoted) => text.includes(quoted));
    expect(sentences.filter((sentence) => !isThere(sentence))).toEqual([]);
  });

  it('names rules that there are', () => {
    const known = rules.map(({ id }) => id);
    expect(namedRules.filter((id) => !known.includes(id))).toEqual([]);
  });

  it('has a proof in every row', () => {
    const rows = page.split('\n').filter((line) => /^\| (\*\*|\d)/.test(line));
    expect(rows.length).toBeGreaterThan(25);
    expect(rows.filter((line) => !/\(\.\.\/test\/|\(rules\.md\)/.test(line))).toEqual([]);
  });

  it('links to pages that exist', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link).filter((link) => !link.includes('://'));
    expect(links.filter((link) => !existsSync(path.join('docs', link)))).toEqual([]);
  });
});
