import { describe, expect, it } from '@jest/globals';
import { batchResponse, eachMessage, orAll, queueBatch } from '../../../../functions/shared/runtime/batch';
import type { Message, Parsed } from '../../../../functions/shared/runtime/batch';
import { aQueueEvent } from '../../../support/builders';
import { World } from '../../../support/fakes';

const postpone = () => Promise.resolve();
const parse = (text: string): Parsed<string> => (text.startsWith('bad') ? { ok: false, problem: 'bad' } : { ok: true, value: text });

describe('queueBatch', () => {
  it("answers in Lambda's words, so that failed messages are not deleted", async () => {
    const { log } = new World();
    const run = queueBatch({ log, parse, postpone, work: (messages) => Promise.resolve(messages.slice(1).map(({ id }) => id)) });
    expect(await run(aQueueEvent('a', 'b', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }],
    });
  });

  it('says that the whole batch is done with an empty list', async () => {
    const { log } = new World();
    expect(await queueBatch({ log, parse, postpone, work: () => Promise.resolve([]) })(aQueueEvent('a'))).toEqual({
      batchItemFailures: [],
    });
  });

  it('fails a malformed message alone, works on its neighbours, and logs no value', async () => {
    const world = new World();
    const seen: Message<string>[] = [];
    const work = (messages: readonly Message<string>[]) => {
      seen.push(...messages);
      return Promise.resolve([]);
    };
    expect(await queueBatch({ log: world.log, parse, postpone, work })(aQueueEvent('a', 'bad secret', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(seen.map(({ value }) => value)).toEqual(['a', 'c']);
    expect(world.lines).toEqual([{ level: 'error', message: 'message malformed', fields: { messageId: 'message-1', problem: 'bad' } }]);
  });

  it('does no work for a batch of malformed messages', async () => {
    const { log } = new World();
    const work = () => Promise.reject(new Error('must not run'));
    expect(await queueBatch({ log, parse, postpone, work })(aQueueEvent('bad'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
  });

  it('brings every message again when the work throws', async () => {
    const world = new World();
    const run = queueBatch({ log: world.log, parse, postpone, work: () => Promise.reject(new Error('down')) });
    expect(await run(aQueueEvent('a', 'bad', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    expect(world.line('batch failed')).toEqual({ error: new Error('down'), failed: 2 });
  });
});

describe('a message that stays in its queue', () => {
  const failing = (postponed: unknown[], work = () => Promise.resolve(['message-2'])) => {
    const { log } = new World();
    return queueBatch({ log, parse, work, postpone: (failed) => Promise.resolve(void postponed.push(...failed)) });
  };

  it('is postponed by how often it was received, and by whether another attempt may succeed', async () => {
    const postponed: unknown[] = [];
    await failing(postponed)(aQueueEvent('a', 'bad', 'c'));
    expect(postponed).toEqual([
      { receiptHandle: 'receipt-1', receiveCount: 2, mayRecover: false },
      { receiptHandle: 'receipt-2', receiveCount: 3, mayRecover: true },
    ]);
  });

  it('is postponed when the work throws', async () => {
    const postponed: unknown[] = [];
    await failing(postponed, () => Promise.reject(new Error('down')))(aQueueEvent('a'));
    expect(postponed).toEqual([{ receiptHandle: 'receipt-0', receiveCount: 1, mayRecover: true }]);
  });

  it('asks for nothing where none failed', async () => {
    const { log } = new World();
    const refuse = () => Promise.reject(new Error('must not run'));
    expect(await queueBatch({ log, parse, work: () => Promise.resolve([]), postpone: refuse })(aQueueEvent('a'))).toEqual({
      batchItemFailures: [],
    });
  });

  it('is reported as failed although it could not be postponed', async () => {
    const world = new World();
    const run = queueBatch({ log: world.log, parse, work: () => Promise.resolve([]), postpone: () => Promise.reject(new Error('no')) });
    expect(await run(aQueueEvent('bad'))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(world.line('messages not postponed')).toEqual({ error: new Error('no') });
  });
});

describe('eachMessage', () => {
  it('fails the messages whose work throws, and only those', async () => {
    const { log } = new World();
    const messages = ['a', 'b', 'c'].map((value) => ({ id: `id-${value}`, value }));
    const work = (value: string) => (value === 'b' ? Promise.reject(new Error('b')) : Promise.resolve());
    expect(await eachMessage(log, messages, work)).toEqual(['id-b']);
  });
});

describe('orAll', () => {
  it('gives what the work says has failed', async () => {
    expect(await orAll(new World().log, ['a', 'b'], () => Promise.resolve(['b']))).toEqual(['b']);
  });
});

describe('batchResponse', () => {
  it('names a record once', () => {
    expect(batchResponse(['a', 'a'])).toEqual({ batchItemFailures: [{ itemIdentifier: 'a' }] });
  });
});
