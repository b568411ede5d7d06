/** Why a delivery did not succeed. */
export interface Failure {
  code: string;
  message: string;
  /** Whether a later try can succeed: a missing queue stays missing. */
  isRetriable: boolean;
  /** The least pause before the next try, when the target asked for one. */
  retryAfterMs?: number;
}
