import type { PaymentEvent } from '../shared/domain/payment-event';
import type { Clock, EventIndex, EventStore, WebhookArchive } from '../shared/domain/ports';
import { wasRecoveredElsewhere } from '../shared/domain/recovered';
import { storeEvent } from '../shared/domain/store-event';
import type { StoreOutcome } from '../shared/domain/store-event';
import type { SignatureRejection, Unreadable, WebhookRequest } from '../shared/domain/webhook';
import { eventRecordOf } from '../shared/providers/event-record';
import type { Provider } from '../shared/providers/provider';
import type { CertificateSource } from './certificate-cache';
import type { VerifierSource } from './verifier-cache';
import { verifyWebhook } from './verify-webhook';

export interface ReceiveDependencies {
  /** The enabled providers by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly verifiers: VerifierSource;
  readonly certificates: CertificateSource;
  /** Certificates of issuers that are not pinned. */
  readonly issuers: CertificateSource;
  readonly store: EventStore;
  readonly archive: WebhookArchive;
  readonly index: Pick<EventIndex, 'elsewhere'>;
  readonly clock: Clock;
  readonly maxBodyBytes: number;
  readonly retentionDays: number;
}

/** A webhook as it came in, and how to find it again. */
export interface Delivery {
  readonly providerName: string;
  readonly request: WebhookRequest;
  readonly correlationId: string;
  readonly traceHeader?: string;
}

export type Receipt =
  | { readonly outcome: StoreOutcome; readonly event: PaymentEvent; readonly archiveKey: string }
  | { readonly outcome: 'refused'; readonly because: 'provider_unknown' }
  | { readonly outcome: 'refused'; readonly because: 'body_too_large' | 'body_missing'; readonly provider: string }
  | { readonly outcome: 'refused'; readonly because: 'signature'; readonly provider: string; readonly reason: SignatureRejection }
  | { readonly outcome: 'refused'; readonly because: 'unreadable'; readonly provider: string; readonly unreadable: Unreadable };

/** Verifies, normalizes and stores one webhook. Throws Unavailable when it can neither accept nor refuse it now. */
export async function receiveWebhook(deps: ReceiveDependencies, delivery: Delivery): Promise<Receipt> {
  const { request } = delivery;
  const provider = deps.providers.get(delivery.providerName);
  if (provider === undefined) return { outcome: 'refused', because: 'provider_unknown' };
  const { name } = provider;
  if (request.body.byteLength > deps.maxBodyBytes) return { outcome: 'refused', because: 'body_too_large', provider: name };
  if (request.body.byteLength === 0) return { outcome: 'refused', because: 'body_missing', provider: name };

  const now = deps.clock();
  const verified = await verifyWebhook(deps, provider, request, now);
  if (!verified.ok) return { outcome: 'refused', because: 'signature', provider: name, reason: verified.reason };
  const read = provider.normalize(request, new Date(now).toISOString());
  if (!read.ok) return { outcome: 'refused', because: 'unreadable', provider: name, unreadable: read.unreadable };

  const record = eventRecordOf(read.normalized, provider.signedHeaders, delivery, deps.retentionDays);
  const recovered = provider.listsEvents && (await wasRecoveredElsewhere(deps, record));
  const outcome = recovered ? 'duplicate' : await storeEvent(deps, record, request.body);
  return { outcome, event: record.event, archiveKey: record.archiveKey };
}
