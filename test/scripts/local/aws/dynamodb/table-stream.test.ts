import { describe, expect, it } from '@jest/globals';
import { createFaults } from '../../../../../scripts/local/aws/faults';
import { createObservers } from '../../../../../scripts/local/aws/observers';
import { parseIterator, sequenceNumber, TableStream } from '../../../../../scripts/local/aws/dynamodb/table-stream';
import { createManualClock } from '../test-aws';

const table = { TableName: 'payments', TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' as const }] };

function createStream() {
  const clock = createManualClock();
  const account = { accountId: '1', region: 'r', clock, observers: createObservers(), faults: createFaults(), origin: '' };
  const stream = new TableStream(account, 'payments', 'NEW_AND_OLD_IMAGES');
  const add = (count: number) => {
    for (let index = 0; index < count; index += 1) {
      stream.add({ table, before: undefined, after: { id: { S: 'x' }, body: { S: 'y'.repeat(100_000) } }, isExpiry: false });
    }
  };
  const read = (token: string) => {
    const parsed = parseIterator(token);
    if (parsed === undefined) throw new Error('the token is none');
    return stream.read(parsed.iterator, 1000);
  };
  const nextOf = (answer: string) => /"NextShardIterator":"([^"]+)"/.exec(answer)?.[1] ?? '';
  return { stream, clock, add, read, nextOf };
}

describe('a stream under load', () => {
  it('forgets what every reader has passed, beyond the size that it keeps', () => {
    const { stream, add, read, nextOf } = createStream();
    let token = stream.iterator('TRIM_HORIZON', undefined);
    for (let round = 0; round < 100; round += 1) {
      add(10);
      token = nextOf(read(token));
    }
    expect(Number(stream.startingSequenceNumber.slice(1))).toBeGreaterThan(500);
  });

  it('keeps everything that a reader has yet to read', () => {
    const { stream, add, read } = createStream();
    const slow = stream.iterator('TRIM_HORIZON', undefined);
    add(1000);
    expect(stream.startingSequenceNumber).toBe(sequenceNumber(1));
    expect(read(slow)).toContain(sequenceNumber(1));
  });

  it('does not wait for a reader whose iterator has expired', () => {
    const { stream, clock, add } = createStream();
    stream.iterator('TRIM_HORIZON', undefined);
    clock.advance(16 * 60 * 1000);
    add(1000);
    expect(Number(stream.startingSequenceNumber.slice(1))).toBeGreaterThan(500);
  });

  it('answers at most about a megabyte', () => {
    const { stream, add, read } = createStream();
    add(50);
    const answer = read(stream.iterator('TRIM_HORIZON', undefined));
    expect(answer.length).toBeLessThan(1.3 * 1024 * 1024);
  });
});
