import { createHash, randomBytes } from 'node:crypto';
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { itemFrom } from '../../functions/shared/aws/attributes';
import { eventbridgeEventBus } from '../../functions/shared/aws/eventbridge-event-bus';
import { sqsProcessingQueue } from '../../functions/shared/aws/sqs-processing-queue';
import { ssmPipelineSettings } from '../../functions/shared/aws/ssm-pipeline-settings';
import { busEntryOf } from '../../functions/shared/domain/bus-entry';
import type { ProcessingMessage, StoredEvent } from '../../functions/shared/domain/ports';
import { processingMessageOf } from '../../functions/shared/domain/processing';
import { replayKeyOf } from '../../functions/shared/domain/replay';
import { isErrorNamed, notFound } from './failure';
import { principalOf } from './principal';
import type { Target } from './target';

/** Where replays go in: in front of the processor, or behind it. */
export const replayEntries = ['processing', 'bus'] as const;
export type ReplayEntry = (typeof replayEntries)[number];

/** One command of somebody who has events sent again. */
export interface ReplayRun {
  /** The same run sends the same event once, however often it is begun. */
  readonly runId: string;
  readonly to: ReplayEntry;
  readonly reason: string;
  readonly realert: boolean;
}

/** What became of one event. */
export interface Delivery {
  readonly deliveryId: string;
  readonly stored: StoredEvent;
  readonly outcome: 'sent' | 'sent before' | 'failed';
  /** Why it failed. */
  readonly problem?: string;
}

type Place = Pick<Target, 'dynamodb' | 'names' | 'operator' | 'queueUrl' | 'sqs'>;
type Send = (messages: readonly ProcessingMessage[]) => Promise<readonly (string | undefined)[]>;

/** Most events that go in one call. */
export const replayedAtOnce = 10;

export function newRunId(): string {
  return randomBytes(6).toString('hex');
}

/**
 * Sends at most ten events again. Each gets its row `replay#…` first, which the audit trail takes over, and the time of sending after:
 * a crash between the two sends it twice with one delivery id, and never without a trace.
 */
export async function openReplayer(
  place: Place,
  run: ReplayRun,
  now: () => number,
): Promise<(events: readonly StoredEvent[]) => Promise<Delivery[]>> {
  const send = await senderOf(place, run, now);
  const requestedBy = await principalOf(place);
  return async (events) => {
    const requestedAt = new Date(now()).toISOString();
    const claims = await Promise.all(events.map((stored) => claim(place, run, stored, { requestedAt, requestedBy })));
    const fresh = claims.filter(({ outcome }) => outcome === 'fresh');
    const problems =
      fresh.length === 0 ? [] : await send(fresh.map(({ stored, deliveryId }) => messageOf(stored, deliveryId, run, requestedAt)));
    const sent = fresh.filter((_, index) => problems[index] === undefined);
    const sentAt = new Date(now()).toISOString();
    await Promise.all(sent.map(({ stored, deliveryId }) => markSent(place, stored, deliveryId, sentAt)));
    return claims.map(({ stored, deliveryId, outcome }) => {
      if (outcome === 'sent before') return { stored, deliveryId, outcome };
      const problem = problems[fresh.findIndex((one) => one.deliveryId === deliveryId)];
      return problem === undefined ? { stored, deliveryId, outcome: 'sent' } : { stored, deliveryId, outcome: 'failed', problem };
    });
  };
}

/** Made of the run and the event, so that a run that is begun again knows what it has sent. */
function deliveryIdOf({ runId, to }: ReplayRun, { event, eventKey }: StoredEvent): string {
  const digest = createHash('sha256').update(JSON.stringify([runId, to, event.paymentId, eventKey]));
  return `rpl_${digest.digest('hex').slice(0, 32)}`;
}

async function senderOf({ sqs, operator, names, queueUrl }: Place, { to }: ReplayRun, now: () => number): Promise<Send> {
  if (to === 'processing') {
    const url = await queueUrl(names.processingQueue);
    if (url === undefined) throw notFound(`there is no queue ${names.processingQueue}`);
    const queue = sqsProcessingQueue(sqs, url);
    return (messages) => queue.sendBatch(messages);
  }
  const settings = ssmPipelineSettings(operator.ssm, names.configParameter, now);
  const bus = eventbridgeEventBus(operator.events, names.bus);
  // Read once before anything is sent: without thresholds nothing can go to the bus.
  await settings.highValueThresholds();
  return async (messages) => {
    const thresholds = await settings.highValueThresholds();
    return bus.publish(messages.map((message) => busEntryOf(message, thresholds, new Date(now()).toISOString()).entry));
  };
}

function messageOf(stored: StoredEvent, deliveryId: string, { reason, realert }: ReplayRun, requestedAt: string): ProcessingMessage {
  return { ...processingMessageOf(stored), replay: { deliveryId, replayOf: stored.correlationId, reason, requestedAt, realert } };
}

interface Request {
  readonly requestedAt: string;
  readonly requestedBy: string;
}

interface Claim {
  readonly stored: StoredEvent;
  readonly deliveryId: string;
  readonly outcome: 'fresh' | 'sent before';
}

async function claim({ dynamodb, names }: Place, run: ReplayRun, stored: StoredEvent, request: Request): Promise<Claim> {
  const deliveryId = deliveryIdOf(run, stored);
  const key = { paymentId: stored.event.paymentId, eventKey: replayKeyOf(deliveryId) };
  const row = {
    ...key,
    ...run,
    ...request,
    replayOf: stored.correlationId,
    replayedEvent: stored.eventKey,
    expiresAt: expiryOf(stored, request),
  };
  try {
    const ConditionExpression = 'attribute_not_exists(paymentId)';
    await dynamodb.send(new PutItemCommand({ TableName: names.table, Item: itemFrom(row), ConditionExpression }));
    return { stored, deliveryId, outcome: 'fresh' };
  } catch (error) {
    if (!isErrorNamed(error, 'ConditionalCheckFailedException')) throw error;
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: names.table, Key: itemFrom(key), ConsistentRead: true }));
    return { stored, deliveryId, outcome: Item?.['sentAt'] === undefined ? 'fresh' : 'sent before' };
  }
}

/** As long as an event is kept that comes in now. */
function expiryOf({ event, expiresAt }: StoredEvent, { requestedAt }: Request): number {
  return expiresAt + Math.floor((Date.parse(requestedAt) - Date.parse(event.receivedAt)) / 1000);
}

async function markSent({ dynamodb, names }: Place, { event }: StoredEvent, deliveryId: string, sentAt: string): Promise<void> {
  await dynamodb.send(
    new UpdateItemCommand({
      TableName: names.table,
      Key: itemFrom({ paymentId: event.paymentId, eventKey: replayKeyOf(deliveryId) }),
      UpdateExpression: 'SET sentAt = :at',
      ExpressionAttributeValues: { ':at': { S: sentAt } },
    }),
  );
}
