import { certificateCache } from '../../functions/webhook-receiver/certificate-cache';
import type { Delivery, ReceiveDependencies } from '../../functions/webhook-receiver/receive-webhook';
import { verifierCache } from '../../functions/webhook-receiver/verifier-cache';
import type { World } from './fakes';
import { providers } from './schemes';
import { signOwnHeader } from './signers';

export const genericSecret = JSON.stringify({ signingSecrets: ['generic-secret'] });

/** What the receiver needs, over the ports of a world; caches are new. */
export function receiverOver(world: World): ReceiveDependencies {
  const { store, archive, index, clock } = world;
  return {
    providers,
    verifiers: verifierCache(world.secrets, clock),
    certificates: certificateCache(world.certificateFetcher, clock),
    issuers: certificateCache(world.issuerFetcher, clock),
    store,
    archive,
    index,
    clock,
    maxBodyBytes: 1024 * 1024,
    retentionDays: 90,
  };
}

/** The body of a generic payment; `filler` makes it large. */
export function genericBody(overrides: Readonly<Record<string, unknown>> = {}): Buffer {
  return Buffer.from(
    JSON.stringify({ paymentId: 'p-1', amount: '120.00', currency: 'USD', status: 'succeeded', eventId: 'e-1', ...overrides }),
  );
}

/** A genuine delivery from a generic sender. */
export function genericDelivery(body: Uint8Array = genericBody(), secret = 'generic-secret'): Delivery {
  const { headers } = signOwnHeader(body, secret);
  return {
    providerName: 'generic',
    request: { headers: { ...headers, 'content-type': ['application/json'] }, body },
    correlationId: 'request-1',
  };
}
