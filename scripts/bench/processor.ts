import { randomUUID } from 'node:crypto';
import { eventKeyOf } from '../../functions/shared/domain/payment-event';
import { createProviders } from '../../functions/shared/providers';
import { isObject } from '../local/json';
import { sampleBody } from '../local/webhook';
import { compare, inTurns, type Figure } from './figure';
import { bundleBaseline, loadHandler, quietly, type BenchStage, type Handler } from './stage';

const names = ['ours', 'plain'] as const;
const batchSize = 10;

interface Measured {
  readonly perSecond: number[];
  readonly callsPerEvent: number[];
}

/** Batches of ten messages, one batch at a time: how many events a second, and how many calls of AWS each of them takes. */
export async function benchProcessor(stage: BenchStage, quick: boolean): Promise<readonly Figure[]> {
  const handlers = {
    ours: loadHandler(stage.bundleOf('event-processor'), stage),
    plain: loadHandler(await bundleBaseline(stage, 'plain-processor', 'defaults'), stage),
  };
  const found: Record<(typeof names)[number], Measured> = {
    ours: { perSecond: [], callsPerEvent: [] },
    plain: { perSecond: [], callsPerEvent: [] },
  };
  await quietly(async () => {
    for (const name of names) await processAll(handlers[name], 5);
    await inTurns(quick ? 4 : 12, names, async (name) => {
      const before = await totalCalls(stage);
      const batches = quick ? 10 : 30;
      const seconds = await processAll(handlers[name], batches);
      found[name].perSecond.push((batches * batchSize) / seconds);
      found[name].callsPerEvent.push(((await totalCalls(stage)) - before) / (batches * batchSize));
    });
  });
  const about = { bench: 'processor', baseline: 'one call each' };
  return [
    compare({ ...about, what: 'events, one batch at a time', unit: '/s', ours: found.ours.perSecond, theirs: found.plain.perSecond }),
    compare({ ...about, what: 'AWS calls per event', unit: 'calls', ours: found.ours.callsPerEvent, theirs: found.plain.callsPerEvent }),
  ];
}

async function totalCalls(stage: BenchStage): Promise<number> {
  return Object.values(await stage.calls()).reduce((sum, count) => sum + count, 0);
}

async function processAll(handler: Handler, batches: number): Promise<number> {
  const events = Array.from({ length: batches }, () => ({ Records: Array.from({ length: batchSize }, record) }));
  const started = performance.now();
  for (const event of events) {
    const answer = await handler(event, { awsRequestId: 'bench' });
    const failures = isObject(answer) ? answer['batchItemFailures'] : undefined;
    if (!Array.isArray(failures) || failures.length > 0) throw new Error(`the processor failed: ${JSON.stringify(answer)}`);
  }
  return (performance.now() - started) / 1000;
}

function record() {
  const stripe = createProviders().get('stripe');
  const body = sampleBody('stripe', 'payment_intent.succeeded', { amount: '20' });
  const read = stripe?.normalize({ headers: {}, body }, new Date().toISOString());
  if (read?.ok !== true) throw new Error('the sample event cannot be read');
  const { event, dedupeId } = read.normalized;
  const message = {
    event,
    eventKey: eventKeyOf(dedupeId),
    archiveKey: `webhooks/bench/${event.eventId}.json`,
    correlationId: randomUUID(),
  };
  return { messageId: randomUUID(), receiptHandle: 'bench', body: JSON.stringify(message), attributes: {}, messageAttributes: {} };
}
