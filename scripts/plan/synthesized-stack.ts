import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { at, isRecord, show } from './values';

const manifestSchema = v.object({ stacks: v.record(v.string(), v.object({ synthesizedStackPath: v.string() })) });

/** What synthesis wrote about one stack: the construct that each resource came from, and attributes as they stand in the source. */
export interface SynthesizedStack {
  /** The construct's path inside the stack without the resource's own id; undefined for a resource that the stack no longer has. */
  readonly construct: (address: string) => string | undefined;
  /** An attribute's text, with Terraform references (`${…}`) still in it. */
  readonly attribute: (address: string, name: string) => string | undefined;
}

/** The stacks of one environment in the order of their deployment, data before pipeline. Throws when they are not synthesized. */
export function stacksOf(environment: string, outDir: string): readonly string[] {
  const manifest = path.join(outDir, 'manifest.json');
  if (!existsSync(manifest)) throw new Error(`nothing is synthesized in ${outDir}: run "npm run build && npm run synth" first`);
  const synthesized = Object.keys(v.parse(manifestSchema, JSON.parse(readFileSync(manifest, 'utf8'))).stacks);
  const wanted = [`payment-webhooks-data-${environment}`, `payment-webhooks-${environment}`];
  const missing = wanted.filter((stack) => !synthesized.includes(stack));
  if (missing.length === 0) return wanted;
  const known = synthesized.flatMap((stack) => /^payment-webhooks-data-(.+)$/.exec(stack)?.[1] ?? []);
  throw new Error(
    `no environment "${environment}" in ${outDir}, which has ${known.join(', ') || 'none'}: ` +
      `run "ENVIRONMENT_SUFFIX=${environment} npm run synth" first`,
  );
}

/** Reads `<outDir>/stacks/<stack>/cdk.tf.json`; a stack that is not there knows nothing. */
export function readSynthesizedStack(outDir: string, stack: string): SynthesizedStack {
  const file = path.join(outDir, 'stacks', stack, 'cdk.tf.json');
  const document: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const resource = (address: string): unknown => {
    const [type = '', name = ''] = address.split('.');
    const resources = at(document, 'resource');
    return isRecord(resources) ? at(resources, `${type}.${name}`) : undefined;
  };
  return {
    construct: (address) => {
      const metadata = at(resource(address), '//.metadata.path');
      return typeof metadata === 'string' ? parent(metadata) : undefined;
    },
    attribute: (address, name) => {
      const value = at(resource(address), name);
      return value === undefined ? undefined : show(value);
    },
  };
}

function parent(constructPath: string): string {
  return constructPath.split('/').slice(1, -1).join('/') || '(the stack itself)';
}
