import type { Provider } from '../provider';
import { readSecret } from '../secret';
import { normalize } from './normalize';
import { ownHeader, standardHeaders } from './scheme';
import { createVerifier, secretSchema } from './verify';

/** Any sender that signs with an HMAC of the body or after Standard Webhooks. */
export const generic: Provider = {
  name: 'generic',
  signedHeaders: [ownHeader, ...Object.values(standardHeaders)],
  listsEvents: false,
  verifierFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    return read.ok ? { ok: true, verifier: createVerifier(read.secret) } : read;
  },
  normalize,
};
