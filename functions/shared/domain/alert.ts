import type { Kind } from './payment-event';
import type { ValueBand } from './value-band';

/** Why a person is told about a payment. One alert per payment, reason and object. */
export const alertReasons = ['high-value', 'payment-failed', 'refund-failed', 'dispute-opened', 'dispute-lost'] as const;
export type AlertReason = (typeof alertReasons)[number];

/** The reason to alert people about an event of this kind and band, or undefined when there is none. */
export function alertReasonOf(kind: Kind, band: ValueBand): AlertReason | undefined {
  switch (kind) {
    case 'payment.failed':
      return 'payment-failed';
    case 'refund.failed':
      return 'refund-failed';
    case 'dispute.opened':
      return 'dispute-opened';
    case 'dispute.lost':
      return 'dispute-lost';
    case 'payment.authorized':
    case 'payment.succeeded':
    case 'refund.succeeded':
      return band === 'high' ? 'high-value' : undefined;
    case 'payment.pending':
    case 'payment.canceled':
    case 'refund.pending':
    case 'dispute.updated':
    case 'dispute.won':
    case 'dispute.closed':
    case 'payout.paid':
    case 'payout.failed':
    case 'other':
      return undefined;
  }
}

/** Sort key of an alert's row; of one that a replay sends again, with the replay's delivery id. */
export function alertKeyOf(reason: AlertReason, objectId: string, deliveryId?: string): string {
  return `alert#${reason}${deliveryId === undefined ? '' : `@${deliveryId}`}#${objectId}`;
}
