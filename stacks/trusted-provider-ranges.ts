/** Addresses that a provider sends its webhooks from. An address that is missing here is rate limited and inspected, not refused. */
export interface TrustedRange {
  /** The path that these addresses are trusted on, and no other: `/webhook/<provider>`. */
  readonly provider: string;
  /** Where the list comes from. */
  readonly source: string;
  /** When it was last compared with its source. Providers announce changes: Stripe a week ahead. */
  readonly date: string;
  readonly cidrs: readonly string[];
}

/**
 * By the name that an environment's `trustedRanges` uses. PayPal is not here: it publishes no list for its webhooks,
 * and the few addresses it was seen on would grow stale unnoticed.
 */
export const trustedProviderRanges = {
  stripe: {
    provider: 'stripe',
    source: 'https://stripe.com/files/ips/ips_webhooks.txt',
    date: '2026-05-05',
    cidrs: [
      '3.18.12.63/32',
      '3.69.109.8/32',
      '3.120.168.93/32',
      '3.130.192.231/32',
      '13.235.14.237/32',
      '13.235.122.149/32',
      '18.211.135.69/32',
      '35.154.171.200/32',
      '35.157.207.129/32',
      '52.15.183.38/32',
      '54.88.130.119/32',
      '54.88.130.237/32',
      '54.187.174.169/32',
      '54.187.205.235/32',
      '54.187.216.72/32',
    ],
  },
  // Square names its addresses in its forum only: compare again before an environment goes live.
  square: {
    provider: 'square',
    source: 'https://developer.squareup.com/forums/t/2075',
    date: '2026-11',
    cidrs: ['34.202.99.168/32', '54.245.1.154/32'],
  },
  'square-sandbox': {
    provider: 'square',
    source: 'https://developer.squareup.com/forums/t/2075',
    date: '2026-11',
    cidrs: ['54.212.177.79/32', '107.20.218.8/32'],
  },
} as const satisfies Record<string, TrustedRange>;

export type TrustedRangeName = keyof typeof trustedProviderRanges;
