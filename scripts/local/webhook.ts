import http from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { forged, signGeneric, signPayPal, signSquare, signStandardWebhooks, signStripe, type SignatureHeaders } from './signing';
import type { DevelopmentSecrets } from './development-secrets';
import { bodyText, findSample, type Sender } from './sample-events';
import { randomId } from './sample-events/sample';

/** A signed webhook, ready to be posted. */
export interface Webhook {
  /** Path under the API's URL. */
  readonly path: string;
  readonly headers: SignatureHeaders;
  readonly body: Buffer;
}

/** What a sender signs with. */
export interface Keys {
  readonly secrets: DevelopmentSecrets;
  /** Absent where nobody trusts our certificates. */
  readonly paypalSigner: { readonly webhookId: string; readonly privateKeyPem: string; readonly certificateUrl: string } | undefined;
}

export interface WebhookOptions {
  readonly sender: Sender;
  /** Raw bytes, sent as they are. */
  readonly body: Buffer;
  readonly keys: Keys;
  /** When it is signed. */
  readonly at: Date;
  /** A signature that is well formed and wrong. */
  readonly forge?: boolean;
}

/** The body of a sample event. `payment` ties it to a payment that is there. */
export function sampleBody(
  sender: Sender,
  event: string,
  options: { readonly amount?: string; readonly currency?: string; readonly payment?: string },
): Buffer {
  const body = findSample(sender, event).body({
    amount: options.amount ?? '49.90',
    currency: (options.currency ?? 'USD').toUpperCase(),
    payment: options.payment,
    now: new Date(),
  });
  return Buffer.from(bodyText(sender, body));
}

/** Signs a body as the sender does. Throws where there is no key to sign with. */
export function signWebhook({ sender, body, keys, at, forge = false }: WebhookOptions): Webhook {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': userAgents[sender],
    ...signatureOf(sender, body, keys, at),
  };
  const provider = sender === 'standard-webhooks' ? 'generic' : sender;
  return { path: `/webhook/${provider}`, headers: forge ? forged(headers) : headers, body };
}

const userAgents: Readonly<Record<Sender, string>> = {
  stripe: 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
  paypal: 'PayPal/AUHD-214.0-58843290',
  square: 'Square Connect v2',
  generic: 'payment-webhooks-send/1.0',
  'standard-webhooks': 'payment-webhooks-send/1.0',
};

function signatureOf(sender: Sender, body: Buffer, { secrets, paypalSigner }: Keys, at: Date): SignatureHeaders {
  switch (sender) {
    case 'stripe':
      return signStripe(body, required(secrets.stripe.signingSecrets[0], 'stripe'), at);
    case 'paypal':
      if (paypalSigner === undefined)
        throw new Error('PayPal signs with a certificate that only a local run trusts: start one with npm start');
      return signPayPal(body, paypalSigner, at);
    case 'square': {
      const { signatureKey, notificationUrl } = required(secrets.square.subscriptions[0], 'square');
      return signSquare(body, signatureKey, notificationUrl);
    }
    case 'generic':
      return signGeneric(body, required(secrets.generic.signingSecrets[0], 'generic'));
    case 'standard-webhooks': {
      const secret = secrets.generic.signingSecrets.find((candidate) => candidate.startsWith('whsec_'));
      return signStandardWebhooks(body, required(secret, 'standard-webhooks (whsec_…)'), at, randomId('msg_', 24));
    }
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`there is no secret for ${name}`);
  return value;
}

export interface PostResult {
  readonly status: number;
  readonly text: string;
  readonly durationMs: number;
}

/** Posts a webhook. `base` is the URL of the API, or of one provider's webhook. Throws an error that says what did not answer. */
export async function postWebhook(base: string, webhook: Webhook): Promise<PostResult> {
  const url = base.includes('/webhook') ? base : `${base.replace(/\/$/, '')}${webhook.path}`;
  const started = performance.now();
  try {
    const answer = await post(url, webhook);
    return { ...answer, durationMs: performance.now() - started };
  } catch (error) {
    throw new Error(`${url} does not answer (${reasonOf(error)})`, { cause: error });
  }
}

// With node:http, because fetch shows in the profile of a load generator.
const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

async function post(url: string, { headers, body }: Webhook): Promise<{ status: number; text: string }> {
  const secure = new URL(url).protocol === 'https:';
  const options = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': body.byteLength },
    agent: agents[secure ? 'https:' : 'http:'],
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, options, (response) => {
      text(response).then((answer) => {
        resolve({ status: response.statusCode ?? 0, text: answer });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with one error per address and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error.message || error.name;
}
