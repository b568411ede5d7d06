import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import type { PaymentEventDetail, PaymentEventEnvelope } from 'payment-webhooks/events';
import { orderPaid } from '../../../docs/events/consumer';
import { kinds } from '../../../functions/shared/domain/payment-event';
import type { PublishedEvent } from '../../../functions/shared/domain/published-event';
import { examples } from '../../../scripts/schema/examples';
import { generatedFiles } from '../../../scripts/schema/generate';
import { eventSchema } from '../../../scripts/schema/json-schema';
import { aPublishedEvent } from '../../support/builders';

const root = path.join(__dirname, '../../..');
const folder = path.join(root, 'docs/events');
const generated = [...generatedFiles(root)];
const isValid = new Ajv({ allErrors: true }).compile(eventSchema(root));

// These two do not compile when the generated types are not the code's.
const asConsumersSeeIt = (event: PublishedEvent): PaymentEventDetail => event;
const asThePipelineSeesIt = (event: PaymentEventDetail): PublishedEvent => event;

describe('docs/events', () => {
  it.each(generated)('%s is as the code has it; if not: npm run schema', (file, text) => {
    expect(readFileSync(path.join(folder, file), 'utf8')).toBe(text);
  });

  it('is made the same every time', () => {
    expect([...generatedFiles(root)]).toEqual(generated);
  });

  it('has an example of every kind, and none of anything else', () => {
    expect(readdirSync(path.join(folder, 'examples')).toSorted()).toEqual(kinds.map((kind) => `${kind}.json`).toSorted());
  });

  it.each([...examples()])('has an example of %s that the schema takes', (kind, event) => {
    expect(event.kind).toBe(kind);
    expect({ valid: isValid(event), errors: isValid.errors }).toEqual({ valid: true, errors: null });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a kind that is none', { kind: 'payment.suceeded' }],
    ['an amount as a text', { amountMinor: '4990' }],
    ['an amount with decimals', { amountMinor: 49.9 }],
    ['a time without milliseconds', { occurredAt: '2026-11-05T09:59:58Z' }],
    ['no payment', { paymentId: undefined }],
    ['a band that is none', { valueBand: 'huge' }],
  ])('has a schema that refuses %s', (_, change) => {
    expect(isValid({ ...aPublishedEvent(), ...change })).toBe(false);
  });

  it('says of every field what it means', () => {
    const fields = Object.values(eventSchema(root).properties);
    expect(fields.length).toBeGreaterThan(20);
    for (const { description } of fields) expect(description).toMatch(/[a-z]{3}/);
  });

  it('has types that are the code’s', () => {
    const event = aPublishedEvent();
    expect(asThePipelineSeesIt(asConsumersSeeIt(event))).toBe(event);
  });
});

describe('the consumer in docs/events', () => {
  const envelope = (detail: PaymentEventDetail): PaymentEventEnvelope => ({
    source: 'payment.processor',
    'detail-type': 'Payment Processed',
    id: '1',
    time: detail.processedAt,
    detail,
  });

  it('pays once for an event that comes twice, and ignores what is no live payment', async () => {
    const seen = new Set<string>();
    const paid: string[] = [];
    const handler = orderPaid(
      (key) => Promise.resolve(!seen.has(key) && seen.add(key).size > 0),
      (order) => Promise.resolve(void paid.push(order)),
    );
    const live = { ...aPublishedEvent(), livemode: true, merchantRef: 'order-1' };
    expect(await handler(envelope(live))).toBe('paid');
    expect(await handler(envelope(live))).toBe('duplicate');
    expect(await handler(envelope({ ...live, livemode: false }))).toBe('ignored');
    expect(await handler(envelope({ ...live, kind: 'refund.succeeded' }))).toBe('ignored');
    expect(paid).toEqual(['order-1']);
  });
});
