import { describe, expect, it } from '@jest/globals';
import { deliverBatch, type DeliveryOptions, type GivenUp, type StreamItem } from '../../../../scripts/local/event-sources/batch-delivery';
import { isJsonArray, isObject, textAt, type Json } from '../../../../scripts/local/json';

const items = (...numbers: readonly string[]): readonly StreamItem[] =>
  numbers.map((sequenceNumber) => ({ sequenceNumber, createdAt: Date.now(), payload: { id: sequenceNumber } }));

interface Delivery {
  /** Ids of each invocation's records. */
  readonly invoked: string[];
  readonly givenUp: GivenUp[];
}

/** Delivers with a function that answers each batch of ids; an Error is thrown by the function. */
async function deliver(
  batch: readonly StreamItem[],
  answer: (ids: readonly string[], call: number) => Json | Error,
  options: Partial<DeliveryOptions> = {},
): Promise<Delivery> {
  const invoked: string[] = [];
  const givenUp: GivenUp[] = [];
  await deliverBatch(batch, {
    invoke: (event) => {
      const ids = idsOf(event);
      invoked.push(ids.join(''));
      const result = answer(ids, invoked.length);
      const requestId = `request-${String(invoked.length)}`;
      return Promise.resolve(
        result instanceof Error
          ? { ok: false, requestId, error: { errorType: result.name, errorMessage: result.message } }
          : { ok: true, requestId, payload: result },
      );
    },
    reportsItemFailures: true,
    maximumRetries: -1,
    maximumAgeSeconds: -1,
    bisects: false,
    giveUp: (letter) => {
      givenUp.push(letter);
      return Promise.resolve();
    },
    signal: new AbortController().signal,
    pauseMs: () => 0,
    ...options,
  });
  return { invoked, givenUp };
}

function idsOf(event: unknown): readonly string[] {
  const records = isObject(event) ? event['Records'] : undefined;
  return isJsonArray(records) ? records.map((record) => textAt(record, 'id')) : [];
}

const failing = (...ids: readonly string[]): Json => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const ids = (letter: GivenUp | undefined): string => letter?.items.map(({ sequenceNumber }) => sequenceNumber).join('') ?? '';

describe('deliverBatch', () => {
  it.each<[string, Json]>([
    ['null', null],
    ['an empty object', {}],
    ['an empty list', failing()],
  ])('takes %s for success', async (_what, payload) => {
    expect((await deliver(items('1', '2'), () => payload)).invoked).toEqual(['12']);
  });

  it('goes on from the lowest record that failed', async () => {
    const { invoked } = await deliver(items('1', '2', '3', '4'), (_ids, call) => (call === 1 ? failing('4', '2') : null));
    expect(invoked).toEqual(['1234', '234']);
  });

  it.each<[string, Json]>([
    ['an id that was not in the batch', failing('9')],
    ['an empty id', failing('')],
    ['a failure without id', { batchItemFailures: [{}] }],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['a text', 'done'],
  ])('takes %s for a failure of the whole batch', async (_what, payload) => {
    const { invoked } = await deliver(items('1', '2'), (_ids, call) => (call === 1 ? payload : null));
    expect(invoked).toEqual(['12', '12']);
  });

  it('does not read the answer of a function that does not report failures', async () => {
    expect((await deliver(items('1', '2'), () => failing('1'), { reportsItemFailures: false })).invoked).toEqual(['12']);
  });

  it('repeats the whole batch after a throw, in order', async () => {
    const { invoked } = await deliver(items('1', '2'), (_ids, call) => (call < 3 ? new Error('no') : null));
    expect(invoked).toEqual(['12', '12', '12']);
  });

  it('gives up the batch after its retries and says what it was', async () => {
    const { invoked, givenUp } = await deliver(items('1', '2'), () => new Error('no'), { maximumRetries: 2 });
    expect(invoked).toEqual(['12', '12', '12']);
    expect(givenUp.map(ids)).toEqual(['12']);
    expect(givenUp[0]).toMatchObject({
      condition: 'RetryAttemptsExhausted',
      invokeCount: 3,
      functionError: 'Unhandled',
      requestId: 'request-3',
    });
  });

  it('does not retry where there are no retries', async () => {
    const { invoked, givenUp } = await deliver(items('1'), () => new Error('no'), { maximumRetries: 0 });
    expect([invoked, givenUp.map(ids)]).toEqual([['1'], ['1']]);
  });

  it('halves a batch until the poison is alone, and delivers every other record once it is apart', async () => {
    const poison = (batch: readonly string[]): Json | Error => (batch.includes('3') ? new Error('no') : null);
    const { invoked, givenUp } = await deliver(items('1', '2', '3', '4', '5'), poison, { bisects: true, maximumRetries: 1 });
    expect(invoked).toEqual(['12345', '123', '12', '3', '3', '45']);
    expect(givenUp.map(ids)).toEqual(['3']);
  });

  it('gives a record all its attempts once the ones before it are taken', async () => {
    const second = (batch: readonly string[]): Json => (batch.includes('2') ? failing('2') : null);
    const { invoked, givenUp } = await deliver(items('1', '2'), second, { maximumRetries: 1 });
    expect(invoked).toEqual(['12', '2', '2']);
    expect(givenUp.map(ids)).toEqual(['2']);
  });

  it('gives up what is too old without another invocation', async () => {
    const old = [{ sequenceNumber: '1', createdAt: Date.now() - 120_000, payload: { id: '1' } }];
    const { invoked, givenUp } = await deliver([...old, ...items('2')], () => null, { maximumAgeSeconds: 60 });
    expect(invoked).toEqual(['2']);
    expect([givenUp.map(ids), givenUp[0]?.condition]).toEqual([['1'], 'RecordAgeExceeded']);
  });

  it('counts a throttled invocation as a failed attempt', async () => {
    const { givenUp } = await deliver(items('1'), () => null, { maximumRetries: 1, invoke: () => Promise.reject(new Error('throttled')) });
    expect(givenUp[0]).toMatchObject({ invokeCount: 2, condition: 'RetryAttemptsExhausted' });
  });

  it('ends when it is told to, however often the function fails', async () => {
    const stopping = new AbortController();
    const { invoked } = await deliver(
      items('1'),
      (_ids, call) => {
        if (call === 3) stopping.abort();
        return new Error('no');
      },
      { signal: stopping.signal },
    );
    expect(invoked).toHaveLength(3);
  });
});
