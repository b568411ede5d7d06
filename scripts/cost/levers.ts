import { estimate, totalOf, type Estimate } from './estimate';
import type { Prices } from './prices';
import type { StackQuantities } from './stack-quantities';

/** Something that would make the bill smaller. */
interface Lever {
  readonly what: string;
  /** What one gives up for it. */
  readonly butThen: string;
  readonly change: (stacks: StackQuantities) => StackQuantities;
}

export interface Saving {
  readonly what: string;
  readonly butThen: string;
  /** USD of this month. */
  readonly usd: number;
}

/** SQS, SNS, EventBridge, Secrets Manager and SSM, each in two zones. */
const endpointsInstead = 10;

const levers: readonly Lever[] = [
  {
    what: '`network.natGateways: 0`, with the interface endpoints that are needed then',
    butThen: "no way to PayPal's certificates; a negative saving means that the endpoints cost more",
    change: (stacks) => ({
      ...stacks,
      natGateways: 0,
      publicAddresses: 0,
      endpointZones: Math.max(stacks.endpointZones, endpointsInstead),
    }),
  },
  {
    what: '`network.natGateways: 1`',
    butThen: 'when its zone is down, so is everything behind it',
    change: (stacks) => ({ ...stacks, natGateways: Math.min(1, stacks.natGateways), publicAddresses: Math.min(1, stacks.publicAddresses) }),
  },
  {
    what: '`network.interfaceServices: []`',
    butThen: 'calls to AWS go through the NAT gateway',
    change: (stacks) => ({ ...stacks, endpointZones: 0 }),
  },
  {
    what: 'no `webAcl`',
    butThen: 'nothing slows an address down, and PCI DSS 6.4.2 has no answer',
    change: (stacks) => ({ ...stacks, webAcls: 0, webAclRules: 0 }),
  },
  {
    what: 'tracing off (`pipeline-function.ts`, `webhook-api.ts`)',
    butThen: 'no service map; the correlation id in log lines and events stays',
    change: (stacks) => ({
      ...stacks,
      isApiTraced: false,
      functions: stacks.functions.map((one) => ({ ...one, isTraced: false })),
    }),
  },
  {
    what: 'API execution log at ERROR (`webhook-api.ts`)',
    butThen: 'the access log still has a line per request',
    change: (stacks) => ({ ...stacks, hasExecutionLog: false }),
  },
  {
    what: '`logRetentionDays: 30`',
    butThen: 'PCI DSS 10.5.1 asks for twelve months of logs',
    change: (stacks) => ({ ...stacks, logRetentionDays: Math.min(30, stacks.logRetentionDays) }),
  },
];

/** What each lever would save, the largest first; those that are pulled already are left out. */
export function savingsOf(events: number, stacks: StackQuantities, prices: Prices): readonly Saving[] {
  const now = monthOf(estimate(events, stacks, prices));
  return levers
    .map(({ what, butThen, change }) => ({ what, butThen, usd: now - monthOf(estimate(events, change(stacks), prices)) }))
    .filter(({ usd }) => Math.abs(usd) >= 0.005)
    .sort((one, other) => other.usd - one.usd);
}

function monthOf({ variable, fixed }: Estimate): number {
  return totalOf(variable) + totalOf(fixed);
}
