import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { pricesOf } from '../../../scripts/cost/prices';

const folder = mkdtempSync(path.join(tmpdir(), 'prices-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const entry = {
  id: 'a',
  service: 'A',
  unit: 'things',
  per: 1000,
  usd: { 'us-east-1': 2 },
  source: 'https://example.com/',
  date: '2026-01-02',
};

function fileOf(...entries: readonly unknown[]): string {
  const file = path.join(folder, 'prices.json');
  writeFileSync(file, JSON.stringify({ note: '', priceList: '', entries }));
  return file;
}

describe('pricesOf', () => {
  it.each(['us-east-1', 'ap-southeast-1'])('has every price of %s with its source and date', (region) => {
    const { of } = pricesOf(region);
    expect(of('lambda-compute')).toMatchObject({ usdPerUnit: 0.0000133334, isFromMemory: false });
    expect(of('sqs-requests')).toMatchObject({
      isFromMemory: true,
      source: expect.stringMatching(/^https:/),
      date: expect.stringMatching(/^20/),
    });
  });

  it('lists the known regions for another one', () => {
    expect(() => pricesOf('mars-1')).toThrow('no prices for region mars-1; there are prices for us-east-1, ap-southeast-1');
  });

  it('does not know a region that one entry lacks', () => {
    const file = fileOf(entry, { ...entry, id: 'b', usd: { 'us-east-1': 1, 'eu-west-1': 1 } });
    expect(() => pricesOf('eu-west-1', file)).toThrow('there are prices for us-east-1 ');
  });

  it('reckons per unit, and names the newest date', () => {
    const { of, date } = pricesOf('us-east-1', fileOf(entry, { ...entry, id: 'b', date: '2026-03-04' }));
    expect([of('a').usdPerUnit, date]).toEqual([0.002, '2026-03-04']);
    expect(() => of('c')).toThrow('has no price c');
  });

  it.each([
    ['without a source', { ...entry, source: undefined }],
    ['without a date', { ...entry, date: 'last year' }],
    ['below nothing', { ...entry, usd: { 'us-east-1': -1 } }],
  ])('refuses a price %s', (_what, broken) => {
    expect(() => pricesOf('us-east-1', fileOf(broken))).toThrow();
  });

  it('has no price twice', () => {
    const ids = readFileSync('scripts/cost/prices.json', 'utf8').match(/"id": "[^"]+"/g) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
