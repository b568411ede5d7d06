import type { Clock } from '../shared/domain/ports';
import type { ApiRequest, EventList, ListWindow, Page } from '../shared/providers/events-api';
import type { ProviderApi } from './provider-api';

/** Why a provider's events could not be listed. A closed list: the metric's dimension. */
export const failureReasons = [
  'secret_invalid',
  'credentials_refused',
  'request_refused',
  'throttled',
  'unreachable',
  'answer_unreadable',
  'list_empty',
  'window_passed',
] as const;
export type FailureReason = (typeof failureReasons)[number];

export interface Failure {
  readonly reason: FailureReason;
  /** One line for a person; no text of the answer is in it. */
  readonly detail: string;
}

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: 'failed'; readonly failure: Failure }
  /** The run's time is over; nothing is wrong. */
  | { readonly ok: false; readonly why: 'out_of_time' };

export interface AskDependencies {
  readonly api: ProviderApi;
  readonly clock: Clock;
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
  /** When the run must end, in milliseconds since the epoch. */
  readonly deadlineMs: number;
}

export type PageSource = (window: ListWindow, cursor: string | undefined) => Promise<Asked<Page>>;

const attempts = 5;
const firstPauseMs = 1000;
/** A provider that wants more patience than this is asked again by the next run. */
const longestPauseMs = 60_000;

/** Asks for pages of a provider's list, with a token where it wants one, and tries again what may work later. */
export function pagesOf(deps: AskDependencies, list: EventList): PageSource {
  let token: string | undefined;
  const withToken = async (): Promise<Asked<string | undefined>> => {
    if (list.token === undefined || token !== undefined) return { ok: true, value: token };
    const answer = await patiently(deps, list.token.request);
    if (!answer.ok) return answer;
    const got = list.token.read(answer.value);
    if (!got.ok) return failed('answer_unreadable', got.problem);
    token = got.value;
    return { ok: true, value: token };
  };
  const ask = async (window: ListWindow, cursor: string | undefined): Promise<Asked<string>> => {
    const got = await withToken();
    return got.ok ? patiently(deps, list.pageRequest(window, cursor, got.value)) : got;
  };

  return async (window, cursor) => {
    const hadToken = token !== undefined;
    let answer = await ask(window, cursor);
    // A token that was good a moment ago has expired.
    if (hadToken && isRefusal(answer)) {
      token = undefined;
      answer = await ask(window, cursor);
    }
    if (!answer.ok) return answer;
    const page = list.readPage(answer.value, window);
    return page.ok ? page : failed('answer_unreadable', page.problem);
  };
}

function isRefusal(asked: Asked<unknown>): boolean {
  return !asked.ok && asked.why === 'failed' && asked.failure.reason === 'credentials_refused';
}

/** The text of an answer 200, after as many attempts as it takes and is allowed. */
async function patiently(deps: AskDependencies, request: ApiRequest): Promise<Asked<string>> {
  let last: Failure = { reason: 'unreachable', detail: `${request.host} was not asked` };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (deps.clock() >= deps.deadlineMs) return { ok: false, why: 'out_of_time' };
    const tried = await once(deps.api, request);
    if (tried.ok) return { ok: true, value: tried.text };
    last = tried.failure;
    if (!tried.again) break;
    const pauseMs = tried.retryAfterMs ?? firstPauseMs * 2 ** attempt;
    if (attempt + 1 === attempts || pauseMs > longestPauseMs || deps.clock() + pauseMs >= deps.deadlineMs) break;
    await deps.pause(pauseMs);
  }
  return failed(last.reason, last.detail);
}

type Tried =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly again: boolean; readonly retryAfterMs?: number; readonly failure: Failure };

async function once(api: ProviderApi, request: ApiRequest): Promise<Tried> {
  const sent = await api.send(request);
  const { host } = request;
  if (!sent.ok && sent.reason === 'too_large') return refused(false, 'answer_unreadable', `${host} answered more than anybody could read`);
  if (!sent.ok) return refused(true, 'unreachable', `${host} was not reached, or did not answer in time`);
  const { status, text, retryAfterMs } = sent.answer;
  if (status === 200) return { ok: true, text };
  const { again, reason } = meaningOf(status);
  return { ...refused(again, reason, `${host} answered ${status}`), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function meaningOf(status: number): { readonly again: boolean; readonly reason: FailureReason } {
  if (status === 401 || status === 403) return { again: false, reason: 'credentials_refused' };
  if (status === 429) return { again: true, reason: 'throttled' };
  if (status >= 500 || status === 408) return { again: true, reason: 'unreachable' };
  return { again: false, reason: status >= 400 ? 'request_refused' : 'answer_unreadable' };
}

function refused(again: boolean, reason: FailureReason, detail: string) {
  return { ok: false, again, failure: { reason, detail } } as const;
}

function failed(reason: FailureReason, detail: string) {
  return { ok: false, why: 'failed', failure: { reason, detail } } as const;
}
