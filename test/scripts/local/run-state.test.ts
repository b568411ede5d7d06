import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readRunState, removeRunState, runStatePath, writeRunState, type RunState } from '../../../scripts/local/run-state';

const state: RunState = {
  pid: process.pid,
  startedAt: '2026-11-03T00:00:00.000Z',
  apiUrl: 'http://127.0.0.1:3000',
  awsEndpoint: 'http://127.0.0.1:4000',
  region: 'eu-west-1',
  accountId: '123456789012',
  suffix: 'dev',
  secrets: {
    stripe: { signingSecrets: ['a'] },
    paypal: { webhookIds: ['b'], environment: 'sandbox' },
    square: { subscriptions: [{ signatureKey: 'c', notificationUrl: 'd' }] },
    generic: { signingSecrets: ['e'] },
  },
  paypalSigner: { webhookId: 'b', privateKeyPem: 'pem', certificateUrl: 'url' },
  outputs: { one: { ApiUrl: 'x' } },
  resources: [{ type: 'aws_sqs_queue', name: 'work', arn: 'arn', url: 'url' }],
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the state of a run', () => {
  it('is read back as it was written, by its owner only', () => {
    writeRunState(root, state);
    expect(readRunState(root)).toEqual(state);
    expect(statSync(path.join(root, runStatePath)).mode & 0o777).toBe(0o600);
  });

  it('is none without a file, with a broken one, and when its process is gone', () => {
    expect(readRunState(root)).toBeUndefined();
    writeRunState(root, { ...state, pid: 2 ** 22 + 1 });
    expect(readRunState(root)).toBeUndefined();
    writeFileSync(path.join(root, runStatePath), '{"pid":');
    expect(readRunState(root)).toBeUndefined();
  });

  it('is removed by its own run only', () => {
    writeRunState(root, state);
    removeRunState(root, process.pid + 1);
    expect(existsSync(path.join(root, runStatePath))).toBe(true);
    removeRunState(root, process.pid);
    expect(existsSync(path.join(root, runStatePath))).toBe(false);
  });
});
