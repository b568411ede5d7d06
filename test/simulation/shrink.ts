import type { Code } from './functions';
import type { Delivery, Fault, Plan } from './plan';
import { brokenPromises, type Broken } from './promises';
import { runPlan } from './run';

/** Most runs that a search for a shorter plan takes. */
const maxRuns = 600;

/**
 * The shortest plan that it can find which still breaks the same promise: deliveries, their copies, faults and what else happens are left out
 * one by one, and what is left is made simpler, until nothing more can go.
 */
export async function shortestPlan(plan: Plan, broken: Broken, code: Code): Promise<Plan> {
  let shortest = plan;
  let runs = 0;
  const stillBreaks = async (candidate: Plan): Promise<boolean> => {
    runs += 1;
    return brokenPromises(await runPlan(candidate, code)).some(({ invariant }) => invariant === broken.invariant);
  };
  for (let before: Plan | undefined; before !== shortest && runs < maxRuns;) {
    before = shortest;
    for (const simplify of simplifications) {
      for (let index = 0; runs < maxRuns;) {
        const candidate = simplify(shortest, index);
        if (candidate === undefined) break;
        if (candidate !== shortest && (await stillBreaks(candidate))) shortest = candidate;
        else index += 1;
      }
    }
  }
  return shortest;
}

/** Makes the plan simpler in its nth place; the same plan where nothing is to be made simpler there, undefined where there is no such place. */
type Simplify = (plan: Plan, index: number) => Plan | undefined;

const simplifications: readonly Simplify[] = [
  (plan, index) => (index < plan.deliveries.length ? { ...plan, deliveries: without(plan.deliveries, index) } : undefined),
  (plan, index) => (index < plan.faults.length ? { ...plan, faults: without(plan.faults, index) } : undefined),
  (plan, index) => (index < plan.happenings.length ? { ...plan, happenings: without(plan.happenings, index) } : undefined),
  (plan, index) => withDelivery(plan, index, plainer),
  (plan, index) => withFault(plan, index, rarer),
];

function without<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, at) => at !== index);
}

function withDelivery(plan: Plan, index: number, change: (delivery: Delivery) => Delivery): Plan | undefined {
  const delivery = plan.deliveries[index];
  if (delivery === undefined) return undefined;
  const changed = change(delivery);
  return changed === delivery ? plan : { ...plan, deliveries: plan.deliveries.with(index, changed) };
}

function plainer(delivery: Delivery): Delivery {
  if (delivery.copiesAfterMs.length > 0) return { ...delivery, copiesAfterMs: delivery.copiesAfterMs.slice(1) };
  if (delivery.large) return { ...delivery, large: false };
  return delivery;
}

function withFault(plan: Plan, index: number, change: (fault: Fault) => Fault): Plan | undefined {
  const fault = plan.faults[index];
  if (fault === undefined) return undefined;
  const changed = change(fault);
  return changed === fault ? plan : { ...plan, faults: plan.faults.with(index, changed) };
}

function rarer(fault: Fault): Fault {
  if (fault.times > 8) return { ...fault, times: Math.floor(fault.times / 2) };
  return fault.times > 1 ? { ...fault, times: fault.times - 1 } : fault;
}
