import type { ApiRequest } from '../shared/providers/events-api';

/** What a provider's API answered; a redirect is an answer too, and is never followed. */
export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  /** What Retry-After asks for, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Why there is no answer. */
export type NoAnswer = 'unreachable' | 'too_large';

export interface ProviderApi {
  /** One request over HTTPS to the host that it names. Never throws for what the other side does. */
  send(request: ApiRequest): Promise<{ readonly ok: true; readonly answer: ApiAnswer } | { readonly ok: false; readonly reason: NoAnswer }>;
}
