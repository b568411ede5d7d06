import { createProviders } from '../../../functions/shared/providers';
import { eventsApis } from '../../../functions/shared/providers/events-apis';
import { httpsProviderApi } from '../../../functions/reconciler/https-provider-api';
import { runByHand, runScheduled } from '../../../functions/reconciler/run-reconciler';
import type { ProviderOutcome, RunDependencies } from '../../../functions/reconciler/run-reconciler';
import type { ByHand } from '../../../functions/reconciler/schema';
import type { SweepOutcome } from '../../../functions/reconciler/sweep-pending';
import type { World } from '../../support/fakes';
import { keys, type ProviderApis } from '../../support/provider-apis';
import { genericSecret } from '../../support/receiving';

export const minute = 60_000;
export const reconciled = ['stripe', 'paypal', 'square'] as const;

/** The providers' secrets, with API keys. */
export const secrets: Readonly<Record<string, object>> = {
  stripe: { signingSecrets: ['whsec_x'], ...keys.stripe },
  paypal: { webhookIds: ['WEBHOOK_ONE'], environment: 'sandbox', ...keys.paypal },
  square: { subscriptions: [{ signatureKey: 'k', notificationUrl: 'https://x' }], ...keys.square },
};

export function setSecrets(world: World, values: Readonly<Record<string, object>> = secrets): void {
  world.secretTexts.set('generic', genericSecret);
  for (const [provider, secret] of Object.entries(values)) world.secretTexts.set(provider, JSON.stringify(secret));
}

let runs = 0;

/** What one run has, over the ports of a world and the providers' real requests to a loopback. */
export function runOver(world: World, apis: ProviderApis, overrides: Partial<RunDependencies> = {}): RunDependencies {
  runs += 1;
  const { store, index, archive, pending, queue, clock, log } = world;
  return {
    store,
    index,
    archive,
    pending,
    queue,
    log,
    clock,
    ledger: world.reconcileLedger,
    secrets: world.secrets,
    api: httpsProviderApi({ originOverride: apis.origin }),
    providers: createProviders(),
    apis: eventsApis,
    types: {},
    retentionDays: 90,
    correlationId: `run-${runs}`,
    pause: (milliseconds) => {
      world.now += milliseconds;
      return Promise.resolve();
    },
    deadlineMs: world.now + 210_000,
    leaseUntilMs: world.now + 301_000,
    ...overrides,
  };
}

/** One run of the schedule, and what it told. */
export async function scheduled(deps: RunDependencies) {
  const outcomes: Record<string, ProviderOutcome[]> = {};
  const swept: SweepOutcome[] = [];
  await runScheduled(deps, {
    swept: (outcome) => swept.push(outcome),
    reconciled: (provider, outcome) => (outcomes[provider] ??= []).push(outcome),
  });
  return { outcomes, swept };
}

export function byHand(deps: RunDependencies, wanted: Partial<ByHand> & { readonly provider: string }): Promise<ProviderOutcome> {
  const now = deps.clock();
  return runByHand(deps, { since: now - 60 * minute, until: now, dryRun: false, ...wanted });
}
