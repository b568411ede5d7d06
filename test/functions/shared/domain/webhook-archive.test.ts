import { describe, expect, it } from '@jest/globals';
import { archiveKeyOf, archiveObjectOf } from '../../../../functions/shared/domain/webhook-archive';
import { anEventRecord, aPaymentEvent } from '../../../support/builders';

describe('archiveKeyOf', () => {
  it('sorts by the day of receipt and the provider', () => {
    expect(archiveKeyOf(aPaymentEvent(), 'evt_1')).toBe('webhooks/2026-11-05/stripe/evt_1.json');
  });

  it.each([
    ['WH-1|PAYMENT.CAPTURE', 'WH-1%7CPAYMENT.CAPTURE'],
    ['../../secrets', '..%2F..%2Fsecrets'],
    ['a b%é', 'a%20b%25%C3%A9'],
    ['\ud800', '%EF%BF%BD'],
  ])('keeps the id %j in one segment', (id, segment) => {
    expect(archiveKeyOf(aPaymentEvent(), id)).toBe(`webhooks/2026-11-05/stripe/${segment}.json`);
  });

  it('stays below the longest key that S3 takes', () => {
    expect(Buffer.byteLength(archiveKeyOf(aPaymentEvent(), '€'.repeat(100)))).toBeLessThanOrEqual(1024);
  });
});

describe('archiveObjectOf', () => {
  const metadataOf = (signedHeaders: Readonly<Record<string, string>>) =>
    archiveObjectOf(anEventRecord({ signedHeaders }), Buffer.from('{}'));

  it('carries the headers that verify the bytes again, as they are', () => {
    const signedHeaders = { 'paypal-transmission-sig': 'a+b/c==', 'paypal-cert-url': 'https://api.paypal.com/v1/certs/CERT-1' };
    expect(metadataOf(signedHeaders).metadata).toEqual(signedHeaders);
  });

  it('encodes what a header of S3 cannot carry, so that it can be decoded', () => {
    const value = 'ü 100%\n😀';
    const { metadata } = metadataOf({ 'webhook-id': value });
    expect(metadata['webhook-id']).toMatch(/^[\x20-\x7e]+$/);
    expect(decodeURIComponent(metadata['webhook-id'] ?? '')).toBe(value);
  });

  it('leaves out a header that S3 would refuse the whole object for, and keeps the others', () => {
    const { metadata } = metadataOf({ 'stripe-signature': 'x'.repeat(3000), 'webhook-id': 'a' });
    expect(metadata).toEqual({ 'webhook-id': 'a' });
  });

  it('never has more than 2 KB of metadata', () => {
    const headers = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`header-${index}`, 'é'.repeat(60)]));
    const total = Object.entries(metadataOf(headers).metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    expect(total).toBeLessThanOrEqual(2048);
  });

  it.each([
    [{ 'content-type': 'application/json; charset=utf-8' }, 'application/json; charset=utf-8'],
    [{}, 'application/octet-stream'],
    [{ 'content-type': '' }, 'application/octet-stream'],
    [{ 'content-type': 'x'.repeat(257) }, 'application/octet-stream'],
    [{ 'content-type': 'text/é' }, 'application/octet-stream'],
  ])('has a content type that S3 takes for %j', (signedHeaders, contentType) => {
    expect(metadataOf(signedHeaders)).toMatchObject({ contentType, metadata: {} });
  });
});
