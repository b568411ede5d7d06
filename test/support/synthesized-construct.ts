import { Testing } from 'cdktf';
import type { Construct } from 'constructs';
import * as v from 'valibot';

const attributes = v.record(v.string(), v.unknown());
const synthesizedStack = v.object({
  resource: v.optional(v.record(v.string(), v.record(v.string(), attributes)), {}),
  data: v.optional(v.record(v.string(), v.record(v.string(), attributes)), {}),
});

/** Arguments of one resource as Terraform reads them. */
export type Attributes = v.InferOutput<typeof attributes>;
type SynthesizedStack = v.InferOutput<typeof synthesizedStack>;

/** What Terraform would read of a stack with these constructs in it. */
export function synthesized(build: (scope: Construct) => void): SynthesizedStack {
  return v.parse(synthesizedStack, JSON.parse(Testing.synthScope(build)));
}

/** All resources of a type, by their Terraform names. */
export function resources(stack: SynthesizedStack, type: string): Readonly<Record<string, Attributes>> {
  return stack.resource[type] ?? {};
}

/** The only resource of a type; a test fails here when there are more, or none. */
export function onlyResource(stack: SynthesizedStack, type: string): Attributes {
  const all = Object.values(resources(stack, type));
  const [first] = all;
  if (first === undefined || all.length > 1) throw new Error(`expected one ${type}, found ${all.length}`);
  return first;
}
