import { describe, expect, it } from '@jest/globals';
import { batchResponse, eachMessage, orAll, queueBatch } from '../../../../functions/shared/runtime/batch';
import type { Message, Parsed } from '../../../../functions/shared/runtime/batch';
import { aQueueEvent } from '../../../support/builders';
import { World } from '../../../support/fakes';

const parse = (text: string): Parsed<string> => (text.startsWith('bad') ? { ok: false, problem: 'bad' } : { ok: true, value: text });

describe('queueBatch', () => {
  it("answers in Lambda's words, so that failed messages are not deleted", async () => {
    const { log } = new World();
    const run = queueBatch({ log, parse, work: (messages) => Promise.resolve(messages.slice(1).map(({ id }) => id)) });
    expect(await run(aQueueEvent('a', 'b', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }],
    });
  });

  it('says that the whole batch is done with an empty list', async () => {
    const { log } = new World();
    expect(await queueBatch({ log, parse, work: () => Promise.resolve([]) })(aQueueEvent('a'))).toEqual({ batchItemFailures: [] });
  });

  it('fails a malformed message alone, works on its neighbours, and logs no value', async () => {
    const world = new World();
    const seen: Message<string>[] = [];
    const work = (messages: readonly Message<string>[]) => {
      seen.push(...messages);
      return Promise.resolve([]);
    };
    expect(await queueBatch({ log: world.log, parse, work })(aQueueEvent('a', 'bad secret', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }],
    });
    expect(seen.map(({ value }) => value)).toEqual(['a', 'c']);
    expect(world.lines).toEqual([{ level: 'error', message: 'message malformed', fields: { messageId: 'message-1', problem: 'bad' } }]);
  });

  it('does no work for a batch of malformed messages', async () => {
    const { log } = new World();
    const work = () => Promise.reject(new Error('must not run'));
    expect(await queueBatch({ log, parse, work })(aQueueEvent('bad'))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
  });

  it('brings every message again when the work throws', async () => {
    const world = new World();
    const run = queueBatch({ log: world.log, parse, work: () => Promise.reject(new Error('down')) });
    expect(await run(aQueueEvent('a', 'bad', 'c'))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    expect(world.line('batch failed')).toEqual({ error: new Error('down'), failed: 2 });
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
