import { genericSamples } from './generic';
import { paypalSamples } from './paypal';
import type { Catalogue, Sample } from './sample';
import { squareSamples } from './square';
import { stripeSamples } from './stripe';

/** Senders that `npm run send` can play. `standard-webhooks` posts to the generic provider with the Standard Webhooks headers. */
export const senders = ['stripe', 'paypal', 'square', 'generic', 'standard-webhooks'] as const;
export type Sender = (typeof senders)[number];

export const catalogues: Readonly<Record<Sender, Catalogue>> = {
  stripe: stripeSamples,
  paypal: paypalSamples,
  square: squareSamples,
  generic: genericSamples,
  'standard-webhooks': genericSamples,
};

export function isSender(name: string): name is Sender {
  return senders.some((sender) => sender === name);
}

/** The sample by its name, in any case. Throws an error that lists the names. */
export function findSample(sender: Sender, name: string): Sample {
  const entries = Object.entries(catalogues[sender]);
  const found = entries.find(([candidate]) => candidate.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`${sender} has no event "${name}"; there are: ${entries.map(([known]) => known).join(', ')}`);
  return found[1];
}

/** The text that the provider would send: Stripe indents, the others do not. */
export function bodyText(sender: Sender, body: unknown): string {
  return sender === 'stripe' ? JSON.stringify(body, null, 2) : JSON.stringify(body);
}
