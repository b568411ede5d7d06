import type { SynthesizedStack } from '../local/synthesized-stacks';
import { estimate } from './estimate';
import { savingsOf } from './levers';
import { pricesOf } from './prices';
import type { Report } from './render';
import { stackQuantities } from './stack-quantities';

export interface ReportOptions {
  readonly events: number;
  readonly region: string;
  readonly environment: string;
}

/** The estimate for an environment's stacks. Throws an error that lists the known regions for another one. */
export function costReport(stacks: readonly SynthesizedStack[], { events, region, environment }: ReportOptions): Report {
  const prices = pricesOf(region);
  const quantities = stackQuantities(stacks);
  return {
    region,
    environment,
    estimate: estimate(events, quantities, prices),
    savings: savingsOf(events, quantities, prices),
    pricesOf: prices.date,
  };
}
