import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { writeRunState } from '../../../scripts/local/run-state';
import { startLoopbackServer, type LoopbackServer } from '../../support/loopback-server';
import { aRunState } from '../../support/run-state';
import { ops, type Ran } from './ops-stage';

const requestSchema = v.object({ reconcile: v.looseObject({ cursor: v.optional(v.string()), dryRun: v.boolean() }) });

/** What the function answers, call by call, in place of Lambda. */
const answers: object[] = [];
const asked: v.InferOutput<typeof requestSchema>['reconcile'][] = [];
let server: LoopbackServer;
let root: string;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'ops-reconcile-'));
  server = await startLoopbackServer((_, response, body) => {
    asked.push(v.parse(v.pipe(v.string(), v.parseJson(), requestSchema), body).reconcile);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ payload: answers.shift() }));
  });
  const url = server.origin;
  writeRunState(root, aRunState({ apiUrl: url, awsEndpoint: url, control: { url, token: 'token' } }));
});
afterAll(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  answers.length = 0;
  asked.length = 0;
});

const missed = (number: number, eventType = 'payment_intent.succeeded') => ({
  eventId: `evt_${number}`,
  eventType,
  kind: 'payment.succeeded',
  paymentId: `stripe:pi_${number}`,
  occurredAt: '2026-11-05T10:00:00.000Z',
});

function counted(outcome: string, listed: number, events: readonly object[], more: object = {}) {
  return { outcome, listed, expected: listed, missed: events.length, events, leftOutTypes: [], ...more };
}

function reconcile(...args: readonly string[]): Promise<Ran> {
  return ops(['reconcile', '--provider', 'stripe', ...args], { root });
}

describe('ops reconcile', () => {
  it('says what it left out, and by which types', async () => {
    const answer = counted('done', 12, [], { expected: 10, leftOutTypes: ['customer.created', 'plan.\u001b[31mupdated'] });
    answers.push(answer, answer);
    const ran = await reconcile();
    expect(ran.out).toContain(
      'Nothing is missed: 12 events in the list of stripe, 10 of them expected as webhooks, 2 of other types left out (customer.created, plan.\\u001b[31mupdated)',
    );
    expect((await reconcile('--json')).json()).toMatchObject({ listed: 12, expected: 10, leftOut: 2, leftOutTypes: answer.leftOutTypes });
  });

  it('names five of the types that it left out', async () => {
    const leftOutTypes = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `${letter}.created`);
    answers.push(counted('done', 9, [], { expected: 0, leftOutTypes }));
    expect((await reconcile()).out).toContain('9 of other types left out (a.created, b.created, c.created, d.created, e.created, …)');
  });

  it('reads the answer of a function that does not say what it leaves out', async () => {
    answers.push({ outcome: 'done', listed: 2, expected: 1, missed: 0, events: [] });
    expect((await reconcile()).out).toContain('1 of them expected as webhooks, 1 of other types left out (');
  });

  it('counts an event once that two calls found missed', async () => {
    const second = [missed(1), missed(1, 'charge.succeeded'), missed(2)];
    answers.push(counted('more', 5, [missed(1)], { cursor: 'evt_1' }), counted('done', 5, second));
    const ran = await reconcile('--dry-run');
    expect(ran.out).toContain('10 events in the list of stripe, 10 of them expected as webhooks, 3 missed, and would be recovered');
    expect(asked.map(({ cursor, dryRun }) => [cursor, dryRun])).toEqual([
      [undefined, true],
      ['evt_1', true],
    ]);
  });

  it('counts a window from its start that was begun anew, and forgets nothing that it recovered', async () => {
    answers.push(counted('more', 5, [missed(1)], { cursor: 'evt_gone' }), counted('done', 8, [missed(2)], { anew: true }));
    expect((await reconcile()).out).toMatch(
      /evt_1[\s\S]+evt_2[\s\S]+8 events in the list of stripe, 8 of them expected.*, 2 missed, and recovered/,
    );
  });

  const failed = { reason: 'unreachable', detail: 'api.stripe.com answered 503' };

  it('that fails says what it recovered, each by name', async () => {
    answers.push(counted('more', 5, [missed(1)], { cursor: 'evt_1' }), counted('failed', 5, [missed(2)], failed));
    const ran = await reconcile();
    expect([ran.exitCode, ran.notes]).toEqual([
      1,
      expect.stringContaining('(unreachable): api.stripe.com answered 503; recovered 2 missed events before the failure'),
    ]);
    expect(ran.out).toMatch(/evt_1[\s\S]+evt_2/);
  });

  it('that fails gives a program what it recovered, and says that it is not all', async () => {
    answers.push(counted('failed', 5, [missed(2)], failed));
    expect((await reconcile('--json')).json()).toMatchObject({ incomplete: true, missed: 1, events: [{ eventId: 'evt_2' }] });
  });

  it('that fails as a dry run claims no recovery', async () => {
    answers.push(counted('failed', 5, [missed(1)], failed));
    const { exitCode, notes } = await reconcile('--dry-run');
    expect([exitCode, notes]).toEqual([1, expect.stringContaining('503; found 1 missed event before the failure; recovered none')]);
    expect(notes).not.toContain('were recovered up');
  });

  it('that fails before it found anything says only why', async () => {
    answers.push(counted('failed', 0, [], failed));
    const { out, notes } = await reconcile();
    expect([out, notes]).toEqual(['', 'ops: the events of stripe cannot be compared (unreachable): api.stripe.com answered 503']);
  });
});
