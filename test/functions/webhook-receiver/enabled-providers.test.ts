import { describe, expect, it } from '@jest/globals';
import { enabledProviders } from '../../../functions/webhook-receiver/enabled-providers';
import { providers } from '../../support/schemes';

describe('enabledProviders', () => {
  it('keeps those that are named', () => {
    expect([...enabledProviders(providers, ['square', 'stripe']).keys()].sort()).toEqual(['square', 'stripe']);
  });

  it('names what nobody knows, and what is known', () => {
    expect(() => enabledProviders(providers, ['stripe', 'strpe'])).toThrow(
      'ENABLED_PROVIDERS: unknown strpe; known are stripe, paypal, square, generic',
    );
  });
});
