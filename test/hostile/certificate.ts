import { strict as assert } from 'node:assert';
import { X509Certificate } from 'node:crypto';
import { paypalChain, signPaypal } from '../support/signers';
import { assertNothingLeaked, secrets } from './canaries';
import { certificateHost, genuineCertificate } from './environment';
import { paypalWebhookId } from './pipeline';
import type { Pipeline } from './pipeline';
import type { Random } from './random';
import { hostileText } from './values';
import { httpEventOf } from './signed-deliveries';

const body = Buffer.from('{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C-1"}}');
const blocks = genuineCertificate.body.toString('latin1').match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
const [leafBlock = ''] = blocks;
const genuineLeaf = new X509Certificate(leafBlock).raw;

/** Anything in the place of PayPal's certificate: what is signed with the real key is accepted with the real certificate alone. */
export async function certificate(pipeline: Pipeline, random: Random): Promise<string> {
  const path = `/v1/notifications/certs/CERT-${random.below(2 ** 31)}`;
  const served = servedFor(random);
  certificateHost.set(path, served);
  try {
    const certificateUrl = `https://api.sandbox.paypal.com${path}`;
    const { headers } = signPaypal(body, pipeline.now, { webhookId: paypalWebhookId, leaf: paypalChain().leaf, certificateUrl });
    const response = await pipeline.handlers.receiver(httpEventOf(random, headers, body, { provider: 'paypal' }), {
      awsRequestId: 'request-1',
    });
    assert.ok([200, 401, 503].includes(response.statusCode), `answered ${response.statusCode}: ${pipeline.drain().join('')}`);
    assert.ok(pipeline.certificateRequests.length <= 1, 'the certificate was asked for more than once');
    assertNothingLeaked('the log', pipeline.drain(), secrets);
    if (response.statusCode === 200) assertGenuine(served.body);
    else assert.equal(pipeline.aws.rows.size, 0);
    return String(response.statusCode);
  } finally {
    certificateHost.delete(path);
  }
}

function assertGenuine(served: Buffer): void {
  const [first = ''] = served.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/) ?? [];
  assert.ok(new X509Certificate(first).raw.equals(genuineLeaf), 'accepted with another certificate');
}

function servedFor(random: Random): { readonly status: number; readonly body: Buffer } {
  const status = random.chance(0.9) ? 200 : random.pick([204, 301, 302, 400, 403, 404, 410, 429, 500, 503]);
  return { status, body: Buffer.from(bytesFor(random)) };
}

function bytesFor(random: Random): string {
  const kind = random.below(12);
  if (kind === 0) return hostileText(random);
  if (kind === 1) return `<html>${blocks.join('')}</html>`.slice(random.below(2000));
  if (kind === 2) return pemOf(random.bytes(random.below(1500)));
  if (kind === 3) return '-----BEGIN CERTIFICATE-----\n'.repeat(random.below(1100)) + blocks.join('\n');
  if (kind === 4) return random.times(random.below(30), () => random.pick(blocks)).join('\n');
  if (kind === 5) return blocks.join('\n').padEnd(random.pick([32_767, 32_768, 32_769, 70_000]), '\n');
  if (kind === 6) return genuineCertificate.body.toString('latin1');
  return blocks.map((block) => (random.chance(0.7) ? withBytesChanged(random, block) : block)).join('\n');
}

/** Another certificate of nearly the same DER: a byte of another value, missing, or there twice. */
function withBytesChanged(random: Random, block: string): string {
  const der = Buffer.from(block.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = random.below(der.length);
  const change = random.below(6);
  if (change === 0) return pemOf(Buffer.concat([der.subarray(0, at), der.subarray(at + 1)]));
  if (change === 1) return pemOf(Buffer.concat([der.subarray(0, at), random.bytes(4), der.subarray(at)]));
  if (change === 2) return pemOf(der.subarray(0, at));
  const changed = Buffer.from(der);
  changed.writeUInt8(random.below(256), at);
  return pemOf(changed);
}

function pemOf(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----`;
}
