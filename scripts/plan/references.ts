import type { PlanFile } from './plan-file';
import { at } from './values';

const reference = /\$\{((?:data\.)?[\w-]+\.[\w-]+)\.([\w.[\]"-]+)\}/g;

/**
 * Puts known values in the place of `${type.name.attribute}`, so that a policy which Terraform calls unknown can still be compared:
 * the planned value, else the one from the state (a replaced resource is still the same one to a reader), else the reference stays.
 */
export function resolver(plan: PlanFile): (text: string) => string {
  const planned = valuesByAddress(plan.planned_values);
  const prior = valuesByAddress(plan.prior_state?.values);
  return (text) =>
    text.replace(reference, (whole, address: string, attribute: string) => {
      const steps = attribute.replaceAll(/\["?([^"\]]+)"?\]/g, '.$1');
      const value = at(planned.get(address), steps) ?? at(prior.get(address), steps);
      return typeof value === 'string' ? value : whole;
    });
}

function valuesByAddress(state: PlanFile['planned_values']): ReadonlyMap<string, unknown> {
  return new Map((state?.root_module?.resources ?? []).map(({ address, values }) => [address, values]));
}
