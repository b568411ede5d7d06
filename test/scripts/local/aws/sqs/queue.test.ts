import { describe, expect, it } from '@jest/globals';
import { Queue, receiptHandle } from '../../../../../scripts/local/aws/sqs/queue';
import { createManualClock } from '../test-aws';

const times = { visibilityMs: 1000, delayMs: 0, retentionMs: 1_000_000 };

function take(queue: Queue, max = 10, visibilityMs = 1000) {
  const messages = queue.receive({ max, visibilityMs, waitMs: 0, onDisconnect: () => undefined });
  if (messages instanceof Promise) throw new Error('a receive without a wait waits');
  return messages;
}

describe('a deep queue', () => {
  it('receives and deletes as fast at a hundred thousand as at a thousand', () => {
    const queueOf = (count: number): Queue => {
      const queue = new Queue('arn', times, createManualClock());
      for (let index = 0; index < count; index += 1) queue.send({ body: String(index) });
      return queue;
    };
    const time = (queue: Queue, rounds: number): number => {
      const start = process.hrtime.bigint();
      for (let round = 0; round < rounds; round += 1) for (const message of take(queue)) queue.delete(receiptHandle(message));
      return Number(process.hrtime.bigint() - start) / 1e6 / rounds;
    };
    const [full, nearlyEmpty] = [queueOf(100_000), queueOf(10_000)];
    time(full, 500);
    const deep = time(full, 900);
    const shallow = time(nearlyEmpty, 900);
    expect(nearlyEmpty.depth.visible).toBe(1000);
    expect(deep).toBeLessThan(10 * shallow + 0.5);
  });

  it('gives messages back in the order in which their timeouts end, whatever was deleted between', () => {
    const clock = createManualClock();
    const queue = new Queue('arn', times, clock);
    const expected: { body: string; dueAt: number }[] = [];
    for (let index = 0; index < 500; index += 1) {
      queue.send({ body: String(index) });
      const [message] = take(queue, 1, 1 + ((index * 7919) % 997));
      if (message === undefined) throw new Error('the message that was sent is not there');
      if (index % 3 === 0) queue.delete(receiptHandle(message));
      else expected.push({ body: message.body, dueAt: message.dueAt });
    }
    expect(queue.depth.inFlight).toBe(expected.length);
    clock.advance(1000);
    const order = Array.from({ length: 40 }, () => take(queue)).flat();
    expected.sort((a, b) => a.dueAt - b.dueAt);
    expect(order.map(({ body }) => body)).toEqual(expected.map(({ body }) => body));
  });

  it('tells the age of its oldest message', () => {
    const clock = createManualClock();
    const queue = new Queue('arn', times, clock);
    queue.send({ body: 'old' });
    clock.advance(5000);
    queue.send({ body: 'new' });
    expect(queue.depth).toEqual({ visible: 2, delayed: 0, inFlight: 0, oldestAgeSeconds: 5 });
  });
});
