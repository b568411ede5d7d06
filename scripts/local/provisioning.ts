import path from 'node:path';
import { resolveValue, UnresolvableExpression, type Lookup } from './expressions';
import { isObject, type Json, type JsonObject } from './json';
import { Settings } from './settings';
import type { SynthesizedBlock, SynthesizedStack } from './synthesized-stacks';

/** Where the stacks are made, and what their data sources answer. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** How one resource type comes to life on the embedded AWS. */
export interface Provisioner {
  /** Properties that are resolved and handed to `provision`. */
  readonly uses: readonly string[];
  /** Properties that change nothing on a laptop, with why. Every other property is an error. */
  readonly ignores: Readonly<Record<string, string>>;
  /** Makes the resource and returns the attributes that Terraform would know after an apply, beside the properties themselves. */
  provision(settings: Settings, place: Place): Promise<JsonObject>;
}

/** A resource type that does nothing on a laptop: why, and the attributes that others refer to. */
export interface WithoutBehaviour {
  readonly why: string;
  /** Properties that the attributes below are made from. */
  readonly uses?: readonly string[];
  attributes?(settings: Settings, place: Place, id: string): JsonObject;
}

export interface ProvisionerCatalogue {
  readonly provisioners: Readonly<Record<string, Provisioner>>;
  readonly withoutBehaviour: Readonly<Record<string, WithoutBehaviour>>;
}

/** A resource with every property that matters resolved, and the attributes that it got. */
interface ProvisionedResource {
  readonly stack: string;
  readonly type: string;
  readonly settings: Settings;
}

export interface Provisioned {
  readonly resources: readonly ProvisionedResource[];
  /** Outputs of each stack by stack name; one that needs an attribute without a value on a laptop is left out. */
  readonly outputs: Readonly<Record<string, JsonObject>>;
}

/** Properties that every resource may have. */
const metaArguments = ['//', 'depends_on', 'lifecycle', 'provider', 'tags', 'tags_all', 'timeouts', 'connection', 'provisioner'];

/** Makes every resource of the stacks in the order of their references. Throws an error that names stack, resource and property. */
export async function provisionStacks(
  stacks: readonly SynthesizedStack[],
  catalogue: ProvisionerCatalogue,
  place: Place,
): Promise<Provisioned> {
  const graph = new Graph(stacks, catalogue, place);
  const resources = await Promise.all(
    stacks.flatMap((stack) =>
      stack.resources
        .filter(({ type }) => catalogue.withoutBehaviour[type] === undefined)
        .map(async (block) => ({ stack: stack.name, type: block.type, settings: await graph.resource(stack, block) })),
    ),
  );
  const outputs = await Promise.all(stacks.map(async (stack) => [stack.name, await graph.outputs(stack)] as const));
  return { resources, outputs: Object.fromEntries(outputs) };
}

class Graph {
  readonly #stacks: readonly SynthesizedStack[];
  readonly #catalogue: ProvisionerCatalogue;
  readonly #place: Place;
  readonly #resources = new Map<SynthesizedBlock, Promise<Settings>>();

  constructor(stacks: readonly SynthesizedStack[], catalogue: ProvisionerCatalogue, place: Place) {
    this.#stacks = stacks;
    this.#catalogue = catalogue;
    this.#place = place;
  }

  /** Makes the resource at the first call; later calls get the same one. */
  resource(stack: SynthesizedStack, block: SynthesizedBlock): Promise<Settings> {
    const known = this.#resources.get(block);
    if (known !== undefined) return known;
    const made = this.#make(stack, block);
    this.#resources.set(block, made);
    return made;
  }

  async outputs(stack: SynthesizedStack): Promise<JsonObject> {
    const lookup = this.#lookupIn(stack);
    const entries = await Promise.all(
      Object.entries(stack.outputs).map(async ([name, value]) => {
        try {
          return [[name, await resolveValue(value, lookup)] as const];
        } catch (error) {
          if (error instanceof UnresolvableExpression) return [];
          throw error;
        }
      }),
    );
    return Object.fromEntries(entries.flat());
  }

