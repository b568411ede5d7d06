import * as v from 'valibot';

const actions = ['no-op', 'create', 'read', 'update', 'delete', 'forget'] as const;

const changeSchema = v.object({
  address: v.string(),
  previous_address: v.optional(v.string()),
  mode: v.picklist(['managed', 'data']),
  type: v.string(),
  name: v.string(),
  action_reason: v.optional(v.string()),
  change: v.object({
    actions: v.array(v.picklist(actions)),
    before: v.optional(v.unknown()),
    after: v.optional(v.unknown()),
    after_unknown: v.optional(v.unknown()),
    before_sensitive: v.optional(v.unknown()),
    after_sensitive: v.optional(v.unknown()),
    replace_paths: v.optional(v.array(v.array(v.union([v.string(), v.number()])))),
  }),
});

const stateSchema = v.object({
  root_module: v.optional(v.object({ resources: v.optional(v.array(v.object({ address: v.string(), values: v.optional(v.unknown()) }))) })),
});

const planSchema = v.object({
  format_version: v.pipe(v.string(), v.regex(/^1\./, 'only format 1.x of terraform show -json is known')),
  errored: v.optional(v.boolean()),
  resource_changes: v.optional(v.array(changeSchema), []),
  resource_drift: v.optional(v.array(changeSchema), []),
  planned_values: v.optional(stateSchema),
  prior_state: v.optional(v.object({ values: v.optional(stateSchema) })),
});

/** A plan as `terraform show -json` prints it, cut down to what a review reads. */
export type PlanFile = v.InferOutput<typeof planSchema>;

/** What Terraform means to do to one resource. */
export type ResourceChange = v.InferOutput<typeof changeSchema>;

/** What happens to a resource, in the words of the review. */
export type Outcome = 'created' | 'changed' | 'replaced' | 'destroyed' | 'forgotten' | 'moved' | 'unchanged';

/** Reads a plan from the JSON of `terraform show -json`; throws with the field that does not fit. */
export function parsePlan(text: string, source: string): PlanFile {
  const result = v.safeParse(planSchema, parseJson(text, source));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(
    `${source} is no plan in JSON (make one with "terraform show -json <plan file>"): ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`,
  );
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${source} is not JSON: make it with "terraform show -json <plan file>"`, { cause: error });
  }
}

/** The outcome of a change; a move without any other change is `moved`. */
export function outcome({ change, previous_address: previous }: ResourceChange): Outcome {
  const does = new Set(change.actions);
  if (does.has('create')) return does.has('delete') || does.has('forget') ? 'replaced' : 'created';
  if (does.has('delete')) return 'destroyed';
  if (does.has('forget')) return 'forgotten';
  if (does.has('update')) return 'changed';
  return previous === undefined ? 'unchanged' : 'moved';
}

/** True when nothing that the plan names exists yet, so that nothing in it can have been widened. */
export function isFirstDeployment(plan: PlanFile): boolean {
  const managed = plan.resource_changes.filter(({ mode }) => mode === 'managed');
  return managed.every(({ change }) => change.before === null || change.before === undefined);
}
