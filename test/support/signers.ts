import { createHmac, sign } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import { makeCertificate } from './certificates';
import type { TestCertificate } from './certificates';

/** A request with these headers, each sent once. */
export function requestOf(body: Uint8Array | string, headers: Readonly<Record<string, string>>): WebhookRequest {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]] as const);
  return { headers: Object.fromEntries(entries), body: bytesOf(body) };
}

/** The bytes of a text, or the same bytes. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
}

function hmac(key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]): Buffer {
  return createHmac('sha256', key)
    .update(Buffer.concat(parts.map((part) => bytesOf(part))))
    .digest();
}

const secondsOf = (now: number): string => String(Math.floor(now / 1000));

/** Signs as Stripe does: one `v1` per secret. */
export function signStripe(body: Uint8Array | string, now: number, ...secrets: readonly string[]): WebhookRequest {
  const timestamp = secondsOf(now);
  const signatures = secrets.map((secret) => `v1=${hmac(secret, `${timestamp}.`, body).toString('hex')}`);
  return requestOf(body, { 'stripe-signature': [`t=${timestamp}`, ...signatures].join(',') });
}

/** Signs as Square does. */
export function signSquare(body: Uint8Array | string, signatureKey: string, notificationUrl: string): WebhookRequest {
  const signature = hmac(signatureKey, notificationUrl, body).toString('base64');
  return requestOf(body, { 'x-square-hmacsha256-signature': signature, 'square-environment': 'Sandbox' });
}

/** Signs with the generic provider's own header. */
export function signOwnHeader(body: Uint8Array | string, secret: string, prefix = ''): WebhookRequest {
  return requestOf(body, { 'x-webhook-signature': prefix + hmac(secret, body).toString('hex') });
}

/** Signs after Standard Webhooks. */
export function signStandardWebhooks(body: Uint8Array | string, now: number, secret: string, id = 'msg_1'): WebhookRequest {
  const timestamp = secondsOf(now);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = `v1,${hmac(key, `${id}.${timestamp}.`, body).toString('base64')}`;
  return requestOf(body, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature });
}

/** What a PayPal delivery is signed with. */
export interface PaypalSigning {
  readonly webhookId: string;
  readonly leaf: Pick<TestCertificate, 'privateKey'>;
  readonly certificateUrl?: string;
  readonly transmissionId?: string;
  /** Stands in for the right checksum of the body. */
  readonly checksum?: string;
}

/** Signs as PayPal does, by default with a sandbox certificate URL. */
export function signPaypal(body: Uint8Array | string, now: number, signing: PaypalSigning): WebhookRequest {
  const id = signing.transmissionId ?? '8ad71ae0-4e5e-11ef-b16d-8fad525a7f7b';
  const time = new Date(now).toISOString().replace(/\.\d+/, '');
  const message = `${id}|${time}|${signing.webhookId}|${signing.checksum ?? String(crc32(bytesOf(body)))}`;
  return requestOf(body, {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': sign('sha256', Buffer.from(message, 'utf8'), signing.leaf.privateKey).toString('base64'),
    'paypal-cert-url': signing.certificateUrl ?? 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1a5f47cb',
    'paypal-auth-algo': 'SHA256withRSA',
    'paypal-auth-version': 'v2',
  });
}

/** Common name of the certificates that PayPal's sandbox signs with. */
export const sandboxCommonName = 'messageverificationcerts.sandbox.paypal.com';

/** A development chain: root, intermediate and leaf. `pem` carries the leaf and the intermediate. */
export interface PaypalChain {
  readonly root: TestCertificate;
  readonly intermediate: TestCertificate;
  readonly leaf: TestCertificate;
  readonly pem: string;
}

let chain: PaypalChain | undefined;

/** Made once per test file, for keys take a while. */
export function paypalChain(): PaypalChain {
  chain ??= makePaypalChain();
  return chain;
}

function makePaypalChain(): PaypalChain {
  const root = makeCertificate({ commonName: 'Development Root', authority: true });
  const intermediate = makeCertificate({ commonName: 'Development Intermediate', authority: true, issuer: root });
  const leaf = makeCertificate({ commonName: sandboxCommonName, issuer: intermediate });
  return { root, intermediate, leaf, pem: leaf.pem + intermediate.pem };
}
