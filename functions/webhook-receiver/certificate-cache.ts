import type { CertificateFetcher, Clock } from '../shared/domain/ports';

const cachedForMs = 24 * 60 * 60_000;
const failureCachedForMs = 60_000;

/** Certificates that are kept; a provider uses a handful. */
const maxCertificates = 16;

/** Failures and absences that are remembered, apart from the certificates: made-up URLs must not push out real ones. */
const maxFailures = 64;

export interface CertificateSource {
  /**
   * The certificate in PEM, at most 24 hours old; undefined when there is none. Throws when it cannot be had now. Neither is asked for
   * again within a minute.
   */
  get(url: string): Promise<string | undefined>;
  /** Fetches this one anew the next time. */
  forget(url: string): void;
}

/** Keeps certificates by URL; concurrent readers share one fetch. */
export function certificateCache(fetcher: CertificateFetcher, clock: Clock): CertificateSource {
  const certificates = new Map<string, { readonly pem: string; readonly at: number }>();
  const failures = new Map<string, { readonly error?: unknown; readonly at: number }>();
  const fetching = new Map<string, Promise<string | undefined>>();

  const fetchPem = async (url: string): Promise<string | undefined> => {
    try {
      const pem = await fetcher.fetchPem(url);
      if (pem === undefined) {
        remember(failures, maxFailures, url, { at: clock() });
        return undefined;
      }
      remember(certificates, maxCertificates, url, { pem, at: clock() });
      failures.delete(url);
      return pem;
    } catch (error) {
      remember(failures, maxFailures, url, { error, at: clock() });
      throw error;
    }
  };

  return {
    async get(url) {
      const certificate = certificates.get(url);
      if (certificate !== undefined && clock() - certificate.at < cachedForMs) return certificate.pem;
      const failure = failures.get(url);
      if (failure !== undefined && clock() - failure.at < failureCachedForMs) {
        if ('error' in failure) throw failure.error;
        return undefined;
      }
      const running = fetching.get(url) ?? fetchPem(url).finally(() => fetching.delete(url));
      fetching.set(url, running);
      return running;
    },
    forget(url) {
      certificates.delete(url);
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
