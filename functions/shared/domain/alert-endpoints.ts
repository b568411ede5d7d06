/** Last part of the name of the secret that holds them. */
export const alertEndpointsSecret = 'alert-endpoints';

/** The topics whose messages are posted, by their word in the secret: alerts about payments, and alarms for people on call. */
export const forwardedTopics = ['alerts', 'operations'] as const;
export type ForwardedTopic = (typeof forwardedTopics)[number];

/** Where each topic's messages are posted to. A chat's URL is its credential: never to be logged or shown. */
export type AlertEndpoints = Readonly<Record<ForwardedTopic, readonly string[]>>;

/** All of a topic's endpoints are posted to side by side, and each message once more for each that failed. */
export const maxEndpoints = 5;

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/**
 * Reads the secret `{"alerts":["https://…"],"operations":["https://…"]}`; a topic that is left out is posted nowhere. `problem` names the
 * entry and never shows it. `local`: the pipeline runs on this machine, where an endpoint may be `http://` on the loopback interface.
 */
export function alertEndpointsFrom(secretJson: string, { local }: { readonly local: boolean }): Read<AlertEndpoints> {
  const secret = objectOf(secretJson);
  if (secret === undefined) return { ok: false, problem: 'the secret is not a JSON object' };
  const strange = Object.keys(secret).some((key) => !forwardedTopics.some((topic) => topic === key));
  if (strange) return { ok: false, problem: `the secret has a field other than ${forwardedTopics.join(' and ')}` };
  const alerts = urlsOf('alerts', secret.alerts, local);
  if (!alerts.ok) return alerts;
  const operations = urlsOf('operations', secret.operations, local);
  if (!operations.ok) return operations;
  if (alerts.value.length + operations.value.length === 0) return { ok: false, problem: 'the secret has no endpoint' };
  return { ok: true, value: { alerts: alerts.value, operations: operations.value } };
}

/** What is wrong with one endpoint's URL, without showing it; undefined where it can be posted to. */
export function endpointProblem(url: string, local: boolean): string | undefined {
  if (!URL.canParse(url) || url.length > 2048) return 'must be a URL of at most 2048 characters';
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'must not have a user name or password';
  if (local && protocol === 'http:' && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname)) return undefined;
  if (protocol !== 'https:') return 'must begin with https://';
  return isPublicName(hostname) ? undefined : 'must have the name of a public host, not an address or a name inside a network';
}

/** A name of two labels or more: addresses, in whatever form, come out of the URL parser as digits or in brackets. */
function isPublicName(hostname: string): boolean {
  return (
    /^([a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(hostname) && !/\.(local|localhost|localdomain|internal|intranet|lan|arpa)$/.test(hostname)
  );
}

function urlsOf(topic: ForwardedTopic, value: unknown, local: boolean): Read<readonly string[]> {
  if (value === undefined) return { ok: true, value: [] };
  if (!Array.isArray(value)) return { ok: false, problem: `${topic} must be a list of URLs` };
  const urls: string[] = [];
  for (const [index, url] of value.entries()) {
    const problem = typeof url === 'string' ? endpointProblem(url, local) : 'must be a URL of at most 2048 characters';
    if (typeof url !== 'string' || problem !== undefined) return { ok: false, problem: `${topic}[${index}] ${problem ?? ''}` };
    urls.push(url);
  }
  if (new Set(urls).size < urls.length) return { ok: false, problem: `${topic} has an endpoint twice` };
  if (urls.length > maxEndpoints)
    return { ok: false, problem: `${topic} has ${urls.length} endpoints; at most ${maxEndpoints} are posted to` };
  return { ok: true, value: urls };
}

function objectOf(json: string): { readonly alerts?: unknown; readonly operations?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // The parser's own message quotes the text.
    return undefined;
  }
}
