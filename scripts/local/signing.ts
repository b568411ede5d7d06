import { createHmac, createSign, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Headers that a provider sends with a webhook to prove that it is genuine. */
export type SignatureHeaders = Readonly<Record<string, string>>;

/** Stripe: HMAC over time and body. The secret is used as it stands, `whsec_` included. */
export function signStripe(body: Uint8Array, secret: string, at: Date): SignatureHeaders {
  const seconds = secondsOf(at);
  const signature = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return { 'Stripe-Signature': `t=${seconds},v1=${signature}` };
}

/** What PayPal signs with; in the local run a certificate that nobody else trusts. */
export interface PayPalSigner {
  readonly webhookId: string;
  readonly privateKeyPem: string;
  readonly certificateUrl: string;
}

/** PayPal: RSA over transmission id, time, webhook id and the body's CRC-32. */
export function signPayPal(body: Uint8Array, signer: PayPalSigner, at: Date): SignatureHeaders {
  const transmissionId = randomUUID();
  const time = at.toISOString().replace(/\.\d{3}Z$/, 'Z');
  const message = `${transmissionId}|${time}|${signer.webhookId}|${crc32(body)}`;
  return {
    'PAYPAL-TRANSMISSION-ID': transmissionId,
    'PAYPAL-TRANSMISSION-TIME': time,
    'PAYPAL-TRANSMISSION-SIG': createSign('RSA-SHA256').update(message).sign(signer.privateKeyPem, 'base64'),
    'PAYPAL-CERT-URL': signer.certificateUrl,
    'PAYPAL-AUTH-ALGO': 'SHA256withRSA',
    'PAYPAL-AUTH-VERSION': 'v2',
  };
}

/** Square: HMAC over the configured URL and the body; no time in it. */
export function signSquare(body: Uint8Array, signatureKey: string, notificationUrl: string): SignatureHeaders {
  const signature = createHmac('sha256', signatureKey).update(notificationUrl).update(body).digest('base64');
  return { 'x-square-hmacsha256-signature': signature };
}

/** Generic senders: HMAC over the body. */
export function signGeneric(body: Uint8Array, secret: string): SignatureHeaders {
  return { 'X-Webhook-Signature': createHmac('sha256', secret).update(body).digest('hex') };
}

/** Standard Webhooks: HMAC over id, time and body; the secret is base64 behind `whsec_`. */
export function signStandardWebhooks(body: Uint8Array, secret: string, at: Date, id: string): SignatureHeaders {
  const seconds = secondsOf(at);
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}

/** The same headers with a signature that is well formed and wrong. */
export function forged(headers: SignatureHeaders): SignatureHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, /signature|transmission-sig/i.test(name) ? oneCharacterOff(value) : value]),
  );
}

/** Eight characters from its end every scheme has the signature itself. */
function oneCharacterOff(value: string): string {
  const at = value.length - 8;
  return `${value.slice(0, at)}${value.charAt(at) === '0' ? '1' : '0'}${value.slice(at + 1)}`;
}

function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
