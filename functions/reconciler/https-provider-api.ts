import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ApiRequest } from '../shared/providers/events-api';
import type { ApiAnswer, ProviderApi } from './provider-api';

/** A hundred large events; what is larger is not what was asked for. */
const defaultMaxBytes = 32 * 1024 * 1024;
const defaultDeadlineMs = 15_000;
const longestRetryAfterMs = 3_600_000;

export interface HttpsOptions {
  /** Loopback origin that stands in for every provider's host, in a local run alone. */
  readonly originOverride?: string;
  /** Milliseconds for everything, the body included; default 15,000. */
  readonly deadlineMs?: number;
  /** Default 32 MiB. */
  readonly maxBytes?: number;
}

/** Sends with node:https, which follows no redirect; the answer's size and time are bounded. */
export function httpsProviderApi(options: HttpsOptions = {}): ProviderApi {
  const { originOverride, deadlineMs = defaultDeadlineMs, maxBytes = defaultMaxBytes } = options;
  return {
    async send(request) {
      const url = new URL(request.path, originOverride ?? `https://${request.host}`);
      // A path like //elsewhere would be a host of its own.
      if (originOverride === undefined && url.host !== request.host) return { ok: false, reason: 'unreachable' };
      try {
        const response = await opened(url, request, AbortSignal.timeout(deadlineMs));
        const text = await bounded(response, maxBytes);
        return text === undefined ? { ok: false, reason: 'too_large' } : { ok: true, answer: answerOf(response, text) };
      } catch {
        return { ok: false, reason: 'unreachable' };
      }
    },
  };
}

function opened(url: URL, { method, headers, body }: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const options: RequestOptions = { method, signal, headers: { accept: 'application/json', 'user-agent': 'payment-webhooks', ...headers } };
  return new Promise((resolve, reject) => {
    send(url, options, resolve).on('error', reject).end(body);
  });
}

async function bounded(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) throw new TypeError('the answer came as text');
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    response.destroy();
  }
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, text: string): ApiAnswer {
  const retryAfterMs = retryAfterOf(headers['retry-after']);
  return { status: statusCode, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds, or the date after which to come again. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const milliseconds = /^\d{1,6}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.min(longestRetryAfterMs, Math.max(0, milliseconds));
}
