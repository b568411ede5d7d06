import { alertReasonOf } from '../shared/domain/alert';
import type { PaymentEvent } from '../shared/domain/payment-event';
import type { AlertIdentity, AlertLedger, AlertMessage, AlertTopic, Clock, EventStore, StoredEvent } from '../shared/domain/ports';
import type { Replay } from '../shared/domain/replay';
import type { ValueBand } from '../shared/domain/value-band';
import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';
import { alertMessageOf } from './alert-message';

export interface AlertDependencies {
  readonly store: Pick<EventStore, 'get'>;
  readonly ledger: AlertLedger;
  readonly topic: AlertTopic;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly log: Log;
  readonly meter: Meter;
}

/** What the bus told about a payment event. */
export interface Notice extends PaymentEvent {
  readonly valueBand: ValueBand;
  readonly eventKey: string;
  readonly archiveKey?: string;
  readonly correlationId: string;
  readonly replay?: Replay;
}

const leaseMs = 60_000;
const secondsPerDay = 24 * 60 * 60;

/**
 * Sends at most one alert per payment, reason and object: claim, publish, mark. Throws where the notice must come again: the row is
 * not readable, another holds the claim, or a call failed. A crash between publish and mark alerts twice rather than never.
 * A replay alerts nobody, unless it says so; then once more, under its own claim.
 */
export async function sendAlert(deps: AlertDependencies, notice: Notice): Promise<void> {
  const { log } = deps;
  const { kind, paymentId, eventKey, valueBand, replay } = notice;
  const { deliveryId } = replay ?? {};
  const fields = fieldsOf(notice);
  const alertReason = alertReasonOf(kind, valueBand);
  if (alertReason === undefined) {
    log.info('alert skipped', { ...fields, why: 'no reason' });
    return;
  }
  if (replay?.realert === false) {
    log.info('alert skipped', { ...fields, alertReason, why: 'replay' });
    return;
  }
  const stored = await deps.store.get(paymentId, eventKey);
  if (stored === undefined) throw new Error('the row of an event on the bus is not there');
  const alert = { paymentId, reason: alertReason, objectId: stored.event.objectId, ...(deliveryId && { deliveryId }) };
  switch (await claim(deps, alert)) {
    case 'already_sent':
      log.info('alert skipped', { ...fields, alertReason, why: 'already sent' });
      return;
    case 'held_by_another':
      throw new Error('another run is sending this alert: come again to see that it did');
    case 'claimed': {
      const messageId = await publish(deps, alert, stored, alertMessageOf(stored, alertReason, valueBand, replay));
      log.info('alert sent', { ...fields, archiveKey: stored.archiveKey, alertReason, messageId });
    }
  }
}

function fieldsOf({ correlationId, provider, eventId, eventType, kind, paymentId, archiveKey, valueBand, replay }: Notice) {
  const fields = { correlationId, provider, eventId, eventType, kind, paymentId, archiveKey, valueBand };
  return replay === undefined ? fields : { ...fields, deliveryId: replay.deliveryId };
}

function claim({ ledger, clock, retentionDays }: AlertDependencies, alert: AlertIdentity) {
  const now = clock();
  const expiresAt = Math.floor(now / 1000) + retentionDays * secondsPerDay;
  return ledger.claim(alert, new Date(now).toISOString(), new Date(now + leaseMs).toISOString(), expiresAt);
}

async function publish(
  { topic, ledger, clock, meter }: AlertDependencies,
  alert: AlertIdentity,
  stored: StoredEvent,
  message: AlertMessage,
): Promise<string> {
  const messageId = await topic.publish(message);
  meter.count('AlertSent', { provider: stored.event.provider, reason: alert.reason });
  await ledger.markSent(alert, new Date(clock()).toISOString(), messageId);
  return messageId;
}
