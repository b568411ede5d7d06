import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import * as v from 'valibot';
import { readSynthesizedStacks, type SynthesizedStack } from '../../scripts/local/synthesized-stacks';
import { DataStack } from '../../stacks/data-stack';
import { environmentFrom } from '../../stacks/environments';
import { functionNames, stackIds } from '../../stacks/naming';
import { PipelineStack } from '../../stacks/pipeline-stack';
import type { Environment } from '../../stacks/settings';
import { oneOfEachKind } from '../support/subscribers';
import { StateStack } from '../../stacks/state-stack';

/** A resource as Terraform will read it. */
export interface Resource {
  readonly type: string;
  /** Construct ids below the stack, such as `processing/queue`. */
  readonly path: string;
  /** As other resources refer to it: `aws_sqs_queue.processing_queue_E1B5BB82`. */
  readonly address: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Synthesized {
  readonly state: StackJson;
  readonly data: StackJson;
  readonly pipeline: StackJson;
  readonly resources: readonly Resource[];
}

const stackSchema = v.looseObject({
  resource: v.record(
    v.string(),
    v.record(v.string(), v.looseObject({ '//': v.object({ metadata: v.looseObject({ path: v.string() }) }) })),
  ),
  output: v.optional(v.record(v.string(), v.looseObject({ value: v.unknown() }))),
  provider: v.looseObject({ aws: v.array(v.looseObject({})) }),
  terraform: v.looseObject({}),
});
type StackJson = v.InferOutput<typeof stackSchema>;

/** A folder with a tiny zip for every function, so that stacks can be made without a build. */
export function makePackages(): string {
  const directory = mkdtempSync(join(tmpdir(), 'packages-'));
  for (const name of functionNames) writeFileSync(join(directory, `${name}.zip`), `zip of ${name}`);
  return directory;
}

/** Synthesizes all stacks of an environment the way main.ts does. */
export function synthesize(environment: Environment): Synthesized {
  return fromSynthesis(environment, (outdir) => {
    const ids = stackIds(environment.suffix);
    const [state, data, pipeline] = [readStack(outdir, ids.state), readStack(outdir, ids.data), readStack(outdir, ids.pipeline)];
    return { state, data, pipeline, resources: [state, data, pipeline].flatMap(resourcesOf) };
  });
}

/** The stacks as `scratchSynthesis` gives them to the scripts, made in this process: in one of its own, it takes a second more. */
export function synthesizedForScripts(suffix: string): readonly SynthesizedStack[] {
  return fromSynthesis(environmentFrom(suffix, { LOCAL_RUN: 'true' }), readSynthesizedStacks);
}

function fromSynthesis<T>(environment: Environment, read: (outdir: string) => T): T {
  const packageDirectory = makePackages();
  const outdir = join(packageDirectory, 'out');
  mkdirSync(outdir);
  try {
    const app = new App({ outdir });
    new StateStack(app, environment);
    new PipelineStack(app, { environment, packageDirectory, data: new DataStack(app, environment) });
    app.synth();
    return read(outdir);
  } finally {
    rmSync(packageDirectory, { recursive: true });
  }
}

const cache = new Map<string, Synthesized>();

/** An environment that uses what the others leave out: a subscriber of each kind, and HTTPS endpoints for alerts. */
export const withEverything = 'everything';

/** The stacks of the environment with this suffix, synthesized once per test file. */
export function synthesized(suffix: string): Synthesized {
  const variables = suffix === withEverything ? { SUBSCRIBERS: JSON.stringify(oneOfEachKind), ALERT_ENDPOINTS: 'true' } : {};
  const known = cache.get(suffix) ?? synthesize(environmentFrom(suffix, variables));
  cache.set(suffix, known);
  return known;
}

/** The only resource of this type with this path. */
export function find(resources: readonly Resource[], type: string, path: string): Resource['properties'] {
  const found = resources.filter((resource) => resource.type === type && resource.path === path);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} resources ${type} at ${path}`);
  return found[0].properties;
}

/** What is at the end of the path, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    return entries(inner).find(([name]) => name === String(key))?.[1];
  }, value);
}

/** The entries of an object; none of anything else. */
export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The parsed JSON of a property, such as a policy. */
export function json(value: unknown): unknown {
  const parsed: unknown = JSON.parse(v.parse(v.string(), value));
  return parsed;
}

function readStack(outdir: string, id: string): StackJson {
  return v.parse(stackSchema, JSON.parse(readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8')));
}

/** The resources of a stack, and its provider, whose default tags they all get. */
function resourcesOf(stack: StackJson): readonly Resource[] {
  const providers = stack.provider.aws.map((properties) => ({ type: 'provider', path: 'aws', address: 'provider.aws', properties }));
  const resources = Object.entries(stack.resource).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, { '//': comment, ...properties }]) => ({
      type,
      path: comment.metadata.path.split('/').slice(1).join('/'),
      address: `${type}.${name}`,
      properties,
    })),
  );
  return [...providers, ...resources];
}
