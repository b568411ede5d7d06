import * as v from 'valibot';
import { parseInstant } from '../shared/providers/time';

const time = v.pipe(
  v.string(),
  v.check((text) => parseInstant(text) !== undefined, 'must be a time such as 2026-11-05T10:00:00Z'),
  v.transform((text) => parseInstant(text) ?? 0),
);

const byHandSchema = v.strictObject({
  reconcile: v.strictObject({
    provider: v.string(),
    since: time,
    until: time,
    dryRun: v.boolean(),
    cursor: v.exactOptional(v.pipe(v.string(), v.maxLength(4096))),
  }),
});

/** What `ops reconcile` asks for. */
export type ByHand = v.InferOutput<typeof byHandSchema>['reconcile'];

/** What a person asks for, or undefined for the schedule's own event. Throws an error that names the field of anything else. */
export function byHandFrom(event: unknown): ByHand | undefined {
  if (isScheduled(event)) return undefined;
  const read = v.safeParse(byHandSchema, event, { abortEarly: true });
  if (read.success) return read.output.reconcile;
  const [issue] = read.issues;
  throw new Error(`the event is neither the schedule's nor one to reconcile by hand: ${v.getDotPath(issue) ?? 'event'}: ${issue.message}`);
}

function isScheduled(event: unknown): boolean {
  return v.is(v.looseObject({ source: v.literal('aws.events'), 'detail-type': v.literal('Scheduled Event') }), event);
}

const typesSchema = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value)),
  v.record(v.string(), v.pipe(v.array(v.string()), v.minLength(1))),
);

/** RECONCILED_TYPES: event types by provider, each a name or a beginning with `*`. Throws when it is anything else. */
export function reconciledTypesFrom(json: string): Readonly<Record<string, readonly string[]>> {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), typesSchema), json);
  if (!read.success) throw new Error('RECONCILED_TYPES must be JSON with lists of event types by provider');
  return read.output;
}
