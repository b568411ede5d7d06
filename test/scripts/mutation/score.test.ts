import { describe, expect, it } from '@jest/globals';
import { scoreOf } from '../../../scripts/mutation/score';

const mutant = (status: string, line = 1) => ({
  mutatorName: 'StringLiteral',
  replacement: '"a\n  b"',
  status,
  location: { start: { line, column: 5 }, end: { line, column: 9 } },
});
const report = (...mutants: readonly object[]) => JSON.stringify({ files: { 'functions/a.ts': { source: '', mutants } } });

describe('scoreOf', () => {
  it('counts what was noticed, by a failed test or by no end, of all that could be', () => {
    const all = ['Killed', 'Timeout', 'Killed', 'Survived', 'NoCoverage', 'Ignored', 'CompileError', 'RuntimeError'];
    expect(scoreOf(report(...all.map((status) => mutant(status))))).toMatchObject({ detected: 3, undetected: 2, percent: 60 });
  });

  it('says where the others are, and that no test gets there', () => {
    expect(scoreOf(report(mutant('Survived', 7), mutant('NoCoverage', 8))).survivors).toEqual([
      'functions/a.ts:7:5 StringLiteral → "a b"',
      'functions/a.ts:8:5 StringLiteral → "a b" (no test gets there)',
    ]);
  });

  it('is 100 where nothing can be changed', () => {
    expect(scoreOf(report()).percent).toBe(100);
  });

  it('refuses what is no report', () => {
    expect(() => scoreOf('{"files":[{}]}')).toThrow();
  });
});