  async #make(stack: SynthesizedStack, block: SynthesizedBlock): Promise<Settings> {
    const where = `${stack.name}: ${block.type}.${block.id}`;
    const inert = this.#catalogue.withoutBehaviour[block.type];
    const provisioner = this.#catalogue.provisioners[block.type];
    if (inert === undefined && provisioner === undefined) {
      throw new Error(`${where}: the local run does not understand resources of type ${block.type}`);
    }
    if (provisioner !== undefined) refuseUnknownProperties(where, block.config, provisioner);
    const uses = provisioner?.uses ?? inert?.uses ?? [];
    const settings = withFolder(new Settings(where, await this.#resolved(stack, where, block.config, uses)), stack.folder);
    const attributes =
      provisioner === undefined
        ? (inert?.attributes?.(settings, this.#place, block.id) ?? {})
        : await this.#provision(provisioner, settings);
    return new Settings(where, { ...settings.values, ...attributes });
  }

  async #provision(provisioner: Provisioner, settings: Settings): Promise<JsonObject> {
    try {
      return await provisioner.provision(settings, this.#place);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(message.startsWith(settings.where) ? message : `${settings.where}: ${message}`, { cause: error });
    }
  }

  async #resolved(stack: SynthesizedStack, where: string, config: JsonObject, names: readonly string[]): Promise<JsonObject> {
    const lookup = this.#lookupIn(stack);
    const entries = await Promise.all(
      names.map(async (name) => {
        const value = config[name];
        if (value === undefined) return [];
        try {
          return [[name, await resolveValue(value, lookup)] as const];
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          throw new Error(message.startsWith(`${where}:`) ? message : `${where}: ${name}: ${message}`, { cause: error });
        }
      }),
    );
    return Object.fromEntries(entries.flat());
  }

  #lookupIn(stack: SynthesizedStack): Lookup {
    return async (reference) => {
      const [head = '', second = '', third = ''] = reference;
      if (head === 'data') return this.#data(stack, second, third, reference);
      if (head === 'local') return { value: await resolveValue(known(stack.locals, second), this.#lookupIn(stack)), steps: 2 };
      if (head === 'var') return { value: known(stack.variables, second), steps: 2 };
      if (head === 'path') return { value: second === 'root' || second === 'module' ? '.' : process.cwd(), steps: 2 };
      const block = stack.resources.find(({ type, id }) => type === head && id === second);
      if (block === undefined) throw new Error(`there is no resource ${head}.${second} in ${stack.name}`);
      return { value: await this.#attribute(stack, block, third), steps: 3 };
    };
  }

  async #attribute(stack: SynthesizedStack, block: SynthesizedBlock, name: string): Promise<Json> {
    const made = await this.resource(stack, block);
    const attribute = made.values[name];
    if (attribute !== undefined) return attribute;
    const configured = block.config[name];
    if (configured === undefined) throw new Error(`the local run gives ${block.type} no attribute "${name}"`);
    return resolveValue(configured, this.#lookupIn(stack));
  }

  async #data(stack: SynthesizedStack, type: string, id: string, reference: readonly string[]) {
    if (type !== 'terraform_remote_state') return { value: dataSource(type, this.#place), steps: 3 };
    const block = stack.data.find((candidate) => candidate.type === type && candidate.id === id);
    const source = block === undefined ? undefined : this.#stacks.find((candidate) => keepsStateAt(candidate, block.config));
    if (source === undefined) throw new Error(`no stack keeps its state where data.${type}.${id} reads it`);
    const name = reference[4] ?? '';
    const output = source.outputs[name];
    if (reference[3] !== 'outputs' || output === undefined) throw new Error(`${source.name} has no output "${name}"`);
    return { value: await resolveValue(output, this.#lookupIn(source)), steps: 5 };
  }
}

function refuseUnknownProperties(where: string, config: JsonObject, { uses, ignores }: Provisioner): void {
  const unknown = Object.keys(config).find((name) => !metaArguments.includes(name) && !uses.includes(name) && ignores[name] === undefined);
  if (unknown !== undefined) throw new Error(`${where}: the local run does not understand the property "${unknown}"`);
}

/** Relative file names start at the stack's own folder, as they do for Terraform. */
function withFolder(settings: Settings, folder: string): Settings {
  const filename = settings.optionalText('filename');
  return filename === undefined ? settings : new Settings(settings.where, { ...settings.values, filename: path.resolve(folder, filename) });
}

function dataSource(type: string, { accountId, region }: Place): JsonObject {
  switch (type) {
    case 'aws_caller_identity':
      return { account_id: accountId, id: accountId, arn: `arn:aws:iam::${accountId}:root`, user_id: accountId };
    case 'aws_region':
      return { name: region, id: region, region };
    case 'aws_partition':
      return { partition: 'aws', id: 'aws', dns_suffix: 'amazonaws.com' };
    case 'aws_availability_zones':
      return { names: [`${region}a`, `${region}b`, `${region}c`] };
    default:
      throw new Error(`the local run has no answer for the data source ${type}`);
  }
}

/** A remote state belongs to the stack whose backend has the same type and the same key or path. */
function keepsStateAt(stack: SynthesizedStack, config: JsonObject): boolean {
  const wanted = config['config'];
  if (stack.backend?.type !== config['backend'] || !isObject(wanted)) return false;
  const place = ['bucket', 'key', 'path'].filter((name) => wanted[name] !== undefined);
  return place.length > 0 && place.every((name) => stack.backend?.config[name] === wanted[name]);
}

function known(values: JsonObject, name: string): Json {
  const value = values[name];
  if (value === undefined || value === null) throw new Error(`there is no value for "${name}"`);
  return value;
}
