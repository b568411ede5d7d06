import { compareToMajorUnits } from './money';
import type { PaymentEvent } from './payment-event';

export const valueBands = ['high', 'standard', 'none'] as const;
export type ValueBand = (typeof valueBands)[number];

/** Amounts in major units, as exact decimal strings, by currency in upper case; `default` for every other currency. */
export type HighValueThresholds = Readonly<Record<string, string>> & { readonly default: string };

/**
 * `high` above the currency's threshold, `standard` at or below it, `none` where the event moves no money.
 * The threshold itself is still standard.
 */
export function valueBandOf(event: Pick<PaymentEvent, 'kind' | 'amountMinor' | 'currency'>, thresholds: HighValueThresholds): ValueBand {
  if (event.kind === 'other' || event.amountMinor === null || event.currency === null) return 'none';
  const threshold = thresholds[event.currency] ?? thresholds.default;
  const money = { minor: BigInt(event.amountMinor), currency: event.currency };
  return compareToMajorUnits(money, threshold) > 0 ? 'high' : 'standard';
}
