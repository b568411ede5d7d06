import { exponentOf } from '../../domain/iso-4217';
import { moneyFromInteger } from '../../domain/money';
import type { MoneyReading } from '../../domain/money';

/**
 * Currencies whose integers Stripe sends with another number of decimals than ISO 4217 has.
 * MGA has two decimals in ISO and none at Stripe; ISK and UGX have none in ISO and are sent with two (ISK 5 is 500).
 * HUF and TWD are not here: Stripe calls them zero-decimal for payouts, but means that a payout must be a multiple of 100, and HUF 10 is
 * still 1000. https://docs.stripe.com/currencies#special-cases
 */
const sentExponents: ReadonlyMap<string, number> = new Map([
  ['MGA', 0],
  ['ISK', 2],
  ['UGX', 2],
]);

/** Reads Stripe's integer and lower-case currency. */
export function moneyOf(amount: unknown, currency: unknown): MoneyReading {
  return moneyFromInteger(amount, currency, (code) => sentExponents.get(code) ?? exponentOf(code));
}
