import { strict as assert } from 'node:assert';
import { aPaymentEvent, aProcessingMessage, aQueueEvent } from '../support/builders';
import { assertNothingLeaked, secretCanary, secrets } from './canaries';
import type { Pipeline } from './pipeline';
import type { Random } from './random';
import { aScheme, httpEventOf } from './signed-deliveries';
import { deepJson, hostileText, hostileValue, jsonObject, jsonText, mutated } from './values';
import type { Json } from './values';

/** Longer than any copy of a secret or of the settings is kept. */
const longEnoughMs = 6 * 60_000;

/** Something in the place of this JSON: another text, another shape, or with this in the place of a value. */
function somethingLike(random: Random, json: Json, planted: string): string {
  const kind = random.below(10);
  if (kind === 0) return `${planted} ${hostileText(random)}`;
  if (kind === 1) return random.chance(0.1) ? deepJson(random) : '';
  if (kind === 2) return jsonText(hostileValue(random));
  let value = json;
  for (let count = 1 + random.below(3); count > 0; count -= 1) value = mutated(random, value);
  const text = jsonText(value);
  return random.chance(0.3) ? text.slice(0, random.below(text.length + 1)) : text;
}

/** Any text for a provider's secret: 503 that says nothing, and 401 where it happens to be one. */
export async function providerSecret(pipeline: Pipeline, random: Random): Promise<string> {
  const { aws } = pipeline;
  const scheme = aScheme(random);
  const rightful = aws.secrets.get(scheme.provider) ?? '{}';
  pipeline.wait(longEnoughMs);
  aws.secrets.set(scheme.provider, somethingLike(random, jsonObject(rightful), secretCanary));
  try {
    const { headers } = scheme.sign(Buffer.from('{}'), pipeline.now, false, random);
    const event = httpEventOf(random, headers, Buffer.from('{}'), { provider: scheme.provider });
    const response = await pipeline.handlers.receiver(event, { awsRequestId: 'request-1' });
    assert.ok(response.statusCode === 503 || response.statusCode === 401, `answered ${response.statusCode}`);
    if (response.statusCode === 503) assert.equal(response.headers['retry-after'], '30');
    const output = pipeline.drain();
    if (response.statusCode === 503)
      assert.ok(
        output.some((line) => /"reason":"secret_(invalid|missing)"/.test(line)),
        'no reason in the log',
      );
    assertNothingLeaked('the log', output);
    assertNothingLeaked('the answer', [response.body]);
    assert.equal(aws.rows.size, 0);
    return String(response.statusCode);
  } finally {
    pipeline.restoreSecrets();
    pipeline.wait(longEnoughMs);
  }
}

const parameter = { maxRetries: 3, timeoutMs: 30_000, highValueThresholds: { default: '10000', JPY: '1500000', USD: '99999999999.99' } };

/** Any text for the parameter: everything is published by it, or nothing is and everything comes again. */
export async function settings(pipeline: Pipeline, random: Random): Promise<string> {
  const { aws } = pipeline;
  const rightful = aws.parameter;
  pipeline.wait(longEnoughMs);
  const long = '9'.repeat(random.below(32)) + random.pick(['', `.${'9'.repeat(1 + random.below(11))}`]);
  aws.parameter = random.chance(0.2)
    ? JSON.stringify({ ...parameter, highValueThresholds: { default: long } })
    : somethingLike(random, parameter, secretCanary);
  try {
    const event = aPaymentEvent();
    aws.rows.set(`${event.paymentId} event#${event.eventId}`, {});
    const response = await pipeline.handlers.processor(aQueueEvent(aProcessingMessage(), aProcessingMessage()));
    const output = pipeline.drain();
    assertNothingLeaked('the log', output, secrets);
    const valid = !output.some((line) => line.includes('are not valid'));
    assert.equal(aws.entries.length, valid ? 2 : 0, output.join(''));
    assert.equal(response.batchItemFailures.length, valid ? 0 : 2, output.join(''));
    return valid ? 'valid' : 'not valid';
  } finally {
    aws.parameter = rightful;
    pipeline.wait(longEnoughMs);
  }
}
