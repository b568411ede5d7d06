import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { relayEvents, type Change, type RelayDependencies } from '../../functions/event-relay/relay-events';
import { processEvents } from '../../functions/event-processor/process-events';
import { sendAlert } from '../../functions/notification-handler/send-alert';
import type { EventBus, EventStore, ProcessingMessage } from '../../functions/shared/domain/ports';
import type { Provider, Verifier } from '../../functions/shared/providers/provider';
import { batchResponse, queueBatch, type QueueBatch } from '../../functions/shared/runtime/batch';
import { providers } from '../support/schemes';
import type { Ports } from './adapters';
import { shipped, type Code } from './functions';
import { planOf } from './plan';
import type { ProcessContext } from './platform';
import { brokenPromises, type Broken } from './promises';
import { runPlan } from './run';

/** A fault planted on purpose, to see that the simulator finds it. */
export interface Mutant {
  readonly name: string;
  /** What it does wrong. */
  readonly what: string;
  readonly code: Code;
}

/** How a mutant was found. */
export interface Finding {
  readonly broken: Broken;
  /** Runs until then, the last one included. */
  readonly runs: number;
}

/** Runs plans until one breaks a promise; undefined when none of so many does. */
export async function find(code: Code, seed: number, maxRuns: number): Promise<Finding | undefined> {
  for (let run = 0; run < maxRuns; run += 1) {
    const [broken] = brokenPromises(await runPlan(planOf(seed, run), code));
    if (broken !== undefined) return { broken, runs: run + 1 };
  }
  return undefined;
}

function mutant(name: string, what: string, change: Partial<Code>): Mutant {
  return { name, what, code: { ...shipped, ...change } };
}

function withPorts(change: (real: Ports, context: ProcessContext) => Partial<Ports>): Partial<Code> {
  return { ports: (real, context) => ({ ...real, ...change(real, context) }) };
}

/** Faults that pipelines like this one have had, one at a time. */
export const mutants: readonly Mutant[] = [
  mutant(
    'ack-before-put',
    'answers before the row is written',
    withPorts(({ store }) => ({ store: { ...store, put: putLater(store) } })),
  ),
  mutant(
    'clock-in-dedupe-key',
    'has the time of receipt in the key of the row',
    withPorts(({ store }, { clock }) => ({
      store: { ...store, put: (record) => store.put({ ...record, eventKey: `${record.eventKey}-${clock()}` }) },
    })),
  ),
  mutant(
    'duplicate-before-commit',
    'takes a second copy for a duplicate while the first can still fail',
    withPorts(({ store }) => ({ store: rememberingStore(store) })),
  ),
  mutant('no-signature-check', 'verifies nothing', { providers: lenient(() => true) }),
  mutant('tolerance-past-only', 'refuses what is too old, and not what is too new', {
    providers: lenient((reason) => reason === 'timestamp_too_new'),
  }),
  mutant(
    'secret-read-once',
    'keeps the secret of the first webhook for ever',
    withPorts(({ secrets }) => ({ secrets: { read: once((provider: string) => secrets.read(provider)) } })),
  ),
  mutant('enqueue-before-archive', 'enqueues, then archives, and goes on when that fails', { relay: enqueueFirst }),
  mutant('checkpoint-past-failure', 'reports the last record that failed, and not the first', {
    relay: async (deps, changes) => (await relayEvents(deps, changes)).slice(-1),
  }),
  mutant('relay-batch-success', 'reports no record as failed', { answer: () => batchResponse([]) }),
  mutant('queue-batch-failure', 'fails the whole batch for one message', { queueBatch: allOrNothing }),
  mutant('queue-batch-success', 'reports no message as failed', {
    queueBatch: <T>(batch: QueueBatch<T>) => queueBatch({ ...batch, work: (messages) => batch.work(messages).then(() => []) }),
  }),
  mutant('mark-before-publish', 'marks the row, then publishes', {
    process: async (deps, messages) => {
      for (const { value } of messages) await markFirst(deps.store, value);
      return processEvents(deps, messages);
    },
  }),
  mutant(
    'failed-entries-swallowed',
    'takes a call that succeeded for entries that did',
    withPorts((_, { send }) => ({ bus: trustingBus(send) })),
  ),
  mutant('unknown-types-dropped', 'publishes nothing of a kind that it does not know', {
    process: (deps, messages) =>
      processEvents(
        deps,
        messages.filter(({ value }) => value.event.kind !== 'other'),
      ),
  }),
  mutant(
    'alert-marked-before-publish',
    'marks an alert as sent, then sends it',
    withPorts(({ ledger }, { clock }) => ({
      ledger: {
        async claim(...claim) {
          const outcome = await ledger.claim(...claim);
          if (outcome === 'claimed') await ledger.markSent(claim[0], new Date(clock()).toISOString(), 'not yet');
          return outcome;
        },
        markSent: () => Promise.resolve(),
      },
    })),
  ),
  mutant(
    'claim-without-condition',
    'sends an alert whoever else has it',
    withPorts(({ ledger }) => ({
      ledger: {
        ...ledger,
        async claim(...claim) {
          await ledger.claim(...claim);
          return 'claimed';
        },
      },
    })),
  ),
  mutant('held-claim-shrugged', 'takes an alert that another has claimed for one that was sent', {
    alert: (deps, notice) => {
      const { ledger } = deps;
      const claim: typeof ledger.claim = async (...args) => {
        const outcome = await ledger.claim(...args);
        return outcome === 'held_by_another' ? 'already_sent' : outcome;
      };
      return sendAlert({ ...deps, ledger: { ...ledger, claim } }, notice);
    },
  }),
  mutant(
    'audit-key-random',
    'writes each attempt of a batch under a key of its own',
    withPorts(({ audit }, { clock }) => ({
      audit: { append: (key, bytes) => audit.append(key.replace('.ndjson', `-${clock()}.ndjson`), bytes) },
    })),
  ),
  mutant(
    'audit-failure-swallowed',
    'goes on when the audit bucket takes nothing',
    withPorts(({ audit }) => ({ audit: { append: (key, bytes) => audit.append(key, bytes).catch(() => undefined) } })),
  ),
];

