import { createHash } from 'node:crypto';
import { paymentStateOf } from '../../functions/shared/domain/payment-state';
import type { StoredEvent } from '../../functions/shared/domain/ports';
import { Random } from '../hostile/random';
import { alertProblems } from './alert-promises';
import { auditRecordsOf } from './audit-trail';
import { factsOf, type Facts, type StoredRow } from './facts';
import { idOf } from './model/table';
import type { Delivery } from './plan';
import type { Run } from './run';
import { eventIdOf, expectedOf, type Expected } from './senders';

/** A promise that was not kept. */
export interface Broken {
  /** P1 to P6 of the promises. */
  readonly promise: string;
  /** What was to hold, the same words whatever broke it. */
  readonly invariant: string;
  readonly what: string;
}

type Check = (facts: Facts) => readonly string[];

/** Every invariant, by the promise that it is of. */
const checks: readonly (readonly [promise: string, invariant: string, check: Check])[] = [
  ['P1', 'a webhook that was answered 2xx is stored', acknowledgedIsStored],
  ['P1', 'a genuine webhook is stored while its provider still tries', genuineIsStored],
  ['P1', 'a genuine webhook is refused at most for the 30 seconds after its key is new', genuineIsRefusedBriefly],
  ['P1', 'a row says what was sent', rowsAreFaithful],
  ['P2', 'the run comes to rest', ({ run }) => (run.restless === undefined ? [] : [run.restless])],
  ['P2', 'a stored event is published or a dead letter', storedIsPublished],
  ['P2', 'a stored event is on the bus within the time that stream and queue keep trying', publishedInTime],
  ['P2', 'a row is marked only after its event is published', markedAfterPublished],
  ['P2', 'a published event is marked, or is a dead letter', publishedIsMarked],
  ['P2', 'what is on the queue is in the archive', enqueuedIsArchived],
  ['P3', 'an event has one row', oneRowPerEvent],
  ['P3', 'without a fault, an event is published once and nothing of it is a dead letter', onceWithoutFault],
  ['P3', 'an alert that is due is sent, or is a dead letter', alertProblems.missing],
  ['P3', 'an alert goes out once, but for the window between publish and mark', alertProblems.repeated],
  ['P3', 'nobody is told what is not so', alertProblems.unfounded],
  ['P3', 'the state of a payment does not depend on the order of its events', stateIsOrderFree],
  ['P4', 'what is not genuine is refused with 401', forgedIsRefused],
  ['P4', 'nothing that is not genuine is stored, archived, routed or told', forgedLeavesNoTrace],
  ['P5', 'a queue that holds a dead letter has an alarm with somebody to call', deadLettersRing],
  ['P5', 'what went well does not come again for the sake of a neighbour', neighboursGoOn],
  ['P5', 'a message that nobody understands becomes a dead letter', poisonIsKept],
  ['P6', 'every change of a row is in the audit, or is a dead letter', changesAreAudited],
  ['P6', 'the same batch is written under the same key', auditKeysAreStable],
  ['P6', 'tampering is told', tamperingIsTold],
];

/** Which promises a run broke; empty when it kept all of them. */
export function brokenPromises(run: Run): Broken[] {
  const facts = factsOf(run);
  return checks.flatMap(([promise, invariant, check]) => check(facts).map((what) => ({ promise, invariant, what })));
}

const genuine = ({ run }: Facts): readonly Delivery[] => run.plan.deliveries.filter(({ forged }) => forged === undefined);

function rowOf({ rows }: Facts, { provider, eventId }: Expected): StoredRow | undefined {
  return rows.find(({ stored }) => stored.event.provider === provider && stored.event.eventId === eventId);
}

function acknowledgedIsStored(facts: Facts): string[] {
  const acknowledged = facts.run.sent.filter(({ status }) => status >= 200 && status < 300);
  return acknowledged.flatMap(({ delivery, at, rowPresent }) => {
    if (rowPresent && rowOf(facts, expectedOf(delivery)) !== undefined) return [];
    return [`${eventIdOf(delivery)} was answered 2xx at ${new Date(at).toISOString()} and has no row`];
  });
}

function genuineIsStored(facts: Facts): string[] {
  const missing = genuine(facts).filter((delivery) => !facts.run.givenUp.has(delivery) && rowOf(facts, expectedOf(delivery)) === undefined);
  const refused = facts.run.sent.filter(
    ({ delivery, status }) => delivery.forged === undefined && (status === 400 || status === 404 || status === 413),
  );
  return [
    ...missing.map((delivery) => `${eventIdOf(delivery)} has no row`),
    ...refused.map(({ delivery, status }) => `${eventIdOf(delivery)} was answered ${status}`),
  ];
}

/** A secret is read again for a signature that fails, but not within 30 seconds of the last time; clocks may be five seconds off. */
const refusedForMs = 41_000;

