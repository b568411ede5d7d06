import type { FunctionSettings } from './pipeline';

/** Of a function's time, what the attempts of one call may use up; the rest is for the pauses between them and for the answer. */
const shareOfTime = 0.8;

/**
 * The variables that let a function wait for a call as long as its own timeout allows. The stacks share that time out among all its
 * calls, for on AWS one of them is slow and the others are not. A laptop that is busy with something else stalls them all at once, and
 * a call that is given up after a second there was never lost: it only makes the receiver answer 503. Never shorter than the stacks say;
 * none for a function that has no such variables.
 */
export function patienceFor({ environment, timeoutSeconds }: FunctionSettings): Readonly<Record<string, string>> {
  const attempts = Number(environment['MAX_ATTEMPTS']);
  const given = Number(environment['REQUEST_TIMEOUT_MS']);
  if (!Number.isInteger(attempts) || attempts < 1 || !Number.isInteger(given)) return {};
  const longest = Math.floor((timeoutSeconds * 1000 * shareOfTime) / attempts);
  return { REQUEST_TIMEOUT_MS: String(Math.max(given, longest)) };
}
