import { strict as assert } from 'node:assert';
import { kinds } from '../../functions/shared/domain/payment-event';
import type { PaymentEvent } from '../../functions/shared/domain/payment-event';
import { signatureRejections } from '../../functions/shared/domain/webhook';
import type { WebhookRequest } from '../../functions/shared/domain/webhook';
import type { Verifier } from '../../functions/shared/providers/provider';
import { paypalChain } from '../support/signers';
import { providers, verifierOf } from '../support/schemes';
import { hostileBody, mutatedBytes } from './bodies';
import { assertNothingLeaked } from './canaries';
import type { Pipeline } from './pipeline';
import { secrets } from './pipeline';
import type { Random } from './random';
import { aScheme, forgedHeaders } from './signed-deliveries';
import type { Scheme } from './signed-deliveries';

const receivedAt = '2026-11-23T10:00:00.000Z';
const maxEventBytes = 16_000;
const maxDedupeIdBytes = 300;
const verifiers = new Map(Object.entries(secrets).map(([provider, secret]) => [provider, verifierOf(provider, secret)]));
const certificatePem = paypalChain().pem;

/**
 * Verification and normalization alone, without a handler around them: ten times as many cases in the same time.
 * What was signed is accepted, nothing else is; and any body becomes one bounded event, or a reason.
 */
export function adapters({ now }: Pipeline, random: Random): Promise<string> {
  const scheme = aScheme(random);
  const body = random.chance(0.01) ? hostileBody(random, scheme.provider) : mutatedBytes(random, scheme.provider);
  const verifier = verifiers.get(scheme.provider);
  assert.ok(verifier !== undefined);
  if (random.chance(0.6)) return Promise.resolve(refusal(verifier, forgery(scheme, body, now, random), now));
  const request = scheme.sign(body, now, true, random);
  assert.deepEqual(verifier.verify(request, now, certificatePem), { ok: true }, 'a genuine webhook was refused');
  return Promise.resolve(reading(scheme.provider, request));
}

type Fault = 'key' | 'body' | 'cut' | 'header missing' | 'headers of anything' | 'stale' | 'early';
const faults: readonly Fault[] = ['key', 'body', 'cut', 'header missing', 'headers of anything', 'stale', 'early'];
const fiveDaysMs = 5 * 24 * 3_600_000;

function forgery(scheme: Scheme, body: Buffer, now: number, random: Random): WebhookRequest {
  const fault = random.pick(scheme.timed ? faults : faults.slice(0, 5));
  const shift = fault === 'stale' ? -fiveDaysMs : fault === 'early' ? fiveDaysMs : 0;
  const { headers } = scheme.sign(body, now + shift, fault !== 'key', random);
  const missing = random.pick(scheme.signatureHeaders);
  switch (fault) {
    case 'key':
    case 'stale':
    case 'early':
      return { headers, body };
    case 'body':
      return { headers, body: withOneBitChanged(body, random) };
    case 'cut':
      return { headers, body: body.byteLength === 0 ? Buffer.from(' ') : body.subarray(0, -1) };
    case 'header missing':
      return { headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== missing)), body };
    case 'headers of anything':
      return { headers: asReceived(forgedHeaders(random)), body };
  }
}

function withOneBitChanged(body: Buffer, random: Random): Buffer {
  if (body.byteLength === 0) return Buffer.from('x');
  const changed = Buffer.from(body);
  const at = random.below(changed.byteLength);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  return changed;
}

/** As the HTTP edge hands headers over: names in lower case, values that are texts. */
function asReceived(headers: Readonly<Record<string, readonly (string | null)[]>>): WebhookRequest['headers'] {
  const entries = Object.entries(headers).map(([name, values]) => [name.toLowerCase(), values.filter((value) => value !== null)] as const);
  return Object.fromEntries(entries);
}

function refusal(verifier: Verifier, request: WebhookRequest, now: number): string {
  const url = verifier.certificateUrl?.(request, now);
  if (url?.ok === false) return closed(url.reason);
  const verdict = verifier.verify(request, now, certificatePem);
  assert.ok(!verdict.ok, 'what was not signed was accepted');
  return closed(verdict.reason);
}

function closed(reason: string): string {
  assert.ok(
    signatureRejections.some((known) => known === reason),
    `${reason} is no reason`,
  );
  return reason;
}

function reading(providerName: string, request: WebhookRequest): string {
  const result = providers.get(providerName)?.normalize(request, receivedAt);
  if (result?.ok !== true) {
    assert.ok(result !== undefined);
    assertNothingLeaked('a reason', [JSON.stringify(result.unreadable)]);
    return result.unreadable.reason;
  }
  const { event, dedupeId } = result.normalized;
  assertBounded(event);
  assert.ok(Buffer.byteLength(dedupeId) <= maxDedupeIdBytes, 'a dedupe id over its bound');
  assertNothingLeaked('the event', [JSON.stringify(event), dedupeId]);
  return 'read';
}

function assertBounded(event: PaymentEvent): void {
  const { kind, amountMinor, currency, amount, occurredAt } = event;
  const text = JSON.stringify(event);
  assert.ok(kinds.includes(kind), `${kind} is no kind`);
  assert.ok(Buffer.byteLength(text) <= maxEventBytes, 'an event over its bound');
  assert.ok(Buffer.from(text, 'utf8').toString('utf8') === text, 'a text that is not Unicode');
  assert.match(occurredAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const parts = [amountMinor, currency, amount].filter((part) => part === null).length;
  assert.ok(parts === 0 || parts === 3, 'half of an amount');
  assert.ok(amountMinor === null || Number.isSafeInteger(amountMinor), 'an amount that is no whole number');
}
