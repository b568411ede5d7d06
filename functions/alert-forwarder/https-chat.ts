import { request as httpRequest } from 'node:http';
import type { RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Chat, ChatOutcome } from './chat';

const defaultDeadlineMs = 5000;

export interface HttpsChatOptions {
  /** Milliseconds until the answer's status is there; default 5000. */
  readonly deadlineMs?: number;
}

/**
 * Posts `{"text": …}`, which Slack, Mattermost and what speaks like them take, with node:https, which follows no redirect. The status
 * alone says whether it was taken: of the answer's body nothing is read, however large it is. The caller has checked the URL.
 */
export function httpsChat({ deadlineMs = defaultDeadlineMs }: HttpsChatOptions = {}): Chat {
  return {
    async post(url, text) {
      try {
        const status = await statusOf(new URL(url), JSON.stringify({ text }), AbortSignal.timeout(deadlineMs));
        return { outcome: outcomeOf(status), status };
      } catch {
        return { outcome: 'unreachable', status: 0 };
      }
    },
  };
}

function statusOf(url: URL, body: string, signal: AbortSignal): Promise<number> {
  const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
  const options: RequestOptions = { method: 'POST', signal, headers: { ...headers, 'user-agent': 'payment-webhooks' } };
  return new Promise((resolve, reject) => {
    send(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      // Whatever comes after the status, or fails to, changes nothing.
      response.on('error', () => undefined).destroy();
    })
      .on('error', reject)
      .end(body);
  });
}

function outcomeOf(status: number): ChatOutcome {
  if (status >= 200 && status < 300) return 'posted';
  if (status === 429) return 'throttled';
  if (status === 408 || status >= 500) return 'failed';
  return 'refused';
}