function putLater(store: EventStore): EventStore['put'] {
  return (record) => {
    void store.put(record).catch(() => undefined);
    return Promise.resolve({ outcome: 'stored' });
  };
}

function rememberingStore(store: EventStore): EventStore {
  const seen = new Set<string>();
  return {
    ...store,
    put: (record) => {
      const { eventKey, fingerprint } = record;
      if (seen.has(eventKey)) return Promise.resolve({ outcome: 'duplicate', fingerprint });
      seen.add(eventKey);
      return store.put(record);
    },
  };
}

function once<T>(read: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, T>();
  return async (name) => {
    const value = known.get(name) ?? (await read(name));
    known.set(name, value);
    return value;
  };
}

/** The registry, with verifiers that accept what they would refuse for some reasons. */
function lenient(accepts: (reason: string) => boolean): ReadonlyMap<string, Provider> {
  const softened = (verification: ReturnType<Verifier['verify']>): ReturnType<Verifier['verify']> =>
    verification.ok || accepts(verification.reason) ? { ok: true } : verification;
  return new Map(
    [...providers].map(([name, provider]) => [
      name,
      {
        ...provider,
        verifierFrom: (json) => {
          const made = provider.verifierFrom(json);
          if (!made.ok) return made;
          const { verifier } = made;
          return { ...made, verifier: { ...verifier, verify: (...args) => softened(verifier.verify(...args)) } };
        },
      },
    ]),
  );
}

async function enqueueFirst(deps: RelayDependencies, changes: readonly Change[]): Promise<string[]> {
  const nowhere = { put: () => Promise.resolve({}) };
  const failed = await relayEvents({ ...deps, archive: nowhere }, changes);
  const quiet = { sendBatch: (messages: readonly ProcessingMessage[]) => Promise.resolve(messages.map(() => undefined)) };
  await relayEvents({ ...deps, queue: quiet, deadLetters: { send: () => Promise.resolve() } }, changes);
  return failed;
}

function allOrNothing<T>(batch: QueueBatch<T>): ReturnType<typeof queueBatch> {
  const handle = queueBatch(batch);
  return async (event) => {
    const answer = await handle(event);
    return answer.batchItemFailures.length === 0 ? answer : batchResponse(event.Records.map(({ messageId }) => messageId));
  };
}

async function markFirst(store: Pick<EventStore, 'markProcessed'>, { event, eventKey }: ProcessingMessage): Promise<void> {
  await store.markProcessed(event.paymentId, eventKey, event.receivedAt);
}

function trustingBus(send: (command: object) => Promise<unknown>): EventBus {
  return {
    async publish(entries) {
      const put = entries.map(({ detailType, detail, time }) => ({
        Source: 'payment.processor',
        DetailType: detailType,
        Detail: JSON.stringify(detail),
        Time: new Date(time),
      }));
      await send(new PutEventsCommand({ Entries: put }));
      return entries.map(() => undefined);
    },
  };
}
