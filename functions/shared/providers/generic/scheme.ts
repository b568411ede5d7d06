import type { WebhookRequest } from '../../domain/webhook';

/** Our own header: HMAC-SHA256 of the raw body in hex, `sha256=` before it allowed. */
export const ownHeader = 'x-webhook-signature';

/** The three headers of Standard Webhooks. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const standardHeaders = { id: 'webhook-id', timestamp: 'webhook-timestamp', signature: 'webhook-signature' } as const;

/**
 * Which of the two schemes a request is held to: Standard Webhooks where its signature header is there, since it is the one that stops replays.
 * Verifying and normalizing both ask here: `webhook-id` may name the event only where it was signed.
 */
export function schemeOf(request: WebhookRequest): 'standard-webhooks' | 'own-header' {
  return (request.headers[standardHeaders.signature] ?? []).length > 0 ? 'standard-webhooks' : 'own-header';
}
