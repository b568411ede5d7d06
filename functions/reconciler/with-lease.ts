import type { Clock, ReconcileLedger, ReconcileProgress } from '../shared/domain/ports';

/** What a lease takes: whose it is, and until when (milliseconds since the epoch), past the longest that the run can last. */
export interface LeaseDependencies {
  readonly ledger: ReconcileLedger;
  readonly clock: Clock;
  /** Id of the run. */
  readonly correlationId: string;
  readonly leaseUntilMs: number;
}

/** Does the work while no other run does the same; `busy` where one does. */
export async function withLease<T>(
  { ledger, clock, correlationId: owner, leaseUntilMs }: LeaseDependencies,
  name: string,
  work: (progress: ReconcileProgress) => Promise<T>,
): Promise<T | { readonly outcome: 'busy' }> {
  const progress = await ledger.acquire(name, owner, clock(), leaseUntilMs);
  if (progress === undefined) return { outcome: 'busy' };
  try {
    return await work(progress);
  } finally {
    // One that cannot be given back runs out by itself, and must not hide why the work failed.
    await ledger.release(name, owner).catch(() => undefined);
  }
}
