/** What the environment allows for one AWS call. */
export interface CallPolicy {
  readonly maxRetries: number;
  readonly timeoutMs: number;
}

/** What a function has time for. */
export interface CallBudget {
  /** Milliseconds that all its calls may take together. */
  readonly totalMs: number;
  /** How many calls it makes one after the other, at most. */
  readonly sequentialCalls: number;
}

/** A new TLS connection and a call that needs the key fit into this, also on a bad day. */
const shortestTimeoutMs = 800;

/**
 * How many attempts a call gets and how long each may take, so that all of them, with the pauses between, end within the budget.
 * Gives up attempts before it makes them too short to succeed.
 */
export function callLimits({ maxRetries, timeoutMs }: CallPolicy, budget: CallBudget): { attempts: number; requestTimeoutMs: number } {
  const perCall = budget.totalMs / budget.sequentialCalls;
  for (let attempts = maxRetries + 1; attempts > 1; attempts -= 1) {
    const requestTimeoutMs = Math.floor((perCall - longestPauses(attempts)) / attempts);
    if (requestTimeoutMs >= shortestTimeoutMs) return { attempts, requestTimeoutMs: Math.min(requestTimeoutMs, timeoutMs) };
  }
  return { attempts: 1, requestTimeoutMs: Math.min(Math.floor(perCall), timeoutMs) };
}

/** The SDK waits up to 100 ms before the second attempt, and up to twice as long before each further one. */
function longestPauses(attempts: number): number {
  return 100 * (2 ** (attempts - 1) - 1);
}
