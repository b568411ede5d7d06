import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What decides whether a request is answered. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/**
 * Why a request is refused, or undefined. Host keeps out names that were made to point at loopback, Origin keeps out other sites, and the
 * token keeps out other people of this machine. The page's own files hold nothing secret and need no token.
 */
export function refusalOf(visit: Visit, port: number, token: string): Refusal | undefined {
  const { method, path, headers } = visit;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const host = headers.host ?? '';
  if (!hosts.includes(host)) return { status: 403, message: 'this host is not served' };
  if (method !== 'GET' && method !== 'POST') return { status: 405, message: 'GET and POST only' };
  const { origin } = headers;
  if (origin === undefined ? method === 'POST' : origin !== `http://${host}`) {
    return { status: 403, message: 'only the page itself may ask' };
  }
  if (method === 'GET' && !path.startsWith('/api/')) return undefined;
  if (!isSame(bearerOf(headers.authorization), token)) return { status: 401, message: 'open the URL that npm start printed' };
  const isJson = /^application\/json(;|$)/.test(headers['content-type'] ?? '');
  return method === 'POST' && !isJson ? { status: 415, message: 'JSON only' } : undefined;
}

function bearerOf(authorization = ''): string {
  return authorization.startsWith('Bearer ') ? authorization.slice('Bearer '.length) : '';
}

/** In constant time: digests have one length whatever was sent. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
