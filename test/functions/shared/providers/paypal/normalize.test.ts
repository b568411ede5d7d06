import { describe, expect, it } from '@jest/globals';
import { corpusBytes, corpusFiles, describeWithCorpus } from '../../../../support/corpus';
import { eventOf, fixture, providers } from '../../../../support/schemes';

function paypalEvent(type: string, resource: unknown, rest: object = {}) {
  return eventOf('paypal', { id: 'WH-1', event_type: type, create_time: '2026-01-01T00:00:00.120Z', resource, ...rest });
}

const usd = (value: string) => ({ value, currency_code: 'USD' });
const up = (href: string) => ({ links: [{ href: 'https://api.paypal.com/x', rel: 'self' }, { href }, { href, rel: 'up' }] });
const capture = { id: 'CAP-1', status: 'COMPLETED', amount: usd('30.00'), invoice_id: 'inv-1', custom_id: 'custom-1' };
const captureUp = up('https://api.sandbox.paypal.com/v2/payments/captures/CAP-1');

describe('a capture or sale event of PayPal', () => {
  it.each([
    ['PAYMENT.CAPTURE.PENDING', 'payment.pending'],
    ['PAYMENT.CAPTURE.COMPLETED', 'payment.succeeded'],
    ['PAYMENT.CAPTURE.DECLINED', 'payment.failed'],
    ['PAYMENT.CAPTURE.DENIED', 'payment.failed'],
    ['PAYMENT.AUTHORIZATION.CREATED', 'payment.authorized'],
    ['PAYMENT.AUTHORIZATION.VOIDED', 'payment.canceled'],
    ['PAYMENT.SALE.PENDING', 'payment.pending'],
    ['PAYMENT.SALE.COMPLETED', 'payment.succeeded'],
    ['PAYMENT.SALE.DENIED', 'payment.failed'],
    ['PAYMENT.CAPTURE.SOMETHING-NEW', 'other'],
    ['BILLING.SUBSCRIPTION.ACTIVATED', 'other'],
  ])('%s is %s', (type, kind) => {
    expect(paypalEvent(type, capture)).toMatchObject({
      kind,
      eventId: 'WH-1',
      eventType: type,
      dedupeId: `WH-1|${type}`,
      paymentId: 'paypal:CAP-1',
      objectId: 'CAP-1',
      amount: kind === 'other' ? null : '30.00',
      merchantRef: 'inv-1',
      occurredAt: '2026-01-01T00:00:00.120Z',
    });
  });

  it('goes by its type where the resource’s status says something else', () => {
    expect(paypalEvent('PAYMENT.CAPTURE.PENDING', { ...capture, status: 'COMPLETED' })).toMatchObject({
      kind: 'payment.pending',
      providerStatus: 'COMPLETED',
    });
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', { ...capture, status: 'PARTIALLY_REFUNDED' }).kind).toBe('payment.succeeded');
  });

  it('names its capture and not the order or the authorization above it', () => {
    const resource = {
      ...capture,
      ...up('https://api.paypal.com/v2/payments/authorizations/AUTH-1'),
      supplementary_data: { related_ids: { order_id: 'O', authorization_id: 'AUTH-1' } },
    };
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', resource).paymentId).toBe('paypal:CAP-1');
  });

  it('tells why it failed', () => {
    expect(paypalEvent('PAYMENT.CAPTURE.DENIED', { ...capture, status_details: { reason: 'BUYER_COMPLAINT' } }).failure).toEqual({
      code: 'BUYER_COMPLAINT',
      message: null,
    });
    expect(paypalEvent('PAYMENT.CAPTURE.DECLINED', { ...capture, processor_response: { response_code: '5400' } }).failure?.code).toBe(
      '5400',
    );
    expect(paypalEvent('PAYMENT.SALE.DENIED', { ...capture, reason_code: 'CHARGEBACK' }).failure?.code).toBe('CHARGEBACK');
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', { ...capture, processor_response: { response_code: '0000' } }).failure).toBeNull();
  });

  it('takes two types under one id for two events, as the simulator sends them', () => {
    const ids = ['PAYMENT.CAPTURE.PENDING', 'PAYMENT.CAPTURE.COMPLETED'].map((type) => paypalEvent(type, capture).dedupeId);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('amounts of PayPal', () => {
  it.each([
    [{ value: '100', currency_code: 'USD' }, '100.00'],
    [{ value: '.5', currency_code: 'USD' }, '0.50'],
    [{ value: '220000', currency_code: 'JPY' }, '220000'],
    [{ value: '100.00', currency_code: 'JPY' }, '100'],
    [{ value: '1500', currency_code: 'HUF' }, '1500.00'],
    [{ value: '1500', currency_code: 'TWD' }, '1500.00'],
    [{ value: '1.234', currency_code: 'TND' }, '1.234'],
    [{ total: '0.48', currency: 'USD' }, '0.48'],
  ])('%j is %s', (amount, expected) => {
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', { ...capture, amount }).amount).toBe(expected);
  });

  it.each([
    [{ value: '1.', currency_code: 'USD' }, 'amount_not_a_number'],
    [{ value: 30, currency_code: 'USD' }, 'amount_not_a_number'],
    [{ value: '1.005', currency_code: 'USD' }, 'amount_not_exact'],
    [{ value: '100.5', currency_code: 'JPY' }, 'amount_not_exact'],
    [{ value: '99999999999999999999', currency_code: 'USD' }, 'amount_too_large'],
    [{ value: '1', currency_code: 'XXX' }, 'currency_unknown'],
    [{ value: '1' }, 'currency_unknown'],
    [undefined, 'amount_missing'],
  ])('%j keeps the event and says %s', (amount, amountProblem) => {
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', { ...capture, amount })).toMatchObject({
      kind: 'payment.succeeded',
      amount: null,
      amountProblem,
    });
  });
});

describe('a refund event of PayPal', () => {
  it.each(['PAYMENT.CAPTURE.REFUNDED', 'PAYMENT.CAPTURE.REVERSED', 'PAYMENT.REFUND.COMPLETED'])(
    '%s belongs to the capture that it links to',
    (type) => {
      expect(paypalEvent(type, { id: 'REF-1', amount: usd('0.99'), ...captureUp })).toMatchObject({
        kind: 'refund.succeeded',
        paymentId: 'paypal:CAP-1',
        objectId: 'REF-1',
        amount: '0.99',
        livemode: true,
      });
    },
  );

  it.each([
    ['PAYMENT.REFUND.PENDING', 'refund.pending'],
    ['PAYMENT.REFUND.FAILED', 'refund.failed'],
  ])('%s is %s', (type, kind) => {
    expect(paypalEvent(type, { id: 'REF-1', amount: usd('0.99'), ...captureUp })).toMatchObject({ kind, paymentId: 'paypal:CAP-1' });
  });

  it.each([
    ['the related ids', { supplementary_data: { related_ids: { capture_id: 'CAP-2' } } }, 'CAP-2'],
    ['a sale id', { sale_id: 'SALE-1' }, 'SALE-1'],
    ['a link to the sale', { links: [{ rel: 'sale', href: 'https://api.paypal.com/v1/payments/sale/SALE-2' }] }, 'SALE-2'],
    [
      'a link to the capture of version 1',
      { links: [{ rel: 'capture', href: 'https://api.paypal.com/v1/payments/capture/CAP-3' }] },
      'CAP-3',
    ],
    ['nothing, for its own', { links: [{ rel: 'up', href: 'https://api.paypal.com/v2/checkout/orders/O' }, 'odd', null] }, 'REF-1'],
  ])('finds its payment by %s', (_, resource, payment) => {
    expect(paypalEvent('PAYMENT.CAPTURE.REFUNDED', { id: 'REF-1', ...resource }).paymentId).toBe(`paypal:${payment}`);
  });

  it('counts the amount of a negative total, once', () => {
    const event = paypalEvent('PAYMENT.SALE.REFUNDED', { id: 'REF-1', sale_id: 'SALE-1', amount: { total: '-0.01', currency: 'USD' } });
    expect(event).toMatchObject({ kind: 'refund.succeeded', amountMinor: 1, amount: '0.01' });
  });
});

describe('a checkout event of PayPal', () => {
  const order = {
    id: 'ORDER-1',
    status: 'COMPLETED',
    payer: { payer_id: 'PAYER-1' },
    purchase_units: [
      { amount: usd('100.00'), payee: { merchant_id: 'M-1' }, payments: { captures: [{ id: 'CAP-1', amount: usd('100.00') }] } },
    ],
  };

  it.each([
    ['CHECKOUT.ORDER.APPROVED', 'payment.pending', 'ORDER-1'],
    ['CHECKOUT.ORDER.VOIDED', 'payment.canceled', 'ORDER-1'],
    ['CHECKOUT.ORDER.SAVED', 'other', 'ORDER-1'],
    ['CHECKOUT.ORDER.COMPLETED', 'other', 'CAP-1'],
  ])('%s is %s and moves no money', (type, kind, payment) => {
    expect(paypalEvent(type, order)).toMatchObject({
      kind,
      paymentId: `paypal:${payment}`,
      objectId: 'ORDER-1',
      amount: null,
      customerRef: 'PAYER-1',
      account: 'M-1',
    });
    expect(paypalEvent(type, order)).not.toHaveProperty('amountProblem');
  });

  it('is a failed payment of the order when the approval is reversed', () => {
    expect(paypalEvent('CHECKOUT.PAYMENT-APPROVAL.REVERSED', { order_id: 'ORDER-1' })).toMatchObject({
      kind: 'payment.failed',
      paymentId: 'paypal:ORDER-1',
      amount: null,
    });
  });
});

describe('a dispute event of PayPal', () => {
  const dispute = {
    dispute_id: 'PP-D-1',
    disputed_transactions: [{ seller_transaction_id: 'CAP-1', seller: { merchant_id: 'M-1' }, invoice_number: 'inv-1' }],
    dispute_amount: usd('3.00'),
    reason: 'UNAUTHORISED',
    status: 'OPEN',
  };

  it.each([
    ['CUSTOMER.DISPUTE.CREATED', undefined, 'dispute.opened'],
    ['CUSTOMER.DISPUTE.UPDATED', undefined, 'dispute.updated'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'RESOLVED_BUYER_FAVOUR', 'dispute.lost'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'ACCEPTED', 'dispute.lost'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'RESOLVED_SELLER_FAVOUR', 'dispute.won'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'CANCELED_BY_BUYER', 'dispute.won'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'DENIED', 'dispute.won'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'RESOLVED_WITH_PAYOUT', 'dispute.closed'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'NONE', 'dispute.closed'],
    ['CUSTOMER.DISPUTE.RESOLVED', 'SOMETHING_NEW', 'dispute.closed'],
    ['CUSTOMER.DISPUTE.RESOLVED', undefined, 'dispute.closed'],
  ])('%s %s is %s', (type, outcome_code, kind) => {
    expect(paypalEvent(type, { ...dispute, dispute_outcome: { outcome_code } })).toMatchObject({
      kind,
      paymentId: 'paypal:CAP-1',
      objectId: 'PP-D-1',
      amount: '3.00',
      account: 'M-1',
      merchantRef: 'inv-1',
      failure: { code: 'UNAUTHORISED', message: null },
    });
  });

  it('stands for itself where it names no transaction', () => {
    expect(
      paypalEvent('CUSTOMER.DISPUTE.CREATED', { ...dispute, disputed_transactions: [{ seller_transaction_id: null }] }).paymentId,
    ).toBe('paypal:PP-D-1');
  });
});

describe('a payout event of PayPal', () => {
  const item = {
    payout_item_id: 'ITEM-1',
    transaction_id: null,
    transaction_status: 'SUCCESS',
    payout_batch_id: 'BATCH-1',
    payout_item: { amount: { currency: 'USD', value: '9.87' }, sender_item_id: 'sender-1' },
    errors: { name: 'RECEIVER_UNREGISTERED', message: 'Receiver is unregistered' },
  };
  const batch = { batch_header: { payout_batch_id: 'BATCH-1', batch_status: 'SUCCESS', amount: { currency: 'USD', value: '100.00' } } };

  it.each([
    ['SUCCEEDED', 'payout.paid'],
    ['FAILED', 'payout.failed'],
    ['DENIED', 'payout.failed'],
    ['BLOCKED', 'payout.failed'],
    ['RETURNED', 'payout.failed'],
    ['REFUNDED', 'payout.failed'],
    ['CANCELED', 'payout.failed'],
    ['HELD', 'other'],
    ['UNCLAIMED', 'other'],
  ])('of an item that is %s is %s', (word, kind) => {
    expect(paypalEvent(`PAYMENT.PAYOUTS-ITEM.${word}`, item)).toMatchObject({
      kind,
      paymentId: 'paypal:ITEM-1',
      objectId: 'ITEM-1',
      amount: kind === 'other' ? null : '9.87',
      merchantRef: 'sender-1',
      failure: kind === 'payout.failed' ? { code: 'RECEIVER_UNREGISTERED', message: 'Receiver is unregistered' } : null,
    });
  });

  it.each([
    ['PROCESSING', 'other', null],
    ['SUCCESS', 'other', null],
    ['DENIED', 'payout.failed', '100.00'],
  ])('of a batch that is %s counts no item’s money again', (word, kind, amount) => {
    expect(paypalEvent(`PAYMENT.PAYOUTSBATCH.${word}`, batch)).toMatchObject({
      kind,
      objectId: 'BATCH-1',
      amount,
      providerStatus: 'SUCCESS',
    });
  });

  it.each([
    ['CUSTOMER.PAYOUT.COMPLETED', 'payout.paid'],
    ['CUSTOMER.PAYOUT.FAILED', 'payout.failed'],
  ])('%s is %s', (type, kind) => {
    expect(paypalEvent(type, { id: 'P-1', amount: usd('1500.00'), payout_status: { status: 'X' } })).toMatchObject({
      kind,
      amount: '1500.00',
      providerStatus: 'X',
    });
  });
});

describe('the environment of a PayPal event', () => {
  it.each([
    ['https://api.paypal.com/v1/x', true],
    ['https://api-m.paypal.com/v1/x', true],
    ['https://api.paypal.com:443/v1/x', true],
    ['https://api.sandbox.paypal.com/v1/x', false],
    ['api.sandbox.paypal.com/v1/x', false],
    ['https://www.paypal.com/checkoutnow', null],
    ['https://evil.example/api.paypal.com/', null],
    [7, null],
  ])('by the link %s is %p', (href, livemode) => {
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', capture, { links: [{ href }] }).livemode).toBe(livemode);
  });
});

describe('an odd event of PayPal', () => {
  it.each([[undefined], [null], ['text'], [[]], [{}]])('with the resource %j stands for itself', (resource) => {
    expect(paypalEvent('VAULT.CREDIT-CARD.CREATED', resource)).toMatchObject({
      kind: 'other',
      paymentId: 'paypal:WH-1',
      objectId: 'WH-1',
      livemode: null,
    });
  });

  it('happened when it was received where its time is no time', () => {
    expect(paypalEvent('PAYMENT.CAPTURE.COMPLETED', capture, { create_time: '2018-19-12T22:20:32.000Z' }).occurredAt).toBe(
      '2026-11-23T00:00:00.000Z',
    );
  });

  it.each([
    [{ event_type: 'X' }, 'id'],
    [{ id: 'WH-1' }, 'event_type'],
  ])('%j cannot be read', (body, field) => {
    const result = providers.get('paypal')?.normalize({ headers: {}, body: Buffer.from(JSON.stringify(body)) }, '2026-11-23T00:00:00.000Z');
    expect(result).toEqual({ ok: false, unreadable: { reason: 'field_missing', field, problem: 'is missing' } });
  });
});

describe('the development body of PayPal', () => {
  it('is a payment of JPY 12,000', () => {
    expect(eventOf('paypal', fixture('paypal/capture-completed.json'))).toMatchObject({
      kind: 'payment.succeeded',
      amount: '12000',
      currency: 'JPY',
      livemode: false,
    });
  });
});

describeWithCorpus('the corpus of PayPal', () => {
  it.each([...corpusFiles('paypal'), ...corpusFiles('derived/paypal')])('%s is read', (file) => {
    expect(eventOf('paypal', corpusBytes(file)).provider).toBe('paypal');
  });

  it.each([
    ['paypal/CHECKOUT.ORDER.APPROVED.hookdeck-samples.json', 'payment.pending', '5O190127TN364715T', '5O190127TN364715T', null, null],
    ['paypal/CHECKOUT.ORDER.COMPLETED.hookdeck-samples.json', 'other', '3C679366HH908993F', '5O190127TN364715T', null, null],
    ['paypal/CHECKOUT.ORDER.VOIDED.hookdeck-samples.json', 'payment.canceled', '9NK63094MA726991F', '9NK63094MA726991F', null, null],
    ['paypal/CUSTOMER-SUPPORT.CHARGEBACK.DECISION-RESPONDED.hookdeck-samples.json', 'other', 'BTCBP96', 'BTCBP96', null, null],
    ['paypal/CUSTOMER.DISPUTE.CREATED.hookdeck-samples.json', 'dispute.opened', '00D10444LD479031K', 'PP-000-042-663-135', '3.00', 'USD'],
    ['paypal/CUSTOMER.PAYOUT.COMPLETED.hookdeck-samples.json', 'payout.paid', '4324324DSFDSFDSF', '4324324DSFDSFDSF', '1500.00', 'USD'],
    ['paypal/PAYMENT.CAPTURE.COMPLETED.paypal2.json', 'payment.succeeded', '12A34567BC123456S', '12A34567BC123456S', '30.00', 'USD'],
    ['paypal/PAYMENT.CAPTURE.DECLINED.paypal2.json', 'payment.failed', '7U133281TB3277326', '7U133281TB3277326', '185.10', 'USD'],
    ['paypal/PAYMENT.CAPTURE.PENDING.paypal2.json', 'payment.pending', '02T21492PP3782704', '02T21492PP3782704', '2.51', 'USD'],
    ['paypal/PAYMENT.CAPTURE.REFUNDED.paypal2.json', 'refund.succeeded', '0JF852973C016714D', '1Y107995YT783435V', '0.99', 'USD'],
    ['paypal/PAYMENT.CAPTURE.REVERSED.paypal2.json', 'refund.succeeded', '4L335234718889942', '09E71677NS257044M', '2.51', 'USD'],
    ['paypal/PAYMENT.SALE.COMPLETED.paypal2.json', 'payment.succeeded', '80021663DE681814L', '80021663DE681814L', '0.48', 'USD'],
    ['paypal/PAYMENT.SALE.REFUNDED.paypal2.json', 'refund.succeeded', '9T0916710M1105906', '6YX43824R4443062K', '0.01', 'USD'],
    ['paypal/PAYMENT.SALE.REVERSED.paypal2.json', 'refund.succeeded', '77689802DL785834G', '77689802DL785834G', '0.49', 'USD'],
    [
      'paypal/PAYMENTS.PAYMENT.CREATED.paypal-php-sdk.json',
      'other',
      'PAYID-LVT22VY7N839502VJ678725M',
      'PAYID-LVT22VY7N839502VJ678725M',
      null,
      null,
    ],
    [
      'paypal/VAULT.CREDIT-CARD.CREATED.hookdeck-samples.json',
      'other',
      'WH-2WR32451HC0233532-67976317FL4543714',
      'WH-2WR32451HC0233532-67976317FL4543714',
      null,
      null,
    ],
    ['derived/paypal/PAYMENT.CAPTURE.COMPLETED.jpy.json', 'payment.succeeded', '29Y24445UY20831JP', '29Y24445UY20831JP', '220000', 'JPY'],
    ['derived/paypal/PAYMENT.CAPTURE.COMPLETED.usd.json', 'payment.succeeded', '29Y24445UY20831US', '29Y24445UY20831US', '100.00', 'USD'],
    ['derived/paypal/reserialise-trap.json', 'payment.succeeded', 'X', 'X', '1.00', 'USD'],
  ])('%s is %s of %s', (file, kind, payment, objectId, amount, currency) => {
    expect(eventOf('paypal', corpusBytes(file))).toMatchObject({ kind, paymentId: `paypal:${payment}`, objectId, amount, currency });
  });
});
