import * as v from 'valibot';
import { isLoopback } from '../shared/domain/loopback';

/** What the local run needs to sign PayPal webhooks itself: a root of its own, and where its certificates are. */
export interface PaypalLocalTrust {
  readonly rootPem: string;
  /** Origin that stands in for PayPal's when a certificate is fetched; always loopback. */
  readonly certificateOrigin: string;
}

const schema = v.object({ rootPem: v.string(), certificateOrigin: v.string() });

/**
 * PAYPAL_LOCAL_TRUST, when it is set. Throws unless this process is a local run beyond doubt: both the certificates and AWS itself
 * (AWS_ENDPOINT_URL) are on the loopback interface.
 */
export function paypalLocalTrust(environment: Readonly<Record<string, string | undefined>>): PaypalLocalTrust | undefined {
  const json = environment['PAYPAL_LOCAL_TRUST'];
  if (json === undefined) return undefined;
  const trust = v.safeParse(schema, jsonOf(json));
  if (!trust.success) throw new Error('PAYPAL_LOCAL_TRUST must be JSON with rootPem and certificateOrigin');
  if (!isLoopback(trust.output.certificateOrigin)) throw new Error('PAYPAL_LOCAL_TRUST: certificateOrigin must be a loopback address');
  if (!isLoopback(environment['AWS_ENDPOINT_URL']))
    throw new Error('PAYPAL_LOCAL_TRUST is for the local run: AWS_ENDPOINT_URL is no loopback address');
  return trust.output;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