function genuineIsRefusedBriefly({ run }: Facts): string[] {
  return run.sent.flatMap(({ delivery, status, at }) => {
    if (delivery.forged !== undefined || status !== 401) return [];
    const newKey = run.newKeys.get(expectedOf(delivery).provider);
    const brief = newKey !== undefined && at >= newKey && at <= newKey + refusedForMs;
    return brief ? [] : [`${eventIdOf(delivery)} was answered 401 at ${new Date(at).toISOString()}`];
  });
}

function rowsAreFaithful(facts: Facts): string[] {
  return genuine(facts).flatMap((delivery) => {
    const expected = expectedOf(delivery);
    const stored = rowOf(facts, expected)?.stored;
    if (stored === undefined) return [];
    const { paymentId, kind, amountMinor } = stored.event;
    const same =
      paymentId === expected.paymentId && kind === expected.kind && (expected.amountMinor === null || amountMinor === expected.amountMinor);
    const bodies = facts.run.sent.filter((sent) => sent.delivery === delivery).map(({ body }) => sha256(body));
    if (same && bodies.includes(stored.bodySha256)) return [];
    return [`${expected.eventId} is stored as ${paymentId}, ${kind}, ${String(amountMinor)}`];
  });
}

function storedIsPublished({ rows, published, lost }: Facts): string[] {
  const ids = new Set(published.map(({ id }) => id));
  return rows
    .filter(({ id }) => !ids.has(id) && !lost.beforeBus.has(id))
    .map(({ id }) => `${id} was never published and is in no dead-letter queue`);
}

function publishedInTime({ run, published }: Facts): string[] {
  const { pipeline, queues } = run.topology;
  const streamMs = Math.max(...pipeline.streamTriggers.map(({ maximumAgeSeconds }) => maximumAgeSeconds * 1000));
  const queueMs = Math.max(...queues.map(({ visibilityMs, maxReceives = 0 }) => visibilityMs * (maxReceives + 1)));
  const stored = new Map(run.aws.table.changes.filter(({ eventName }) => eventName === 'INSERT').map(({ keys, at }) => [idOf(keys), at]));
  const late = published.filter(({ id, at }, index) => {
    const isFirst = published.findIndex((one) => one.id === id) === index;
    return isFirst && at - (stored.get(id) ?? at) > streamMs + queueMs;
  });
  return late.map(({ id, at }) => `${id} was published only at ${new Date(at).toISOString()}`);
}

function markedAfterPublished({ run, published }: Facts): string[] {
  const marks = run.aws.table.changes.filter(
    ({ oldImage, newImage }) => oldImage?.['status']?.S === 'received' && newImage?.['status']?.S === 'processed',
  );
  return marks.flatMap(({ keys, at }) => {
    const first = published.find(({ id }) => id === idOf(keys));
    return first !== undefined && first.at <= at ? [] : [`${idOf(keys)} was marked before it was published`];
  });
}

function publishedIsMarked({ rows, published, lost }: Facts): string[] {
  const ids = new Set(published.map(({ id }) => id));
  const unmarked = rows.filter(
    ({ id, stored }) => ids.has(id) && !lost.beforeBus.has(id) && (stored.status !== 'processed' || stored.bodyGzip !== undefined),
  );
  return unmarked.map(({ id }) => `${id} was published and never marked, or kept its body`);
}

function enqueuedIsArchived({ run, rows, published }: Facts): string[] {
  const firstAt = new Map<string, number>();
  for (const { id, at } of published) if (!firstAt.has(id)) firstAt.set(id, at);
  return rows.flatMap(({ id, stored }) => {
    const publishedAt = firstAt.get(id);
    if (publishedAt === undefined) return [];
    const versions = run.aws.versions('archive', stored.archiveKey);
    const there = versions.some(({ body, at }) => at <= publishedAt && sha256(body) === stored.bodySha256);
    return there ? [] : [`${id} was published before its bytes were in the archive`];
  });
}

