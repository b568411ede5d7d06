import * as v from 'valibot';
import { idOf } from './model/table';
import type { Run } from './run';

/** What is in the dead-letter queues, by what it is about. */
export interface DeadLettered {
  /** Rows that were given up on their way to the bus. */
  readonly beforeBus: ReadonlySet<string>;
  /** Rows whose event was given up behind the bus. */
  readonly afterBus: ReadonlySet<string>;
  /** Sequence numbers of changes that the audit gave up. */
  readonly audit: ReadonlySet<string>;
  /** Every text, and how often it is there. */
  readonly texts: ReadonlyMap<string, number>;
  /** Names of the queues that hold anything. */
  readonly queues: ReadonlySet<string>;
}

const range = v.object({ DDBStreamBatchInfo: v.object({ startSequenceNumber: v.string(), endSequenceNumber: v.string() }) });
const setAside = v.object({ keys: v.object({ paymentId: v.string(), eventKey: v.string() }) });
const processing = v.object({ event: v.object({ paymentId: v.string() }), eventKey: v.string() });
const routed = v.object({ detail: v.object({ paymentId: v.string(), eventKey: v.string() }) });

/** Reads every queue that no function reads: what is in it waits for a person. */
export function deadLettersOf(run: Run): DeadLettered {
  const { aws, topology } = run;
  const read = new Set(topology.pipeline.queueTriggers.map(({ queueArn }) => queueArn));
  const found = {
    beforeBus: new Set<string>(),
    afterBus: new Set<string>(),
    audit: new Set<string>(),
    texts: new Map<string, number>(),
    queues: new Set<string>(),
  };
  for (const [arn, queue] of aws.queues) {
    if (read.has(arn)) continue;
    for (const { body } of queue.messages) {
      found.queues.add(queue.settings.name);
      found.texts.set(body, (found.texts.get(body) ?? 0) + 1);
      const letter = jsonOf(body);
      const changes = changesIn(run, letter);
      if (queue.settings.name.startsWith('audit')) for (const { sequenceNumber } of changes) found.audit.add(sequenceNumber);
      else for (const { keys } of changes) found.beforeBus.add(idOf(keys));
      if (v.is(setAside, letter)) found.beforeBus.add(`${letter.keys.paymentId} / ${letter.keys.eventKey}`);
      if (v.is(processing, letter)) found.beforeBus.add(`${letter.event.paymentId} / ${letter.eventKey}`);
      if (v.is(routed, letter)) found.afterBus.add(`${letter.detail.paymentId} / ${letter.detail.eventKey}`);
    }
  }
  return found;
}

/** The changes that an on-failure message names by the first and the last of them. */
function changesIn({ aws }: Run, letter: unknown) {
  if (!v.is(range, letter)) return [];
  const { startSequenceNumber: first, endSequenceNumber: last } = letter.DDBStreamBatchInfo;
  return aws.table.changes.filter(({ sequenceNumber }) => sequenceNumber >= first && sequenceNumber <= last);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
