import ranges from './trusted-provider-ranges.json';

/** Addresses that a provider sends its webhooks from. An address that is missing here is rate limited and inspected, not refused. */
export interface TrustedRange {
  /** The path that these addresses are trusted on, and no other: `/webhook/<provider>`. */
  readonly provider: string;
  /** Where the list comes from. */
  readonly source: string;
  /** `list`: programs can read the source, and `npm run ops -- providers sync-ranges` does; `page`: people have to. */
  readonly published: string;
  /** When it was last found to differ from its source, and changed. Providers announce changes: Stripe a week ahead. */
  readonly date: string;
  readonly cidrs: readonly string[];
}

export type TrustedRangeName = keyof typeof ranges;

/**
 * By the name that an environment's `trustedRanges` uses; the data is in trusted-provider-ranges.json. PayPal is not there: it publishes
 * no list for its webhooks, and the few addresses it was seen on would grow stale unnoticed. Square names its addresses in prose only:
 * compare again before an environment goes live.
 */
export const trustedProviderRanges: Readonly<Record<TrustedRangeName, TrustedRange>> = ranges;
