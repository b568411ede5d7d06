import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isJsonArray, isObject, parseJson, type Json, type JsonObject } from './json';

/** One resource or data source as cdktf wrote it, references unresolved. */
export interface SynthesizedBlock {
  readonly type: string;
  readonly id: string;
  readonly config: JsonObject;
}

/** One `cdk.tf.json`. */
export interface SynthesizedStack {
  readonly name: string;
  /** The folder that Terraform would run in; relative file names start here. */
  readonly folder: string;
  readonly resources: readonly SynthesizedBlock[];
  readonly data: readonly SynthesizedBlock[];
  /** Values of the outputs by name, references unresolved. */
  readonly outputs: Readonly<Record<string, Json>>;
  readonly locals: JsonObject;
  /** Defaults of the variables by name. */
  readonly variables: JsonObject;
  /** Type and settings of the state's backend; finds the stack that a remote state belongs to. */
  readonly backend: { readonly type: string; readonly config: JsonObject } | undefined;
  readonly region: string | undefined;
}

/** Reads `manifest.json` and every stack that it names. Throws an error that says which file is missing or wrong. */
export function readSynthesizedStacks(outDir: string): readonly SynthesizedStack[] {
  const manifest = readObject(path.join(outDir, 'manifest.json'));
  const stacks = isObject(manifest['stacks']) ? Object.values(manifest['stacks']) : [];
  if (stacks.length === 0) throw new Error(`${path.join(outDir, 'manifest.json')} names no stacks: was anything synthesized?`);
  return stacks.filter(isObject).map((stack) => readStack(outDir, textOf(stack['name']), textOf(stack['synthesizedStackPath'])));
}

function readStack(outDir: string, name: string, file: string): SynthesizedStack {
  const json = readObject(path.join(outDir, file));
  const terraform = objectOf(json['terraform']);
  const [backend] = Object.entries(objectOf(terraform['backend']));
  return {
    name,
    folder: path.dirname(path.resolve(outDir, file)),
    resources: blocksOf(json['resource']),
    data: blocksOf(json['data']),
    outputs: Object.fromEntries(Object.entries(objectOf(json['output'])).map(([key, output]) => [key, objectOf(output)['value'] ?? null])),
    locals: objectOf(json['locals']),
    variables: Object.fromEntries(
      Object.entries(objectOf(json['variable'])).map(([key, variable]) => [key, objectOf(variable)['default'] ?? null]),
    ),
    backend: backend === undefined ? undefined : { type: backend[0], config: objectOf(backend[1]) },
    region: regionOf(json['provider']),
  };
}

function readObject(file: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${file}: run npm run synth first`, { cause: error });
  }
  const value = parseJson(text);
  if (!isObject(value)) throw new Error(`${file} holds no JSON object`);
  return value;
}

function blocksOf(value: Json | undefined): readonly SynthesizedBlock[] {
  return Object.entries(objectOf(value)).flatMap(([type, byId]) =>
    Object.entries(objectOf(byId)).map(([id, config]) => ({ type, id, config: objectOf(config) })),
  );
}

function regionOf(providers: Json | undefined): string | undefined {
  const aws = objectOf(providers)['aws'];
  const [first] = isJsonArray(aws) ? aws : [aws];
  const region = objectOf(first)['region'];
  return typeof region === 'string' ? region : undefined;
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new Error('the manifest names a stack without a name or a path');
}
