import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AlertReason } from '../../functions/shared/domain/alert';
import type { EventRecord, ProcessingMessage } from '../../functions/shared/domain/ports';
import { archiveObjectOf } from '../../functions/shared/domain/webhook-archive';
import * as v from 'valibot';
import { Random } from '../hostile/random';
import { startTestAws, type TestAws } from '../scripts/local/aws/test-aws';
import { aPaymentEvent, anEventRecord } from '../support/builders';
import { topology } from './topology';
import { embeddedSide, modelSide, type Seen, type Side } from './two-sides';

/** The same operation on either side; what it answers is compared. */
type Operation = (side: Side, seen: Map<Side, Seen[]>) => Promise<unknown>;

const sequences = 12;
const operationsEach = 60;
/** Which ten of more messages a reader gets is nobody's promise, so there are never more. */
const maxSends = 4;
const kinds = [
  'payment.succeeded',
  'payment.failed',
  'refund.succeeded',
  'dispute.opened',
  'dispute.won',
  'payment.pending',
  'other',
] as const;
const reasons: readonly AlertReason[] = ['high-value', 'payment-failed'];

function recordOf(random: Random, prefix: string, correlationId: string): EventRecord {
  const event = aPaymentEvent({ eventId: `${prefix}-${random.below(4)}`, paymentId: `stripe:${prefix}`, kind: random.pick(kinds) });
  return anEventRecord({ event, archiveKey: `webhooks/${event.eventId}.json`, correlationId });
}

function messageOf({ event, eventKey, archiveKey, correlationId }: EventRecord): ProcessingMessage {
  return { event, eventKey, archiveKey, correlationId };
}

/** Draws an operation: what it does is decided before either side does it. */
function operationOf(random: Random, prefix: string, step: number, sends: { left: number }, test: TestAws): Operation {
  const record = recordOf(random, prefix, `request-${random.below(6)}`);
  const { event, eventKey } = record;
  const now = test.clock.now();
  const alert = { paymentId: event.paymentId, reason: random.pick(reasons), objectId: `object-${random.below(2)}` };
  const until = new Date(now + random.pick([10_000, 60_000])).toISOString();
  const at = new Date(now).toISOString();
  const queue = random.pick(['work', 'work', 'dead', ...topology().rules.map(({ name }) => name)]);
  const [which, valueBand] = [random.below(14), random.pick(['high', 'standard', 'none'])];
  switch (which) {
    case 0:
    case 1:
      return ({ ports }) => ports.store.put(record);
    case 2:
      return ({ ports }) => ports.store.get(event.paymentId, eventKey);
    case 3:
      return ({ ports }) => ports.store.markProcessed(event.paymentId, eventKey, at);
    case 4:
    case 5:
      return ({ ports }) => ports.ledger.claim(alert, at, until, 1_900_000_000);
    case 6:
      return ({ ports }) => ports.ledger.markSent(alert, at, `message-${step}`);
    case 7: {
      if ((sends.left -= 1) < 0) return receiveFrom('work');
      const messages = random.times(1 + random.below(2), (index) => ({
        ...messageOf(record),
        correlationId: `${prefix}-${step}-${index}`,
      }));
      return ({ ports }) => ports.queue.sendBatch(messages);
    }
    case 8:
    case 9:
      return receiveFrom(queue);
    case 10:
      return removeOne(random.below(10));
    case 11: {
      if ((sends.left -= 1) < 0) return receiveFrom('dead');
      const detailType = event.kind === 'other' ? 'Provider Event Received' : 'Payment Processed';
      const entries = random.times(
        1 + random.below(2),
        (index) => ({ detailType, detail: { ...event, valueBand, step, index }, time: at }) as const,
      );
      return ({ ports }) => ports.bus.publish(entries);
    }
    case 12:
      return async (side) => {
        const { ports } = side;
        await ports.archive.put(archiveObjectOf(record, Buffer.from('{"id":"evt_1"}')));
        return side.versions(record.archiveKey);
      };
    default: {
      const provider = random.pick(['stripe', 'square']);
      return async ({ ports }) => [await ports.secrets.read(provider), await ports.settings.highValueThresholds()];
    }
  }
}

function receiveFrom(queue: string): Operation {
  return async (side, seen) => {
    const messages = (await side.receive(queue)).sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1));
    seen.set(side, [...(seen.get(side) ?? []), ...messages]);
    return messages.map((message) => [identityOf(message), message.receiveCount]);
  };
}

/** Deletes with a receipt of any age: an old one deletes nothing. */
function removeOne(index: number): Operation {
  return async (side, seen) => {
    const message = seen.get(side)?.at(-1 - index);
    await message?.remove();
    return message === undefined ? 'nothing to remove' : identityOf(message);
  };
}

/** Reads every queue to its end on both sides, the dead letters last, and compares what is in them. */
async function emptied(test: TestAws, sides: readonly [Side, Side]): Promise<void> {
  for (const queue of [...topology().rules.map(({ name }) => name), 'work', 'work', 'work', 'dead']) {
    test.clock.advance(60_000);
    const seen = new Map<Side, Seen[]>();
    const [ours, theirs] = await Promise.all(sides.map((side) => receiveFrom(queue)(side, seen)));
    expect({ queue, seen: ours }).toEqual({ queue, seen: theirs });
    if (queue !== 'work') for (const message of [...seen.values()].flat()) await message.remove();
  }
}

/** What a message is about, without the ids and times that each side makes for itself. */
function identityOf({ body }: Seen): string {
  const { id, time, ...rest } = v.parse(v.looseObject({}), JSON.parse(body));
  return JSON.stringify(rest, Object.keys(rest).sort()) + JSON.stringify({ rest, known: [typeof id, typeof time] });
}

/** An answer, or the error as the adapters' callers tell them apart. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error: error instanceof Error ? error.name : 'no error' }),
  );
}

describe('the model of AWS', () => {
  let test: TestAws;
  let sides: readonly [Side, Side];

  beforeAll(async () => {
    test = await startTestAws();
    sides = [modelSide(topology(), () => test.clock.now()), await embeddedSide(test, topology())];
  }, 60_000);

  afterAll(() => test.close());

  it.each(Array.from({ length: sequences }, (_, index) => index))(
    'answers and keeps what the embedded AWS does: sequence %i',
    async (sequence) => {
      const random = new Random(5, sequence);
      const seen = new Map<Side, Seen[]>();
      const sends = { left: 2 * maxSends };
      const met = new Set<string>();
      for (let step = 0; step < operationsEach; step += 1) {
        const operation = operationOf(random, `s${sequence}`, step, sends, test);
        const [ours, theirs] = await Promise.all(sides.map((side) => outcomeOf(operation(side, seen))));
        expect({ step, outcome: ours }).toEqual({ step, outcome: theirs });
        met.add(JSON.stringify(ours).slice(0, 12));
        if (random.chance(0.4)) test.clock.advance(random.pick([1000, 12_000, 31_000]));
      }
      expect(met.size).toBeGreaterThan(2);
      await emptied(test, sides);
    },
    30_000,
  );

  it('has the same stream in the end', async () => {
    const [ours, theirs] = await Promise.all(sides.map((side) => side.changes()));
    expect(ours?.length).toBeGreaterThan(50);
    expect(ours).toEqual(theirs);
  });
});
