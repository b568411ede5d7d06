import type { EventStore, SecretReader } from '../shared/domain/ports';
import { recoveredFromAgeMs } from '../shared/domain/recovered';
import type { EventsApi } from '../shared/providers/events-api';
import type { Provider } from '../shared/providers/provider';
import { expectedTypes } from './expected-types';
import { noTally, oldestComparableMs, reconcilePages, reconcileProvider } from './reconcile-provider';
import type { Asking, ReconcileDependencies, ReconcileOutcome } from './reconcile-provider';
import type { ByHand } from './schema';
import { sweepPending } from './sweep-pending';
import type { SweepDependencies, SweepOutcome } from './sweep-pending';
import { withLease } from './with-lease';

export interface RunDependencies extends ReconcileDependencies, SweepDependencies {
  readonly store: Pick<EventStore, 'put' | 'get'>;
  readonly secrets: SecretReader;
  /** The enabled providers, by name. */
  readonly providers: ReadonlyMap<string, Provider>;
  readonly apis: ReadonlyMap<string, EventsApi>;
  /** Event types that webhooks are expected of, by provider; a provider that is not named has the default. */
  readonly types: Readonly<Record<string, readonly string[]>>;
}

export type ProviderOutcome =
  | ReconcileOutcome
  /** No API key is set. */
  | { readonly outcome: 'off' }
  /** Somebody asked for what cannot be done. */
  | { readonly outcome: 'refused'; readonly detail: string };

/** What a run tells its caller of, as it happens. */
export interface RunReports {
  readonly swept: (outcome: SweepOutcome) => void;
  readonly reconciled: (provider: string, outcome: ProviderOutcome, dryRun?: boolean) => void;
}

/** Everything that the schedule asks for: what is stuck first, then what never came, one provider after the other. */
export async function runScheduled(deps: RunDependencies, reports: RunReports): Promise<void> {
  reports.swept(await sweepPending(deps));
  for (const api of deps.apis.values()) {
    const provider = deps.providers.get(api.provider);
    if (provider === undefined) continue;
    const asking = await askingOf(deps, provider, api, false);
    const outcomes = 'outcome' in asking ? [asking] : await reconcileProvider(deps, asking);
    for (const outcome of outcomes) reports.reconciled(provider.name, outcome);
  }
}

/** A window of one provider that a person asks for; the checkpoint of the schedule stays where it is. */
export async function runByHand(deps: RunDependencies, wanted: ByHand): Promise<ProviderOutcome> {
  const provider = deps.providers.get(wanted.provider);
  const api = deps.apis.get(wanted.provider);
  if (provider === undefined || api === undefined) return refusal(`${wanted.provider} is not enabled here, or has no list of past events`);
  const oldest = oldestComparableMs(api, deps.retentionDays, deps.clock());
  const window = { fromMs: wanted.since, untilMs: Math.min(wanted.until, deps.clock() - recoveredFromAgeMs) };
  if (window.fromMs < oldest) return refusal(`events before ${new Date(oldest).toISOString()} cannot be compared any more`);
  if (window.fromMs >= window.untilMs) return refusal('there is nothing between since and until that is older than five minutes');
  const asking = await askingOf(deps, provider, api, wanted.dryRun);
  if ('outcome' in asking) return asking;
  if (wanted.dryRun) return reconcilePages(deps, asking, window, wanted.cursor);
  return withLease(deps, provider.name, () => reconcilePages(deps, asking, window, wanted.cursor));
}

/** The provider with its list, or why it is not asked. */
async function askingOf(
  { secrets, types }: RunDependencies,
  provider: Provider,
  api: EventsApi,
  dryRun: boolean,
): Promise<Asking | ProviderOutcome> {
  const secretJson = await secrets.read(provider.name);
  if (secretJson === undefined) return { outcome: 'off' };
  const read = api.listFrom(secretJson);
  if (!read.ok) return { outcome: 'failed', failure: { reason: 'secret_invalid', detail: read.problem }, tally: noTally };
  if (read.list === undefined) return { outcome: 'off' };
  return { provider, api, list: read.list, settings: { dryRun, isExpected: expectedTypes(types[provider.name]) } };
}

function refusal(detail: string): ProviderOutcome {
  return { outcome: 'refused', detail };
}
