import { isLoopback } from '../shared/domain/loopback';

/**
 * PROVIDER_API_LOCAL_ORIGIN, when it is set: what stands in for every provider's API in a local run. Throws unless both it and AWS itself
 * (AWS_ENDPOINT_URL) are on the loopback interface, for API keys are sent there. No stack can set it.
 */
export function localApiOrigin(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const origin = environment['PROVIDER_API_LOCAL_ORIGIN'];
  if (origin === undefined) return undefined;
  if (!isLoopback(origin)) throw new Error('PROVIDER_API_LOCAL_ORIGIN must be a loopback address');
  if (!isLoopback(environment['AWS_ENDPOINT_URL']))
    throw new Error('PROVIDER_API_LOCAL_ORIGIN is for the local run: AWS_ENDPOINT_URL is no loopback address');
  return origin;
}
