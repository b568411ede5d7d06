import type { UnavailableReason } from '../domain/unavailable';
import { Unavailable } from '../domain/unavailable';

const networkErrors = /^(E(CONN\w+|PIPE|TIMEDOUT|HOST\w+|NET\w+|AI_AGAIN|NOTFOUND)|ENOTFOUND)$/;
const throttles = /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|SlowDown/;

/** True when the service was not reached, did not answer in time, throttled or failed on its side: the same call may work later. */
export function isTransient(error: unknown): boolean {
  const name = fieldOf(error, 'name');
  if (typeof name === 'string' && (name === 'TimeoutError' || throttles.test(name))) return true;
  const status = fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode');
  if (typeof status === 'number') return status >= 500 || status === 429;
  const code = fieldOf(error, 'code');
  return typeof code === 'string' && networkErrors.test(code);
}

/** The same error, or Unavailable around it where trying again later may help. */
export function asUnavailable(reason: UnavailableReason, error: unknown): unknown {
  return isTransient(error) ? new Unavailable(reason, { cause: error }) : error;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
