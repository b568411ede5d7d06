import type { Fault, Faults } from '../local/aws/faults';

/** Something that goes wrong with every nth call while it is on. */
interface Trouble {
  readonly name: string;
  readonly fault: Omit<Fault, 'times'>;
  readonly every: number;
}

const throttled = { code: 'ThrottlingException', status: 400 };
const down = { code: 'InternalFailure', status: 500 };

/** A row of an event, and not of an alert. */
const ofEvent = (input: unknown): boolean => JSON.stringify(input).includes('"event#');

/**
 * What AWS does on a bad day. An answer of SNS is never lost, and the mark of an alert never fails: then nobody can know whether people were
 * told, and they may be told twice (docs/reliability.md). All the others must leave no trace.
 */
const troubles: readonly Trouble[] = [
  { name: 'table throttles writes of rows', fault: { service: 'dynamodb', operation: 'PutItem', error: throttled }, every: 2 },
  { name: 'answers to writes of rows are lost', fault: { service: 'dynamodb', operation: 'PutItem', dropAfterEffect: true }, every: 3 },
  { name: 'table throttles marks', fault: { service: 'dynamodb', operation: 'UpdateItem', match: ofEvent, error: throttled }, every: 3 },
  {
    name: 'answers to marks are lost',
    fault: { service: 'dynamodb', operation: 'UpdateItem', match: ofEvent, dropAfterEffect: true },
    every: 4,
  },
  { name: 'table is slow', fault: { service: 'dynamodb', operation: 'PutItem', delayMs: 200 }, every: 2 },
  { name: 'archive and audit are down', fault: { service: 's3', operation: 'PutObject', error: down }, every: 2 },
  { name: 'answers of the buckets are lost', fault: { service: 's3', operation: 'PutObject', dropAfterEffect: true }, every: 3 },
  { name: 'the queue cannot be reached', fault: { service: 'sqs', operation: 'SendMessageBatch', dropBeforeEffect: true }, every: 2 },
  { name: 'answers of the queue are lost', fault: { service: 'sqs', operation: 'SendMessageBatch', dropAfterEffect: true }, every: 3 },
  { name: 'done messages are not deleted', fault: { service: 'sqs', operation: 'DeleteMessageBatch', error: down }, every: 4 },
  { name: 'the bus throttles', fault: { service: 'events', operation: 'PutEvents', error: throttled }, every: 2 },
  { name: 'answers of the bus are lost', fault: { service: 'events', operation: 'PutEvents', dropAfterEffect: true }, every: 4 },
  { name: 'rules do not reach their targets', fault: { service: 'events', operation: 'Deliver', error: down }, every: 3 },
  { name: 'the topic is down', fault: { service: 'sns', operation: 'Publish', error: down }, every: 2 },
];

/** Faults that come and go, and how often each has struck. */
export interface Weather {
  readonly strikes: ReadonlyMap<string, number>;
  /** Ends the faults that are on and begins the next. */
  turn(): void;
  /** Ends all faults for good. */
  clear(): void;
}

/** So many of the troubles are on at one time. */
const together = 3;

/** All troubles, off as yet. */
export function createWeather(faults: Faults): Weather {
  const strikes = new Map(troubles.map(({ name }) => [name, 0]));
  let active: (() => void)[] = [];
  let next = 0;
  const clear = (): void => {
    for (const end of active) end();
    active = [];
  };
  const begin = ({ name, fault, every }: Trouble): (() => void) => {
    let calls = 0;
    const match = (input: unknown): boolean => {
      if (fault.match?.(input) === false) return false;
      calls += 1;
      if (calls % every !== 0) return false;
      strikes.set(name, (strikes.get(name) ?? 0) + 1);
      return true;
    };
    return faults.add({ ...fault, match });
  };
  return {
    strikes,
    clear,
    turn() {
      clear();
      for (let count = 0; count < together; count += 1, next += 1) {
        const trouble = troubles[next % troubles.length];
        if (trouble !== undefined) active.push(begin(trouble));
      }
    },
  };
}
