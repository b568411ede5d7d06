import type { PaymentEvent } from '../shared/domain/payment-event';
import { Unavailable } from '../shared/domain/unavailable';
import type { Log } from '../shared/runtime/log';
import type { Meter } from '../shared/runtime/meter';
import type { Receipt } from './receive-webhook';

export interface ReportDependencies {
  readonly log: Log;
  readonly meter: Meter;
}

/** One line and one metric for what became of a webhook. */
export function report({ log, meter }: ReportDependencies, receipt: Receipt, correlationId: string): void {
  switch (receipt.outcome) {
    case 'stored':
      log.info('webhook stored', storedFields(receipt, correlationId));
      meter.count('WebhookReceived', { provider: receipt.event.provider });
      reportAmount({ log, meter }, receipt.event, correlationId);
      return;
    case 'duplicate':
      log.info('webhook duplicate', storedFields(receipt, correlationId));
      meter.count('WebhookDuplicate', { provider: receipt.event.provider });
      return;
    case 'conflict':
      log.warn('webhook conflict', storedFields(receipt, correlationId));
      meter.count('WebhookDuplicate', { provider: receipt.event.provider });
      meter.count('EventConflict', { provider: receipt.event.provider });
      return;
    case 'refused': {
      const { provider, reason, ...detail } = refusalFields(receipt);
      log.warn('webhook rejected', { correlationId, provider, reason, ...detail });
      meter.count('WebhookRejected', { provider, reason });
    }
  }
}

/** One line and one metric for a webhook that could be neither accepted nor refused. Lambda counts no error, since it is answered. */
export function reportFault({ log, meter }: ReportDependencies, error: unknown, provider: string, correlationId: string): void {
  if (error instanceof Unavailable) {
    log.error('webhook unavailable', { correlationId, provider, reason: error.reason, error });
    meter.count('WebhookUnavailable', { provider, reason: error.reason });
  } else {
    log.error('webhook failed', { correlationId, provider, error });
    meter.count('WebhookUnavailable', { provider, reason: 'internal_error' });
  }
}

/** Money that was stated and could not be read has no value band, so no rule for high values tells anybody of it. */
function reportAmount({ log, meter }: ReportDependencies, event: PaymentEvent, correlationId: string): void {
  const { provider, eventId, eventType, kind, paymentId, amountProblem } = event;
  if (amountProblem === undefined) return;
  log.warn('amount unreadable', { correlationId, provider, eventId, eventType, kind, paymentId, reason: amountProblem });
  meter.count('AmountUnreadable', { provider });
}

function storedFields({ event, archiveKey }: { readonly event: PaymentEvent; readonly archiveKey: string }, correlationId: string) {
  const { provider, eventId, eventType, kind, paymentId } = event;
  return { correlationId, provider, eventId, eventType, kind, paymentId, archiveKey };
}

function refusalFields(receipt: Receipt & { outcome: 'refused' }): { provider: string; reason: string; field?: string } {
  switch (receipt.because) {
    case 'provider_unknown':
      // The name that was asked for is anybody's text: neither a log field nor a dimension.
      return { provider: 'unknown', reason: receipt.because };
    case 'body_too_large':
    case 'body_missing':
      return { provider: receipt.provider, reason: receipt.because };
    case 'signature':
      return { provider: receipt.provider, reason: receipt.reason };
    case 'unreadable': {
      const { provider, unreadable } = receipt;
      const { reason } = unreadable;
      return unreadable.reason === 'body_not_json_object' ? { provider, reason } : { provider, reason, field: unreadable.field };
    }
  }
}
