import type { AccessEntry } from './api-gateway';
import type { AwsEvents } from './aws/observers';
import type { JsonObject } from './json';
import type { Report } from './lambda-host/hosted-function';

/** Something that happened in the local run, as the console shows it and tests read it. */
export type Activity =
  | { readonly kind: 'request'; readonly at: number; readonly entry: AccessEntry }
  /** One structured line of a function. */
  | { readonly kind: 'log'; readonly at: number; readonly functionName: string; readonly fields: JsonObject }
  /** A line that is no JSON object. */
  | { readonly kind: 'text'; readonly at: number; readonly functionName: string; readonly text: string }
  | { readonly kind: 'report'; readonly at: number; readonly report: Report }
  | { readonly kind: 'alert'; readonly at: number; readonly message: AwsEvents['sns-publish'] }
  | { readonly kind: 'dead-letter'; readonly at: number; readonly letter: AwsEvents['dead-letter'] }
  | { readonly kind: 'published'; readonly at: number; readonly event: AwsEvents['put-events'] }
  | { readonly kind: 'object'; readonly at: number; readonly object: AwsEvents['put-object'] }
  /** A problem of the run itself, in one line. */
  | { readonly kind: 'problem'; readonly at: number; readonly text: string };

export type ActivityListener = (activity: Activity) => void;

/** Passes on what happens, and keeps the newest of it. */
export class ActivityLog {
  readonly #listeners = new Set<ActivityListener>();
  readonly #limit: number;
  #kept: Activity[] = [];

  /** `limit`: how many are kept. */
  constructor(limit = 5000) {
    this.#limit = limit;
  }

  /** The newest, oldest first. */
  get entries(): readonly Activity[] {
    return this.#kept;
  }

  add(activity: Activity): void {
    this.#kept.push(activity);
    if (this.#kept.length > this.#limit * 1.2) this.#kept = this.#kept.slice(-this.#limit);
    for (const listener of this.#listeners) listener(activity);
  }

  /** The answer ends it. */
  subscribe(listener: ActivityListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
