import { TokenBucket } from '../../token-bucket';
import type { Clock } from '../clock';
import type { ApiDestination } from './connections';
import type { BusEvent } from './event';
import type { Failure } from './failure';

/** EventBridge waits no longer for an endpoint. */
const timeoutMs = 5000;

/** Answers that a later try may better; every 5xx is another. */
const retriable = [401, 407, 409, 429];

/** Posts an event; undefined once the endpoint answered 2xx. Never throws. */
export async function post({ url, method, connection }: ApiDestination, event: BusEvent): Promise<Failure | undefined> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Amazon/EventBridge/ApiDestinations',
        [connection.header]: connection.value,
        ...(event.traceHeader === undefined ? {} : { 'x-amzn-trace-id': event.traceHeader }),
      },
      body: event.text,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.ok ? undefined : refusal(response);
  } catch (error) {
    const slow = error instanceof Error && error.name === 'TimeoutError';
    const why = slow ? 'The endpoint did not answer within 5 seconds' : 'The endpoint cannot be reached';
    return { code: 'SDK_CLIENT_ERROR', message: `Unable to invoke ApiDestination endpoint: ${why}`, isRetriable: true };
  }
}

function refusal({ status, headers }: Response): Failure {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return {
    code: 'SDK_CLIENT_ERROR',
    message: `Unable to invoke ApiDestination endpoint: The request failed with status code ${status}`,
    isRetriable: retriable.includes(status) || status >= 500,
    ...(Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  };
}

/** The rate limits of destinations: what is over waits its turn and is no failed try. */
export function createRateLimits(clock: Clock): { whenAllowed(destination: ApiDestination, send: () => void): void } {
  const buckets = new Map<string, TokenBucket>();
  const whenAllowed = (destination: ApiDestination, send: () => void): void => {
    const { arn, ratePerSecond } = destination;
    const bucket = buckets.get(arn) ?? new TokenBucket({ rate: ratePerSecond, burst: ratePerSecond }, () => clock.now());
    buckets.set(arn, bucket);
    if (bucket.take()) send();
    else {
      clock.schedule(Math.ceil(1000 / ratePerSecond), () => {
        whenAllowed(destination, send);
      });
    }
  };
  return { whenAllowed };
}
