import type { DevelopmentCertificates } from './development-certificates';

/** What signs webhooks in the local run. Every value is for development only and is worth nothing anywhere else. */
export interface DevelopmentSecrets {
  readonly stripe: { readonly signingSecrets: readonly string[] };
  readonly paypal: { readonly webhookIds: readonly string[]; readonly environment: 'sandbox' };
  readonly square: { readonly subscriptions: readonly { readonly signatureKey: string; readonly notificationUrl: string }[] };
  readonly generic: { readonly signingSecrets: readonly string[] };
}

export const paypalCommonName = 'messageverificationcerts.sandbox.paypal.com';
export const paypalCertificatePath = '/v1/notifications/certs/CERT-development-only';
export const paypalCertificateUrl = `https://api.sandbox.paypal.com${paypalCertificatePath}`;

const standardWebhooksKey = Buffer.from('development only, worth nothing').toString('base64');

/** The same for every run, but for Square's URL, which has the port in it. */
export function developmentSecrets(apiUrl: string): DevelopmentSecrets {
  return {
    stripe: { signingSecrets: ['whsec_development_only_stripe'] },
    paypal: { webhookIds: ['DEVELOPMENT-ONLY1'], environment: 'sandbox' },
    square: { subscriptions: [{ signatureKey: 'development-only-square', notificationUrl: `${apiUrl}/webhook/square` }] },
    generic: { signingSecrets: ['development-only-generic', `whsec_${standardWebhooksKey}`] },
  };
}

/** Value of the receiver's variable that makes it trust the development root, on loopback only. */
export function paypalLocalTrust({ rootPem }: DevelopmentCertificates, certificateOrigin: string): string {
  return JSON.stringify({ rootPem, certificateOrigin });
}
