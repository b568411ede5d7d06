import type { Provider } from '../provider';
import { readSecret } from '../secret';
import { normalize } from './normalize';
import { createVerifier, secretSchema, signedHeaders } from './verify';

/** A root that development certificates chain to. It is trusted beside the pinned roots; no stack can set it. */
export interface PaypalLocalTrust {
  readonly rootPem: string;
}

/** PayPal. Throws when the root of `localTrust` is no certificate. https://developer.paypal.com/api/rest/webhooks/ */
export function createPaypalProvider(localTrust?: PaypalLocalTrust): Provider {
  const extraRoots = localTrust === undefined ? [] : [localTrust.rootPem];
  return {
    name: 'paypal',
    signedHeaders,
    listsEvents: true,
    verifierFrom(secretJson) {
      const read = readSecret(secretSchema(extraRoots), secretJson);
      return read.ok ? { ok: true, verifier: createVerifier(read.secret, extraRoots) } : read;
    },
    normalize,
  };
}
