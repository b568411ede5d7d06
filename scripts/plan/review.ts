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
      if (text !== undefined) return resolve(text);
      // A policy that the source does not set is AWS's own default, and no doing of this plan.
      return synthesized.construct(address) === undefined ? undefined : '';
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
    changedElsewhere: plan.resource_drift.flatMap((drift) => drifted(drift, synthesized)),
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

/**
 * What somebody changed, of what the source sets. Other attributes are filled in by other resources, as a topic's policy is, or by AWS: a value
 * that was empty and is not any more, and defaults inside of blocks, are no news.
 */
function drifted(drift: ResourceChange, synthesized: SynthesizedStack): readonly string[] {
  const { address } = drift;
  if (outcome(drift) === 'destroyed') return [`${address}: deleted`];
  const isWritten = (name: string): boolean =>
    synthesized.construct(address) === undefined || synthesized.attribute(address, name) !== undefined;
  const names = differences(drift).flatMap(({ name }) => {
    const [earlier, later] = [before(drift, name), after(drift, name)];
    return isEmpty(earlier) || !isWritten(name) || same(withoutDefaults(earlier), withoutDefaults(later)) ? [] : [name];
  });
  return names.length === 0 ? [] : [`${address}: ${names.join(', ')}`];
}

/** Blocks without what says nothing: null, empty, zero and false. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDefaults(item));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutDefaults(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => Boolean(inner) && !isEmpty(inner)));
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
