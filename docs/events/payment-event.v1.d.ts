/** The detail of an event on the bus: source payment.processor. Made by npm run schema; do not edit. New optional fields may come. */
export interface PaymentEventDetail {
  /** Version of this shape; 1. */
  readonly schemaVersion: 1;
  /** Name of the provider adapter that verified the webhook: `stripe`, `paypal`, `square`, `generic`. */
  readonly provider: string;
  /** The provider's event id, as given. */
  readonly eventId: string;
  /** The provider's event type, as given. */
  readonly eventType: string;
  /** What happened, in the one vocabulary that all providers share. */
  readonly kind: 'payment.pending' | 'payment.authorized' | 'payment.succeeded' | 'payment.failed' | 'payment.canceled' | 'refund.pending' | 'refund.succeeded' | 'refund.failed' | 'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost' | 'dispute.closed' | 'payout.paid' | 'payout.failed' | 'other';
  /** `<provider>:<id>` of the payment that the event belongs to; where there is no payment, the object's own id. */
  readonly paymentId: string;
  /** The object that changed: the refund, dispute, charge or payment. */
  readonly objectId: string;
  /** Integer in ISO 4217 minor units, never beyond Number.MAX_SAFE_INTEGER; null where the event has no money. */
  readonly amountMinor: number | null;
  /** ISO 4217 code in upper case; null exactly where amountMinor is null. */
  readonly currency: string | null;
  /** The same amount as an exact decimal string in major units; null exactly where amountMinor is null. */
  readonly amount: string | null;
  /** Why an amount that the provider stated is not in the three fields above; absent in the normal case. The archived body has it. */
  readonly amountProblem?: 'amount_missing' | 'amount_not_a_number' | 'amount_not_exact' | 'amount_too_large' | 'currency_unknown';
  /** The provider's own status word, or null. */
  readonly providerStatus: string | null;
  /** Why it failed or is disputed, or null. */
  readonly failure: { readonly code: string | null; readonly message: string | null } | null;
  /** The customer at the provider, or null. */
  readonly customerRef: string | null;
  /** The merchant's own reference (order, invoice), or null. */
  readonly merchantRef: string | null;
  /** Connected account, merchant or sending system, or null. */
  readonly account: string | null;
  /** False for test and sandbox events, null where the provider does not say. */
  readonly livemode: boolean | null;
  /** True when the webhook names an object that must be fetched from the provider (Stripe thin events). */
  readonly needsFetch: boolean;
  /** When it happened at the provider; ISO 8601 UTC with milliseconds. The time of receipt where the provider gives no readable time. */
  readonly occurredAt: string;
  /** When this pipeline received it; ISO 8601 UTC with milliseconds. */
  readonly receivedAt: string;
  /** `high` above the currency's threshold, `standard` at or below it, `none` where no money moves or the amount could not be read. */
  readonly valueBand: 'high' | 'standard' | 'none';
  /** Sort key of the event's row; with `paymentId` the best key to dedupe on. */
  readonly eventKey: string;
  /** Key of the raw webhook in the archive bucket. */
  readonly archiveKey: string;
  /** The id that every log line about this event has. */
  readonly correlationId: string;
  /** Only where somebody had the event sent again: a repetition of what was published before. */
  readonly replay?: { readonly deliveryId: string; readonly replayOf: string; readonly reason: string; readonly requestedAt: string; readonly realert: boolean };
  /** Only where no webhook brought the event: `reconciled` where the provider's list of events did. */
  readonly source?: 'reconciled';
  /** When it was published; ISO 8601 UTC with milliseconds. */
  readonly processedAt: string;
}

/** What a rule delivers: the envelope of EventBridge around the detail. */
export interface PaymentEventEnvelope {
  readonly source: 'payment.processor';
  /** `Provider Event Received` for kind `other`. */
  readonly 'detail-type': 'Payment Processed' | 'Provider Event Received';
  readonly id: string;
  readonly time: string;
  readonly detail: PaymentEventDetail;
}
