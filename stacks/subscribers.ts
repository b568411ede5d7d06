import * as v from 'valibot';

/** A consumer of payment events: which it wants, and where they go. */
export interface Subscriber {
  /** Last part of the names of its rule, role, connection and alarm: 1 to 24 of a-z, 0-9 and -, a letter or digit at both ends. */
  readonly name: string;
  /** EventBridge pattern on the event's fields (docs/events.md); `{detail: {}}` for all. Without a `kind`, events that move no money come as well. */
  readonly pattern: { readonly detail: Readonly<Record<string, unknown>> };
  readonly target: SubscriberTarget;
}

export type SubscriberTarget =
  /** A standard queue in the environment's account and region, whose policy lets the subscriber's rule in. */
  | { readonly queueArn: string }
  /** A function in the environment's account and region. */
  | { readonly functionArn: string }
  /** A bus in any account and region; another account's policy has to let this one in. */
  | { readonly busArn: string }
  | { readonly https: HttpsTarget };

export interface HttpsTarget {
  /** Where events are posted, one by one, as EventBridge's envelope. No secret may be in it, for it is in the Terraform state. */
  readonly url: string;
  /** Requests that are sent in a second at most, 1 to 300; what is over waits. Default: 10. */
  readonly ratePerSecond?: number;
  /** Header of the secret that `npm run ops -- subscribers authorize` sets. Default: Authorization. */
  readonly header?: string;
}

export const defaultRatePerSecond = 10;
export const defaultHeader = 'Authorization';

const shape: v.GenericSchema<unknown, Subscriber> = v.strictObject({
  name: v.string(),
  pattern: v.strictObject({ detail: v.record(v.string(), v.unknown()) }),
  target: v.union([
    v.strictObject({ queueArn: v.string() }),
    v.strictObject({ functionArn: v.string() }),
    v.strictObject({ busArn: v.string() }),
    v.strictObject({
      https: v.strictObject({ url: v.string(), ratePerSecond: v.exactOptional(v.number()), header: v.exactOptional(v.string()) }),
    }),
  ]),
});

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly path: string; readonly problem: string };

/** Subscribers from JSON text; `path` is where in the list something else stands than a subscriber. */
export function subscribersFrom(text: string): Read<readonly Subscriber[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, path: '', problem: 'is not JSON' };
  }
  const read = v.safeParse(v.array(shape), value);
  if (read.success) return { ok: true, value: read.output };
  const [issue] = read.issues;
  const path = v.getDotPath(issue) ?? '';
  const expected = path.endsWith('target') ? 'exactly one of queueArn, functionArn, busArn, https' : (issue.expected ?? issue.type);
  const problem = expected === 'never' ? 'is not known' : `is ${issue.received}; expected ${expected}`;
  return { ok: false, path: path === '' ? '' : `[${path.replace('.', '].')}`, problem };
}
