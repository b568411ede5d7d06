/** Says of a message or a publication that somebody had the event sent again; the first way through the pipeline has none. */
export interface Replay {
  /** New for every replay of an event, and the same however often its message is retried. */
  readonly deliveryId: string;
  /** The delivery that brought the event in the first place: its correlation id. */
  readonly replayOf: string;
  /** Why, in the words of whoever asked for it; at most 256 characters. */
  readonly reason: string;
  /** ISO 8601. */
  readonly requestedAt: string;
  /** Whether people are alerted again. */
  readonly realert: boolean;
}

/** Longest reason, in characters. */
export const maxReasonLength = 256;

/** Sort key of the row that says who had an event sent again, and why. */
export function replayKeyOf(deliveryId: string): string {
  return `replay#${deliveryId}`;
}
