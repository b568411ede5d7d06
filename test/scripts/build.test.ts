import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build, type BuiltFunction } from '../../scripts/build';
import { preparedPackages } from '../support/prepared-run';
import { asPure } from '../../scripts/build/lean-sdk';

describe('the bundles', () => {
  let outDir: string;
  let built: readonly BuiltFunction[];

  beforeAll(async () => {
    outDir = await mkdtemp(path.join(tmpdir(), 'bundles-'));
    built = await build({ outDir });
  }, 120_000);

  afterAll(() => rm(outDir, { recursive: true, force: true }));

  it('hold no SDK of a provider, no X-Ray SDK, no zod and no credential provider that Lambda never asks', () => {
    const unwanted =
      /node_modules\/(square|stripe|standardwebhooks|aws-xray-sdk|zod|@aws-sdk\/(credential-provider-(sso|ini|process|login|http|web-identity)|nested-clients|token-providers))/;
    const found = built.flatMap(({ name, inputs }) =>
      [...inputs.keys()].filter((file) => unwanted.test(file)).map((file) => `${name}: ${file}`),
    );
    expect(found).toEqual([]);
  });

  it('describe no operation of a service that the function does not call', async () => {
    const receiver = await readFile(path.join(outDir, 'webhook-receiver', 'index.js'), 'utf8');
    expect(receiver).toContain('x-id=PutObject');
    expect(receiver).not.toContain('?x-id=ListBuckets');
    expect(receiver).not.toContain('select-type=2');
  });

  it('keep a tenth of the schemas of the S3 client for the one call that the receiver makes of it', () => {
    const inputs = built.find(({ name }) => name === 'webhook-receiver')?.inputs ?? new Map<string, number>();
    const schemas = [...inputs].filter(([file]) => file.includes('client-s3/dist-es/schemas/')).reduce((sum, [, bytes]) => sum + bytes, 0);
    expect(schemas).toBeGreaterThan(1000);
    expect(schemas).toBeLessThan(12_000);
  });

  it('have the same bytes when they are built again', async () => {
    const others = await preparedPackages();
    for (const { name, zipPath } of built) {
      expect([name, await readFile(zipPath)]).toEqual([name, await readFile(path.join(others, path.relative(outDir, zipPath)))]);
    }
  }, 120_000);
});

describe('marking schemas as pure', () => {
  it('wraps every declared array and nothing else', () => {
    const source = [
      'const _a = "A";',
      'export var One = [0, n0, _a];',
      'var Two = [3, n0,',
      '    [() => One, { [_a]: 1 }]',
      '];',
      'var Unit = "unit";',
    ];
    expect(asPure(source.join('\n')).split('\n')).toEqual([
      'const _a = "A";',
      'export var One = /* @__PURE__ */ (() => [0, n0, _a])();',
      'var Two = /* @__PURE__ */ (() => [3, n0,',
      '    [() => One, { [_a]: 1 }]',
      '])();',
      'var Unit = "unit";',
    ]);
  });
});