function oneRowPerEvent({ rows }: Facts): string[] {
  const counts = new Map<string, number>();
  for (const { stored } of rows) {
    const name = `${stored.event.provider} ${stored.event.eventId}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([name, count]) => `${name} has ${count} rows`);
}

function onceWithoutFault({ rows, published, lost, undisturbed }: Facts): string[] {
  if (!undisturbed) return [];
  return rows.flatMap(({ id }) => {
    const times = published.filter((one) => one.id === id).length;
    const dead = lost.beforeBus.has(id) || lost.afterBus.has(id);
    return times === 1 && !dead ? [] : [`${id} was published ${times} times${dead ? ' and is a dead letter' : ''}`];
  });
}

function stateIsOrderFree({ run, rows }: Facts): string[] {
  const payments = new Map<string, StoredEvent['event'][]>();
  for (const { stored } of rows) payments.set(stored.event.paymentId, [...(payments.get(stored.event.paymentId) ?? []), stored.event]);
  const random = new Random(run.plan.seed, 0);
  return [...payments].flatMap(([paymentId, events]) => {
    const shuffled = events.map((event) => ({ event, key: random.next() })).sort((a, b) => a.key - b.key);
    const orders = [events, events.toReversed(), [...shuffled, ...shuffled].map(({ event }) => event)];
    const states = new Set(
      orders.map((order) =>
        JSON.stringify(paymentStateOf(order), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      ),
    );
    return states.size === 1 ? [] : [`${paymentId} has ${states.size} states`];
  });
}

function forgedIsRefused({ run }: Facts): string[] {
  const forged = run.sent.filter(({ delivery }) => delivery.forged !== undefined);
  // A fault of ours is no answer to a forger.
  return forged.flatMap(({ delivery, status }) =>
    status === 401 || status >= 500 ? [] : [`${eventIdOf(delivery)} (${delivery.forged ?? ''}) was answered ${status}`],
  );
}

function forgedLeavesNoTrace({ run }: Facts): string[] {
  const { aws } = run;
  return run.plan.deliveries
    .filter(({ forged }) => forged !== undefined)
    .flatMap((delivery) => {
      const quoted = `"${eventIdOf(delivery)}"`;
      const traces = [
        ...[...aws.table.rows.values()].filter((row) => row['eventId']?.S === eventIdOf(delivery)).map(() => 'a row'),
        ...[...aws.objects.keys()].filter((key) => key.endsWith(`/${eventIdOf(delivery)}.json`)).map(() => 'an archive object'),
        ...aws.events.filter(({ text }) => text.includes(quoted)).map(() => 'a bus event'),
        ...aws.alerts.filter(({ text }) => text.includes(`${eventIdOf(delivery)}\n`)).map(() => 'an alert'),
      ];
      return traces.map((trace) => `${eventIdOf(delivery)} (${delivery.forged ?? ''}) left ${trace}`);
    });
}

function deadLettersRing({ run, lost }: Facts): string[] {
  return [...lost.queues]
    .filter((name) => !run.topology.alarmedQueues.has(name))
    .map((name) => `${name} holds dead letters and has no alarm`);
}

function neighboursGoOn({ run }: Facts): string[] {
  const poison = run.plan.happenings.flatMap((happening) => (happening.kind === 'poison-message' ? [`hands back ${happening.text}`] : []));
  // An alert that another run has claimed may come again: that run may still fail.
  return run.platform.unexplained.filter((text) => !text.startsWith('notification-handler') && !poison.some((one) => text.endsWith(one)));
}

function poisonIsKept({ run, lost }: Facts): string[] {
  const poison = run.plan.happenings.filter((happening) => happening.kind === 'poison-message');
  const wanted = new Map<string, number>();
  for (const { text } of poison) wanted.set(text, (wanted.get(text) ?? 0) + 1);
  const short = [...wanted].filter(([text, count]) => (lost.texts.get(text) ?? 0) < count);
  const row = run.plan.happenings.some(({ kind }) => kind === 'poison-row') && !lost.beforeBus.has('stripe:poison / event#poison');
  return [...short.map(([text]) => `the message ${JSON.stringify(text)} is gone`), ...(row ? ['the row that is no event is gone'] : [])];
}

function changesAreAudited({ run, lost }: Facts): string[] {
  const audited = new Map(auditRecordsOf(run).flatMap(({ records }) => records.map((record) => [record.sequenceNumber, record])));
  return run.aws.table.changes.flatMap(({ sequenceNumber, eventName, keys, newImage }) => {
    const record = audited.get(sequenceNumber);
    if (record === undefined)
      return lost.audit.has(sequenceNumber) ? [] : [`change ${sequenceNumber} of ${idOf(keys)} is not in the audit`];
    const statusIsThere = newImage?.['status'] === undefined || eventName !== 'INSERT' || record.status === newImage['status'].S;
    return record.eventName === eventName && record.id === idOf(keys) && statusIsThere
      ? []
      : [`the audit has change ${sequenceNumber} wrong`];
  });
}

function auditKeysAreStable({ run }: Facts): string[] {
  const keys = new Map<string, Set<string>>();
  for (const { key, records } of auditRecordsOf(run)) {
    const batch = records.map(({ sequenceNumber }) => sequenceNumber).join(' ');
    keys.set(batch, (keys.get(batch) ?? new Set()).add(key));
  }
  return [...keys].filter(([, names]) => names.size > 1).map(([batch, names]) => `the batch ${batch} is under ${[...names].join(' and ')}`);
}

function tamperingIsTold({ run, lost }: Facts): string[] {
  const told = run.aws.alerts.filter(({ reason }) => reason === 'tampering').map(({ text }) => text);
  return run.tampered
    .filter((eventKey) => !told.some((text) => text.includes(eventKey)) && lost.audit.size === 0)
    .map((eventKey) => `nobody heard that ${eventKey} was changed`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
