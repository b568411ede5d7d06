import type { CertificateFetcher, Clock } from '../shared/domain/ports';

const cachedForMs = 24 * 60 * 60_000;
const failureCachedForMs = 60_000;

/** Certificates that are kept, those last used; a provider uses a handful. */
const maxCertificates = 16;

/** Failures, absences and rejected certificates that are remembered, apart from the certificates: made-up URLs must not push out real ones. */
const maxFailures = 64;

/**
 * Addresses without a good certificate that are asked at once, and how long until one more may be. A forger can use these up, so the next
 * one must come soon: a genuine webhook on an instance that knows no certificate yet competes with the forged ones for it.
 */
const maxUnknown = 2;
const unknownEveryMs = 1000;

export interface CertificateSource {
  /**
   * The certificate in PEM, fetched again after 24 hours; an older one is used while its host cannot be reached. Undefined when there is
   * none. Throws when it cannot be had now, and when too many addresses without a good certificate were asked just before. An address that
   * failed is not asked again within a minute.
   */
  get(url: string): Promise<string | undefined>;
  /** This one did not serve: it is kept for a minute, and then fetched anew. */
  reject(url: string): void;
}

/** Keeps certificates by URL; concurrent readers share one fetch. */
export function certificateCache(fetcher: CertificateFetcher, clock: Clock): CertificateSource {
  const certificates = new Map<string, { readonly pem: string; readonly at: number }>();
  const failures = new Map<string, { readonly again: () => string | undefined; readonly at: number }>();
  const fetching = new Map<string, Promise<string | undefined>>();
  const unknown = allowance(clock);

  const fail = (url: string, again: () => string | undefined): void => {
    remember(failures, maxFailures, url, { again, at: clock() });
  };

  const fetchPem = async (url: string): Promise<string | undefined> => {
    try {
      const pem = await fetcher.fetchPem(url);
      if (pem === undefined) {
        certificates.delete(url);
        fail(url, () => undefined);
        return undefined;
      }
      remember(certificates, maxCertificates, url, { pem, at: clock() });
      failures.delete(url);
      return pem;
    } catch (error) {
      const older = certificates.get(url);
      const again = (): string => {
        if (older === undefined) throw error;
        return older.pem;
      };
      fail(url, again);
      return again();
    }
  };

  return {
    async get(url) {
      const certificate = certificates.get(url);
      if (certificate !== undefined && clock() - certificate.at < cachedForMs) {
        remember(certificates, maxCertificates, url, certificate);
        return certificate.pem;
      }
      const failure = failures.get(url);
      if (failure !== undefined && clock() - failure.at < failureCachedForMs) return failure.again();
      const running = fetching.get(url);
      if (running !== undefined) return running;
      if (certificate === undefined && !unknown.take()) throw new Error('too many unknown certificate addresses: not asked now');
      const started = fetchPem(url).finally(() => fetching.delete(url));
      fetching.set(url, started);
      return started;
    },
    reject(url) {
      const certificate = certificates.get(url);
      if (certificate === undefined) return;
      certificates.delete(url);
      fail(url, () => certificate.pem);
    },
  };
}

/** Fetches that a forger can cause: two at once, then one a second. */
function allowance(clock: Clock): { take(): boolean } {
  let left = maxUnknown;
  let at = clock();
  return {
    take() {
      const now = clock();
      left = Math.min(maxUnknown, left + Math.max(0, now - at) / unknownEveryMs);
      at = now;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}

/** Adds an entry, and drops the oldest when there are too many. */
function remember<T>(entries: Map<string, T>, max: number, url: string, entry: T): void {
  entries.delete(url);
  entries.set(url, entry);
  const [oldest] = entries.keys();
  if (entries.size > max && oldest !== undefined) entries.delete(oldest);
}
