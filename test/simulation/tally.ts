import { callFaultKinds, functionNames, operations, rareOperations } from './plan';
import type { Run } from './run';

/** What really happened in many runs: faults that were planned and met nothing do not count. */
export class Tally {
  readonly #faults = new Map<string, number>();
  readonly #places = new Set<string>();
  #sent = 0;
  #events = 0;
  #alerts = 0;
  #deadLetters = 0;
  #calls = 0;

  add({ sent, aws, platform, topology }: Run): void {
    this.#sent += sent.length;
    this.#events += aws.events.length;
    this.#alerts += aws.alerts.length;
    this.#calls += platform.callers.length;
    const read = new Set(topology.pipeline.queueTriggers.map(({ queueArn }) => queueArn));
    for (const [arn, queue] of aws.queues) if (!read.has(arn)) this.#deadLetters += queue.messages.length;
    for (const { kind, where } of platform.hits) {
      this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + 1);
      this.#places.add(`${where} ${kind}`);
    }
  }

  /** Calls at which a function can go wrong in some way, and has not yet. */
  get untried(): readonly string[] {
    return everyPlace().filter((place) => !this.#places.has(place));
  }

  words(): string[] {
    const faults = [...this.#faults].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `  ${String(count).padStart(8)}  ${kind}`);
    const places = everyPlace();
    return [
      `${this.#sent} webhooks sent, ${this.#events} events on the bus, ${this.#alerts} alerts, ${this.#deadLetters} dead letters; ${this.#calls} calls`,
      'faults that befell something:',
      ...faults,
      `${places.length - this.untried.length} of ${places.length} ways for a call to go wrong were met${this.untried.length === 0 ? '' : `; not yet: ${this.untried.join(', ')}`}`,
    ];
  }
}

function everyPlace(): string[] {
  const everyKind = callFaultKinds.filter((kind) => kind !== 'partial');
  const usual = functionNames.flatMap((name) => operations[name].map((operation) => `${name} ${operation}`));
  const rare = Object.values(rareOperations).flatMap((calls) => calls.map(([name, operation]) => `${name} ${operation}`));
  const calls = [...usual, ...rare];
  return [
    ...calls.flatMap((call) => everyKind.map((kind) => `${call} ${kind}`)),
    'event-relay SendMessageBatch partial',
    'event-processor PutEvents partial',
  ];
}
