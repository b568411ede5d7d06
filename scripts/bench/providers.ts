import { WebhooksHelper } from 'square';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { createProviders } from '../../functions/shared/providers';
import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import type { Verifier } from '../../functions/shared/providers/provider';
import { developmentCertificates } from '../local/development-certificates';
import { developmentSecrets, paypalCertificateUrl, paypalCommonName } from '../local/development-secrets';
import { sampleBody, signWebhook, type Keys, type Webhook } from '../local/webhook';
import { compare, inTurns, type Comparison, type Figure } from './figure';

interface Contest {
  readonly what: string;
  readonly baseline: string;
  readonly ours: () => void;
  readonly theirs: () => void | Promise<void>;
  readonly goal?: Comparison['goal'];
}

const notificationUrl = 'https://api.example.com/webhook/square';

/** Checking and reading one webhook, beside what the providers' own libraries do. */
export async function benchProviders(quick: boolean): Promise<readonly Figure[]> {
  const certificates = await developmentCertificates(paypalCommonName);
  const secrets = developmentSecrets('https://api.example.com');
  const { privateKeyPem } = certificates;
  const keys: Keys = { secrets, paypalSigner: { webhookId: 'DEVELOPMENT-ONLY1', privateKeyPem, certificateUrl: paypalCertificateUrl } };
  const trust = { rootPem: certificates.rootPem, certificateOrigin: 'http://127.0.0.1' };
  const bench = new ProviderBench(keys, createProviders({ paypalLocalTrust: trust }), certificates.certificatePem);
  const figures: Figure[] = [];
  for (const contest of contests(bench)) figures.push(await run(contest, quick));
  return figures;
}

/** A webhook of one sender, as the receiver has it, and the parts of the receiver that look at it. */
class ProviderBench {
  readonly #keys: Keys;
  readonly #providers: ReturnType<typeof createProviders>;
  readonly #certificatePem: string;

  constructor(keys: Keys, providers: ReturnType<typeof createProviders>, certificatePem: string) {
    this.#keys = keys;
    this.#providers = providers;
    this.#certificatePem = certificatePem;
  }

  webhook(sender: 'stripe' | 'paypal' | 'square' | 'generic' | 'standard-webhooks', event: string): Webhook {
    return signWebhook({ sender, body: sampleBody(sender, event, {}), keys: this.#keys, at: new Date() });
  }

  /** Throws when the webhook is not accepted. */
  verify(name: 'stripe' | 'paypal' | 'square' | 'generic', webhook: Webhook): () => void {
    const verifier = this.#verifierOf(name);
    const request = requestOf(webhook);
    const certificate = name === 'paypal' ? this.#certificatePem : undefined;
    return () => {
      const verification = verifier.verify(request, Date.now(), certificate);
      if (!verification.ok) throw new Error(`${name} refused its own webhook: ${verification.reason}`);
    };
  }

  verifyAndNormalize(name: 'stripe' | 'paypal' | 'square' | 'generic', webhook: Webhook): () => void {
    const verify = this.verify(name, webhook);
    const request = requestOf(webhook);
    const provider = this.#providers.get(name);
    const receivedAt = new Date().toISOString();
    return () => {
      verify();
      if (provider?.normalize(request, receivedAt).ok !== true) throw new Error(`${name} cannot read its own webhook`);
    };
  }

  #verifierOf(name: 'stripe' | 'paypal' | 'square' | 'generic'): Verifier {
    const made = this.#providers.get(name)?.verifierFrom(JSON.stringify(this.#keys.secrets[name]));
    if (made?.ok !== true) throw new Error(`no verifier for ${name}: ${made?.problem ?? 'unknown provider'}`);
    return made.verifier;
  }
}

function requestOf({ headers, body }: Webhook): WebhookRequest {
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])), body };
}

function contests(bench: ProviderBench): readonly Contest[] {
  const stripe = bench.webhook('stripe', 'payment_intent.succeeded');
  const square = bench.webhook('square', 'payment.completed');
  const standard = bench.webhook('standard-webhooks', 'payment.succeeded');
  const paypal = bench.webhook('paypal', 'PAYMENT.CAPTURE.COMPLETED');
  const goal = { atLeast: 1 } as const;
  const constructEvent = stripeLibrary(stripe);
  const helper = squareLibrary(square);
  const verifyStandard = standardLibrary(standard);
  const accept = bench.verify('paypal', paypal);
  return [
    { what: 'stripe, verify', baseline: 'constructEvent', ours: bench.verify('stripe', stripe), theirs: constructEvent, goal },
    {
      what: 'stripe, verify + normalize',
      baseline: 'constructEvent',
      ours: bench.verifyAndNormalize('stripe', stripe),
      theirs: constructEvent,
    },
    { what: 'square, verify', baseline: 'WebhooksHelper', ours: bench.verify('square', square), theirs: helper, goal },
    { what: 'square, verify + normalize', baseline: 'WebhooksHelper', ours: bench.verifyAndNormalize('square', square), theirs: helper },
    { what: 'generic, verify', baseline: 'standardwebhooks', ours: bench.verify('generic', standard), theirs: verifyStandard, goal },
    {
      what: 'generic, verify + normalize',
      baseline: 'standardwebhooks',
      ours: bench.verifyAndNormalize('generic', standard),
      theirs: verifyStandard,
    },
    { what: 'paypal, verify + normalize', baseline: 'verify alone', ours: bench.verifyAndNormalize('paypal', paypal), theirs: accept },
  ];
}

function stripeLibrary({ headers, body }: Webhook): () => void {
  const client = new Stripe('sk_test_bench');
  const header = headers['Stripe-Signature'] ?? '';
  const [secret = ''] = developmentSecrets('').stripe.signingSecrets;
  return () => {
    client.webhooks.constructEvent(body, header, secret);
  };
}

function squareLibrary({ headers, body }: Webhook): () => Promise<void> {
  const signatureHeader = headers['x-square-hmacsha256-signature'] ?? '';
  const signatureKey = developmentSecrets('').square.subscriptions[0]?.signatureKey ?? '';
  return async () => {
    const accepted = await WebhooksHelper.verifySignature({ requestBody: body.toString(), signatureHeader, signatureKey, notificationUrl });
    if (!accepted) throw new Error("Square's helper refused its own webhook");
  };
}

function standardLibrary({ headers, body }: Webhook): () => void {
  const secret = developmentSecrets('').generic.signingSecrets.find((one) => one.startsWith('whsec_')) ?? '';
  const library = new StandardWebhook(secret);
  return () => {
    library.verify(body, headers);
  };
}

async function run({ what, baseline, ours, theirs, goal }: Contest, quick: boolean): Promise<Figure> {
  const rates: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] };
  const forMs = quick ? 60 : 250;
  const sides = { ours, theirs };
  for (const name of ['ours', 'theirs'] as const) await perSecond(sides[name], forMs);
  await inTurns(quick ? 5 : 15, ['ours', 'theirs'] as const, async (name) => {
    rates[name].push(await perSecond(sides[name], forMs));
  });
  return compare({ bench: 'providers', what, unit: '/s', baseline, ...rates, ...(goal === undefined ? {} : { goal }) });
}

/** Operations per second; what answers a promise is awaited, what does not is not. */
async function perSecond(operation: () => void | Promise<void>, forMs: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < forMs) {
    for (let turn = 0; turn < 20; turn += 1) {
      const pending = operation();
      if (pending !== undefined) await pending;
    }
    count += 20;
  }
  return (count / (performance.now() - started)) * 1000;
}
