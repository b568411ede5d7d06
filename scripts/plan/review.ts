import { accessRemarks } from './access-rules';
import { dataRemarks } from './data-rules';
import { toFinding, type Finding } from './finding';
import { networkRemarks } from './network-rules';
import { isFirstDeployment, outcome, type Outcome, type PlanFile, type ResourceChange } from './plan-file';
import { resolver } from './references';
import { settingRemarks } from './setting-rules';
import type { SynthesizedStack } from './synthesized-stack';
import { after, at, before, isRecord, show, unknownUntilApply } from './values';

/** One resource in the review. */
export interface ReviewedResource {
  readonly address: string;
  /** Where in the source it comes from; the resource type where that is not known. */
  readonly construct: string;
  readonly outcome: Exclude<Outcome, 'unchanged'>;
  /** What differs, attribute by attribute; sensitive values are named and not shown. */
  readonly details: readonly string[];
}

/** What a person signs for one stack. */
export interface StackReview {
  readonly stack: string;
  readonly resources: readonly ReviewedResource[];
  readonly unchanged: number;
  readonly findings: readonly Finding[];
  /** Resources that somebody changed outside of Terraform since the last apply. */
  readonly changedElsewhere: readonly string[];
}

/** Reads a plan with the eyes of somebody who has to sign it. */
export function reviewPlan(stack: string, plan: PlanFile, synthesized: SynthesizedStack): StackReview {
  const changes = plan.resource_changes.filter(({ mode }) => mode === 'managed');
  const resolve = resolver(plan);
  const context = {
    firstDeployment: isFirstDeployment(plan),
    synthesized: (address: string, attribute: string) => {
      const text = synthesized.attribute(address, attribute);
      return text === undefined ? undefined : resolve(text);
    },
  };
  const remarks = (change: ResourceChange) => [
    ...dataRemarks(change),
    ...accessRemarks(change, context),
    ...networkRemarks(change),
    ...settingRemarks(change),
  ];
  return {
    stack,
    resources: changes.flatMap((change) => reviewed(change, synthesized)),
    unchanged: changes.filter((change) => outcome(change) === 'unchanged').length,
    findings: changes
      .filter((change) => outcome(change) !== 'unchanged')
      .flatMap((change) => remarks(change).map((remark) => toFinding(stack, change, remark))),
    changedElsewhere: plan.resource_drift.flatMap((drift) => drifted(drift)),
  };
}

function reviewed(change: ResourceChange, synthesized: SynthesizedStack): ReviewedResource[] {
  const does = outcome(change);
  if (does === 'unchanged') return [];
  const construct = synthesized.construct(change.address) ?? `(not in the synthesized stack) ${change.type}`;
  return [{ address: change.address, construct, outcome: does, details: detailsOf(change) }];
}

function detailsOf(change: ResourceChange): readonly string[] {
  const does = outcome(change);
  const moved = change.previous_address === undefined ? [] : [`was ${change.previous_address}`];
  if (does !== 'changed' && does !== 'replaced') return moved;
  const forced = new Set((change.change.replace_paths ?? []).map(([first]) => String(first)));
  return [...moved, ...differences(change).map((line) => (forced.has(line.name) ? `${line.text} (forces replacement)` : line.text))];
}

/** A value that was empty and is not any more was filled in by another resource of the stack, as a queue's policy is: no news. */
function drifted(drift: ResourceChange): readonly string[] {
  if (outcome(drift) === 'destroyed') return [`${drift.address}: deleted`];
  const names = differences(drift).flatMap(({ name }) => (isEmpty(before(drift, name)) ? [] : [name]));
  return names.length === 0 ? [] : [`${drift.address}: ${names.join(', ')}`];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || ['""', '[]', '{}'].includes(JSON.stringify(value));
}

function differences(change: ResourceChange): readonly { readonly name: string; readonly text: string }[] {
  const names = [change.change.before, change.change.after, change.change.after_unknown].flatMap((side) =>
    isRecord(side) ? Object.keys(side) : [],
  );
  return [...new Set(names)].sort().flatMap((name) => {
    const [earlier, later] = [before(change, name), after(change, name)];
    if (same(earlier, later) || isComputedNoise(change, name, later)) return [];
    const hidden = isSensitive(change.change.before_sensitive, name) || isSensitive(change.change.after_sensitive, name);
    return [{ name, text: hidden ? `${name}: (sensitive)` : `${name}: ${step(earlier, later)}` }];
  });
}

/** `tags_all` repeats `tags`; what a replaced resource computes anew is no news. */
function isComputedNoise(change: ResourceChange, name: string, later: unknown): boolean {
  return name === 'tags_all' || (later === unknownUntilApply && outcome(change) === 'replaced');
}

function same(one: unknown, other: unknown): boolean {
  return one === other || (typeof one !== 'symbol' && typeof other !== 'symbol' && JSON.stringify(one) === JSON.stringify(other));
}

function isSensitive(marks: unknown, name: string): boolean {
  const mark = at(marks, name);
  return mark !== undefined && JSON.stringify(mark).includes('true');
}

/** Long values, policies above all, are named and not shown: what matters in them is said by a finding. */
function step(earlier: unknown, later: unknown): string {
  const [from, to] = [show(earlier), show(later)];
  return from.length <= 70 && to.length <= 70 ? `${from} → ${to}` : later === unknownUntilApply ? to : 'changed';
}

/** What still keeps a plan from being applied. */
export function unacknowledged(reviews: readonly StackReview[], acknowledged: ReadonlySet<string>): readonly Finding[] {
  return reviews.flatMap(({ findings }) => findings).filter(({ id }) => !acknowledged.has(id));
}
