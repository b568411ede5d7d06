import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { isJsonArray, isObject, parseJson, type Json, type JsonObject } from '../local/json';
import type { KnownResource } from '../local/pipeline';
import { Settings } from '../local/settings';
import { runTerraform } from './run-terraform';

const stateSchema = v.object({
  values: v.optional(
    v.object({
      outputs: v.optional(v.record(v.string(), v.object({ value: v.unknown() })), {}),
      root_module: v.object({
        resources: v.optional(
          v.array(v.object({ address: v.string(), mode: v.string(), type: v.string(), values: v.custom<JsonObject>(isObject) })),
          [],
        ),
      }),
    }),
  ),
});

/** What Terraform knows about a stack that it applied. */
export interface AppliedStack {
  readonly resources: readonly KnownResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Reads the state of an initialized stack through its backend. File names in it are made absolute. */
export async function readAppliedStack(folder: string, env: NodeJS.ProcessEnv): Promise<AppliedStack> {
  const { stdout } = await runTerraform(['show', '-json'], { chdir: folder, env });
  const { values } = v.parse(stateSchema, parseJson(stdout));
  if (values === undefined) throw new Error(`nothing is applied in ${path.basename(folder)}`);
  const managed = values.root_module.resources.filter(({ mode }) => mode === 'managed');
  const written = writtenResources(folder);
  return {
    resources: managed.map(({ address, type, values: known }) => ({
      type,
      settings: new Settings(address, settled(folder, written.get(address) ?? {}, known)),
    })),
    outputs: Object.fromEntries(Object.entries(values.outputs).map(([name, { value }]) => [name, value])),
  };
}

/** The arguments of each resource as synthesis wrote them, by address. */
function writtenResources(folder: string): ReadonlyMap<string, JsonObject> {
  const document = parseJson(readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8'));
  const types = isObject(document) && isObject(document['resource']) ? Object.entries(document['resource']) : [];
  const named = types.flatMap(([type, names]) =>
    Object.entries(isObject(names) ? names : {}).map(([name, written]) => [`${type}.${name}`, written] as const),
  );
  return new Map(named.flatMap(([address, written]) => (isObject(written) ? [[address, written] as const] : [])));
}

/**
 * A state has an empty text where nothing was set, and in blocks the defaults that AWS answers with; what the source set is kept, and every
 * attribute of the resource itself. A function's zip is named as seen from the stack's folder.
 */
function settled(folder: string, written: JsonObject, values: JsonObject): JsonObject {
  const set = Object.entries(values).filter(([, value]) => value !== '');
  const pruned = set.map(([name, value]) => [name, asWritten(value, written[name])] as const);
  const { filename } = written;
  return { ...Object.fromEntries(pruned), ...(typeof filename === 'string' && { filename: path.resolve(folder, filename) }) };
}

function asWritten(value: Json, written: Json | undefined): Json {
  if (isJsonArray(value)) {
    const blocks = isJsonArray(written) ? written : [written];
    return value.map((item, index) => asWritten(item, blocks[index]));
  }
  if (!isObject(value) || !isObject(written)) return value;
  const known = Object.entries(value).filter(([name]) => name in written);
  return Object.fromEntries(known.map(([name, inner]) => [name, asWritten(inner, written[name])]));
}
