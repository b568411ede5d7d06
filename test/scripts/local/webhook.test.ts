import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Kind } from '../../../functions/shared/domain/payment-event';
import type { WebhookRequest } from '../../../functions/shared/domain/webhook';
import { createProviders } from '../../../functions/shared/providers';
import type { Provider } from '../../../functions/shared/providers/provider';
import { developmentCertificates, type DevelopmentCertificates } from '../../../scripts/local/development-certificates';
import { developmentSecrets, paypalCertificateUrl, paypalCommonName } from '../../../scripts/local/development-secrets';
import { catalogues, findSample, senders, type Sender } from '../../../scripts/local/sample-events';
import { sampleBody, signWebhook, type Keys, type Webhook } from '../../../scripts/local/webhook';

const secrets = developmentSecrets('http://127.0.0.1:3000');
let certificates: DevelopmentCertificates;
let keys: Keys;
let providers: ReadonlyMap<string, Provider>;

beforeAll(async () => {
  certificates = await developmentCertificates(paypalCommonName);
  const webhookId = secrets.paypal.webhookIds[0] ?? '';
  keys = { secrets, paypalSigner: { webhookId, privateKeyPem: certificates.privateKeyPem, certificateUrl: paypalCertificateUrl } };
  providers = createProviders({ paypalLocalTrust: { rootPem: certificates.rootPem } });
});

const every = senders.flatMap((sender) => Object.keys(catalogues[sender]).map((event) => [sender, event] as const));

function received({ headers, body }: Webhook): WebhookRequest {
  return { headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])), body };
}

function providerOf(sender: Sender): Provider {
  const provider = providers.get(sender === 'standard-webhooks' ? 'generic' : sender);
  if (provider === undefined) throw new Error(`no provider for ${sender}`);
  return provider;
}

function verdict(sender: Sender, webhook: Webhook): string {
  const provider = providerOf(sender);
  const name = sender === 'standard-webhooks' ? 'generic' : sender;
  const read = provider.verifierFrom(JSON.stringify(secrets[name]));
  if (!read.ok) throw new Error(read.problem);
  const verified = read.verifier.verify(received(webhook), Date.now(), certificates.certificatePem);
  return verified.ok ? 'ok' : verified.reason;
}

/** Kinds of the samples that are not named after their kind. */
const kindsOf: Readonly<Record<Sender, Readonly<Record<string, Kind>>>> = {
  stripe: {
    'payment_intent.succeeded': 'payment.succeeded',
    'payment_intent.payment_failed': 'payment.failed',
    'payment_intent.amount_capturable_updated': 'payment.authorized',
    'payment_intent.canceled': 'payment.canceled',
    'payment_intent.processing': 'payment.pending',
    'charge.succeeded': 'other',
    'refund.created': 'refund.pending',
    'refund.updated': 'refund.succeeded',
    'refund.failed': 'refund.failed',
    'charge.dispute.created': 'dispute.opened',
    'charge.dispute.closed': 'dispute.lost',
    'payout.paid': 'payout.paid',
    'customer.created': 'other',
    'v1.billing.meter.error_report_triggered': 'other',
  },
  paypal: {
    'PAYMENT.CAPTURE.COMPLETED': 'payment.succeeded',
    'PAYMENT.CAPTURE.PENDING': 'payment.pending',
    'PAYMENT.CAPTURE.DECLINED': 'payment.failed',
    'PAYMENT.CAPTURE.REFUNDED': 'refund.succeeded',
    'PAYMENT.AUTHORIZATION.CREATED': 'payment.authorized',
    'PAYMENT.AUTHORIZATION.VOIDED': 'payment.canceled',
    'CUSTOMER.DISPUTE.CREATED': 'dispute.opened',
    'CUSTOMER.DISPUTE.RESOLVED': 'dispute.lost',
    'CHECKOUT.ORDER.APPROVED': 'payment.pending',
  },
  square: {
    'payment.completed': 'payment.succeeded',
    'payment.failed': 'payment.failed',
    'payment.approved': 'payment.authorized',
    'payment.canceled': 'payment.canceled',
    'refund.pending': 'refund.pending',
    'refund.completed': 'refund.succeeded',
    'refund.failed': 'refund.failed',
    'dispute.created': 'dispute.opened',
    'dispute.lost': 'dispute.lost',
    'customer.created': 'other',
  },
  generic: {
    'payment.succeeded': 'payment.succeeded',
    'payment.failed': 'payment.failed',
    'payment.pending': 'payment.pending',
    'payment.canceled': 'payment.canceled',
    'refund.succeeded': 'refund.succeeded',
  },
  'standard-webhooks': {
    'payment.succeeded': 'payment.succeeded',
    'payment.failed': 'payment.failed',
    'payment.pending': 'payment.pending',
    'payment.canceled': 'payment.canceled',
    'refund.succeeded': 'refund.succeeded',
  },
};

