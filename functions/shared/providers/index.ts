import { generic } from './generic';
import { createPaypalProvider } from './paypal';
import type { PaypalLocalTrust } from './paypal';
import type { Provider } from './provider';
import { square } from './square';
import { stripe } from './stripe';

/** Every provider that this pipeline knows, as it is written in paths and secret names. */
export const providerNames = ['stripe', 'paypal', 'square', 'generic'] as const;

/** The registry: one adapter per name. `paypalLocalTrust` adds a development root to PayPal's pinned roots, for the local run alone. */
export function createProviders(options: { readonly paypalLocalTrust?: PaypalLocalTrust } = {}): ReadonlyMap<string, Provider> {
  const adapters: Readonly<Record<(typeof providerNames)[number], Provider>> = {
    stripe,
    paypal: createPaypalProvider(options.paypalLocalTrust),
    square,
    generic,
  };
  return new Map(providerNames.map((name) => [name, adapters[name]]));
}
