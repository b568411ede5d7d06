import type { Provider } from '../provider';
import { readSecret } from '../secret';
import { normalize } from './normalize';
import { createVerifier, secretSchema, signatureHeader } from './verify';

/** Square. https://developer.squareup.com/docs/webhooks/overview */
export const square: Provider = {
  name: 'square',
  signedHeaders: [signatureHeader],
  listsEvents: true,
  verifierFrom(secretJson) {
    const read = readSecret(secretSchema, secretJson);
    return read.ok ? { ok: true, verifier: createVerifier(read.secret) } : read;
  },
  normalize,
};
