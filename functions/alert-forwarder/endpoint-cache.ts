import { alertEndpointsFrom, alertEndpointsSecret, type AlertEndpoints } from '../shared/domain/alert-endpoints';
import type { Clock, SecretReader } from '../shared/domain/ports';
import { Unavailable } from '../shared/domain/unavailable';

const cachedForMs = 5 * 60_000;

/** A refused post reads the secret again at most this often. */
const rereadAfterMs = 30_000;

export interface EndpointSource {
  /** The endpoints, at most 5 minutes old. Throws Unavailable where the secret is missing, invalid or unreadable. */
  current(): Promise<AlertEndpoints>;
  /** An endpoint refused a message: the next `current` reads the secret again, unless it was read within the last 30 seconds. */
  doubt(): void;
}

/** Keeps the endpoints; concurrent readers share one read. */
export function endpointCache(secrets: SecretReader, clock: Clock, options: { readonly local: boolean }): EndpointSource {
  let copy: { readonly endpoints: AlertEndpoints; readonly readAt: number } | undefined;
  let reading: Promise<AlertEndpoints> | undefined;

  const read = async (): Promise<AlertEndpoints> => {
    const readAt = clock();
    const json = await secrets.read(alertEndpointsSecret);
    if (json === undefined) throw new Unavailable('secret_missing', { detail: alertEndpointsSecret });
    const parsed = alertEndpointsFrom(json, options);
    if (!parsed.ok) throw new Unavailable('secret_invalid', { detail: `${alertEndpointsSecret}: ${parsed.problem}` });
    copy = { endpoints: parsed.value, readAt };
    return parsed.value;
  };

  return {
    current() {
      if (copy !== undefined && clock() - copy.readAt < cachedForMs) return Promise.resolve(copy.endpoints);
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    doubt() {
      if (copy !== undefined && clock() - copy.readAt >= rereadAfterMs) copy = undefined;
    },
  };
}
