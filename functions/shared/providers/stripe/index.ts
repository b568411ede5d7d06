import type { Provider } from '../provider';
import { readSecret } from '../secret';
import { normalize } from './normalize';
import { createVerifier, secretSchema, signatureHeader } from './verify';

/** Stripe, snapshot and thin events. https://docs.stripe.com/webhooks */
export const stripe: Provider = {
  name: 'stripe',
  signedHeaders: [signatureHeader],
  listsEvents: true,
  verifierFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    return read.ok ? { ok: true, verifier: createVerifier(read.secret) } : read;
  },
  normalize,
};
