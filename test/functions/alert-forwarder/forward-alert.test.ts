import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ChatOutcome } from '../../../functions/alert-forwarder/chat';
import { forwardAlert } from '../../../functions/alert-forwarder/forward-alert';
import { postMemory } from '../../../functions/alert-forwarder/post-memory';
import { World } from '../../support/fakes';

const [first, second, onCall] = ['https://a.example/hidden1', 'https://b.example/hidden2', 'https://c.example/hidden3'] as const;
const alert = { topic: 'alerts', messageId: 'm-1', subject: 'Payment failed', text: 'Amount: EUR 5' } as const;

let world: World;
let outcomes: Map<string, ChatOutcome>;
let posts: (readonly [string, string])[];
let doubts: number;
let memory: ReturnType<typeof postMemory>;
beforeEach(() => {
  world = new World();
  outcomes = new Map();
  posts = [];
  doubts = 0;
  memory = postMemory();
});

function forward(
  changes: Partial<{ topic: 'alerts' | 'operations'; messageId: string }> = {},
  alerts: readonly string[] = [first, second],
): Promise<void> {
  const chat = {
    post: (url: string, text: string) => {
      posts.push([url, text]);
      const outcome = outcomes.get(url) ?? 'posted';
      return Promise.resolve({ outcome, status: outcome === 'posted' ? 200 : 404 });
    },
  };
  const endpoints = {
    current: () => Promise.resolve({ alerts, operations: [onCall] }),
    doubt: () => {
      doubts += 1;
    },
  };
  return forwardAlert({ endpoints, chat, memory, log: world.log, meter: world.meter }, { ...alert, ...changes });
}

describe('a message of a topic', () => {
  it('is posted to every endpoint of its own topic', async () => {
    await forward();
    expect(posts).toEqual([first, second].map((url) => [url, 'Payment failed\n\nAmount: EUR 5']));
    await forward({ topic: 'operations', messageId: 'm-2' });
    expect(posts.slice(2).map(([url]) => url)).toEqual([onCall]);
    expect(world.measurements).toEqual(
      ['alerts', 'alerts', 'operations'].map((topic) => ({ name: 'AlertForwarded', dimensions: { topic, outcome: 'posted' }, value: 1 })),
    );
  });

  it('is done where its topic has no endpoint', async () => {
    await forward({}, []);
    expect(posts).toEqual([]);
    expect(world.line('alert not forwarded')).toMatchObject({ topic: 'alerts', why: 'no endpoint of this topic' });
  });

  it.each(['refused', 'throttled', 'failed', 'unreachable'] as const)(
    'comes again where an endpoint has it %s, to that one alone',
    async (outcome) => {
      outcomes.set(second, outcome);
      await expect(forward()).rejects.toThrow(`1 of 2 endpoints did not take the message: ${outcome}`);
      await expect(forward()).rejects.toThrow('1 of 2');
      outcomes.clear();
      await forward();
      expect(posts.map(([url]) => url)).toEqual([first, second, second, second]);
      expect(world.measurements).toContainEqual({ name: 'AlertForwarded', dimensions: { topic: 'alerts', outcome }, value: 1 });
    },
  );

  it('goes to all again where it is redriven after it was done, or this instance forgot', async () => {
    await forward();
    await forward();
    outcomes.set(second, 'failed');
    await expect(forward()).rejects.toThrow('1 of 2');
    memory = postMemory();
    await expect(forward()).rejects.toThrow('1 of 2');
    expect(posts.filter(([url]) => url === first)).toHaveLength(4);
  });

  it('has the secret read again where an endpoint refused it, and not where one is down', async () => {
    outcomes.set(first, 'failed');
    await expect(forward()).rejects.toThrow();
    expect(doubts).toBe(0);
    outcomes.set(first, 'refused');
    await expect(forward()).rejects.toThrow();
    expect(doubts).toBe(1);
  });

  it("logs an endpoint's place, and never its URL", async () => {
    outcomes.set(second, 'refused');
    const error: unknown = await forward().catch((thrown: unknown) => thrown);
    expect(world.line('alert forwarded')).toEqual({
      topic: 'alerts',
      messageId: 'm-1',
      endpoint: 'alerts[0]',
      outcome: 'posted',
      status: 200,
    });
    expect(world.line('alert not taken')).toEqual({
      topic: 'alerts',
      messageId: 'm-1',
      endpoint: 'alerts[1]',
      outcome: 'refused',
      status: 404,
    });
    expect(JSON.stringify(world.lines) + String(error)).not.toMatch(/hidden|example|EUR/);
  });
});

describe('the memory of posts', () => {
  it('has an end', () => {
    for (let index = 0; index <= 1000; index += 1) memory.add(`m-${index}`, first);
    expect([memory.has('m-0', first), memory.has('m-1', first), memory.has('m-1000', first)]).toEqual([false, true, true]);
  });
});
