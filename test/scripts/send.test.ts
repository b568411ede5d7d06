import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLoopbackServer, type LoopbackServer } from '../support/loopback-server';

const root = path.resolve(__dirname, '../..');
let server: LoopbackServer;
let status = 200;

beforeAll(async () => {
  server = await startLoopbackServer((_, response) => response.writeHead(status).end('{}'));
});
afterAll(() => {
  server.close();
});

function exitCodeOf(...args: readonly string[]): Promise<number | string | null | undefined> {
  const command = [
    '--import',
    'tsx',
    'scripts/send.ts',
    'generic',
    'payment.succeeded',
    '--url',
    server.origin,
    '--secret',
    'key',
    ...args,
  ];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: root }, (error) => {
      resolve(error === null ? 0 : error.code);
    });
  });
}

describe('npm run send', () => {
  it.each([
    [200, 0],
    [302, 1],
    [401, 1],
    [503, 1],
  ])('ends with the answer %d as exit code %d, for one webhook and for many', async (answered, exitCode) => {
    status = answered;
    expect(await Promise.all([exitCodeOf(), exitCodeOf('--count', '2')])).toEqual([exitCode, exitCode]);
  });
});