describe('a sample webhook', () => {
  it.each(every)('of %s, %s, is accepted and read as what it stands for', (sender, event) => {
    const body = sampleBody(sender, event, { amount: '12.50', currency: 'eur', payment: 'pay_1' });
    const webhook = signWebhook({ sender, body, keys, at: new Date() });
    expect(verdict(sender, webhook)).toBe('ok');
    const read = providerOf(sender).normalize(received(webhook), new Date().toISOString());
    if (!read.ok) throw new Error(JSON.stringify(read.unreadable));
    const { kind, amount, currency, paymentId } = read.normalized.event;
    expect(kind).toBe(kindsOf[sender][event]);
    // An order's money is counted when it is captured.
    if (kind === 'other' || event === 'CHECKOUT.ORDER.APPROVED') return;
    expect([amount, currency]).toEqual(['12.50', 'EUR']);
    if (!kind.startsWith('payout')) expect(paymentId).toMatch(/:pay_1$/);
  });

  it.each(senders)('of %s is refused when it is forged', (sender) => {
    const [event = ''] = Object.keys(catalogues[sender]);
    const webhook = signWebhook({ sender, body: sampleBody(sender, event, {}), keys, at: new Date(), forge: true });
    expect(verdict(sender, webhook)).toBe('signature_mismatch');
  });

  it.each(['stripe', 'paypal', 'standard-webhooks'] as const)('of %s is refused when it is stale', (sender) => {
    const [event = ''] = Object.keys(catalogues[sender]);
    const at = new Date(Date.now() - 5 * 86_400_000);
    expect(verdict(sender, signWebhook({ sender, body: sampleBody(sender, event, {}), keys, at }))).toBe('timestamp_too_old');
  });

  it('keeps the currency’s decimals', () => {
    const body = sampleBody('paypal', 'PAYMENT.CAPTURE.COMPLETED', { amount: '12000', currency: 'JPY' });
    expect(JSON.parse(body.toString())).toMatchObject({ resource: { amount: { value: '12000', currency_code: 'JPY' } } });
    expect(() => sampleBody('stripe', 'payment_intent.succeeded', { amount: '1.5', currency: 'JPY' })).toThrow(/more decimals/);
    expect(() => sampleBody('square', 'payment.completed', { amount: '12,50' })).toThrow(/no amount/);
  });
});

describe('findSample', () => {
  it('names what there is', () => {
    expect(() => findSample('square', 'payment.exploded')).toThrow(/payment\.completed, payment\.failed/);
  });

  it('takes a name in any case', () => {
    expect(findSample('paypal', 'payment.capture.completed').about).toBe('a payment went through');
  });
});

describe('signWebhook', () => {
  it('says why it cannot sign for PayPal', () => {
    const sign = () =>
      signWebhook({ sender: 'paypal', body: Buffer.from('{}'), keys: { secrets, paypalSigner: undefined }, at: new Date() });
    expect(sign).toThrow(/start one with npm start/);
  });
});
