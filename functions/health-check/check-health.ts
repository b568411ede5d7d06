import type { Clock, HealthProbe } from '../shared/domain/ports';
import type { Log } from '../shared/runtime/log';

export interface HealthDependencies {
  readonly probes: readonly HealthProbe[];
  readonly clock: Clock;
  /** Milliseconds after which a probe counts as failed. */
  readonly timeoutMs: number;
  readonly log: Log;
}

export interface Health {
  readonly status: 'ok' | 'unavailable';
}

const cachedForMs = 10_000;

/**
 * Says whether the pipeline can take webhooks; asks its dependencies at most once in ten seconds, whatever the answer was, and
 * once for all who ask at the same time. What failed is in the log only.
 */
export function healthCheck(deps: HealthDependencies): () => Promise<Health> {
  let latest: { readonly health: Promise<Health>; readonly at: number } | undefined;
  return () => {
    const now = deps.clock();
    if (latest === undefined || now - latest.at >= cachedForMs) latest = { health: ask(deps), at: now };
    return latest.health;
  };
}

async function ask({ probes, timeoutMs, log }: HealthDependencies): Promise<Health> {
  const failures = await Promise.all(probes.map((probe) => failureOf(probe, timeoutMs)));
  const failed = failures.filter((failure) => failure !== undefined);
  for (const failure of failed) log.error('dependency unavailable', failure);
  return { status: failed.length === 0 ? 'ok' : 'unavailable' };
}

async function failureOf(probe: HealthProbe, timeoutMs: number): Promise<{ dependency: string; error: unknown } | undefined> {
  return withTimeout(probe, timeoutMs).then(
    () => undefined,
    (error: unknown) => ({ dependency: probe.name, error }),
  );
}

async function withTimeout(probe: HealthProbe, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    await Promise.race([probe.check(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
