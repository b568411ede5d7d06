import { stackIds } from '../../../stacks/naming';
import { resolveValue, type Lookup } from '../../local/expressions';
import { isObject, type Json, type JsonObject } from '../../local/json';
import { Settings } from '../../local/settings';
import { readSynthesizedStacks, type SynthesizedBlock, type SynthesizedStack } from '../../local/synthesized-stacks';

/** The account and region that a pipeline is in. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** Where the Terraform state of a stack is kept, where that is a bucket. */
export interface StateObject {
  readonly bucket: string;
  readonly key: string;
  readonly lockTable: string | undefined;
}

/** What the stacks on this machine say an environment looks like: the measure that the doctor takes. */
export class Expected {
  readonly states: readonly StateObject[];
  readonly #resources: ReadonlyMap<string, readonly Settings[]>;

  constructor(resources: ReadonlyMap<string, readonly Settings[]>, states: readonly StateObject[]) {
    this.#resources = resources;
    this.states = states;
  }

  /** Every resource of a Terraform type. A property that only AWS can know is left out. */
  of(type: string): readonly Settings[] {
    return this.#resources.get(type) ?? [];
  }

  /** The settings of the function with this name; undefined where the stacks have none. */
  functionNamed(name: string): Settings | undefined {
    return this.of('aws_lambda_function').find((settings) => settings.optionalText('function_name') === name);
  }
}

/** Reads the data and the pipeline stack of an environment from a folder of synthesized stacks. Throws when there are none. */
export async function readExpected(folder: string, suffix: string, place: Place): Promise<Expected> {
  const ids = stackIds(suffix);
  const stacks = readSynthesizedStacks(folder).filter(({ name }) => name === ids.data || name === ids.pipeline);
  if (stacks.length < 2) throw new Error(`${folder} has no stacks of the environment ${suffix}`);
  const foreign = stacks.find(({ region }) => region !== place.region);
  if (foreign !== undefined) throw new Error(`${foreign.name} was synthesized for ${String(foreign.region)}, not for ${place.region}`);
  return expectedFrom(stacks, place);
}

/** The same from stacks that were read already. */
export async function expectedFrom(stacks: readonly SynthesizedStack[], place: Place): Promise<Expected> {
  const resources = new Map<string, Settings[]>();
  for (const stack of stacks) {
    const lookup = lookupIn(stack, stacks, place);
    for (const block of stack.resources) {
      const settings = new Settings(`${stack.name}: ${block.type}.${block.id}`, await resolved(block.config, lookup));
      resources.set(block.type, [...(resources.get(block.type) ?? []), settings]);
    }
  }
  return new Expected(resources, stacks.flatMap(stateOf));
}

async function resolved(config: JsonObject, lookup: Lookup): Promise<JsonObject> {
  const known: Record<string, Json> = {};
  for (const [name, value] of Object.entries(config)) {
    const found = await knownValue(value, lookup);
    if (found !== undefined) known[name] = found;
  }
  return known;
}

/** The value; of an object as much as can be known before an apply; undefined where that is nothing. */
async function knownValue(value: Json, lookup: Lookup): Promise<Json | undefined> {
  if (isObject(value)) return resolved(value, lookup);
  try {
    return await resolveValue(value, lookup);
  } catch {
    return undefined;
  }
}

function lookupIn(stack: SynthesizedStack, stacks: readonly SynthesizedStack[], place: Place): Lookup {
  return async (reference) => {
    const [head = '', second = '', third = ''] = reference;
    if (head === 'data') return remoteOrPlace(stack, stacks, place, reference);
    const block = stack.resources.find(({ type, id }) => type === head && id === second);
    if (block === undefined) throw new Error(`there is no resource ${head}.${second}`);
    return { value: await attributeOf(block, third, lookupIn(stack, stacks, place), place), steps: 3 };
  };
}

async function remoteOrPlace(stack: SynthesizedStack, stacks: readonly SynthesizedStack[], place: Place, reference: readonly string[]) {
  const [, type = '', , attribute = '', output = ''] = reference;
  if (type === 'aws_caller_identity' && attribute === 'account_id') return { value: place.accountId, steps: 4 };
  if (type !== 'terraform_remote_state') throw new Error(`${type} is known to AWS only`);
  const source = stacks.find((other) => other !== stack && other.outputs[output] !== undefined);
  if (source === undefined) throw new Error(`no stack has the output ${output}`);
  return { value: await resolveValue(source.outputs[output] ?? null, lookupIn(source, stacks, place)), steps: 5 };
}

async function attributeOf({ type, config }: SynthesizedBlock, attribute: string, lookup: Lookup, place: Place): Promise<Json> {
  const value = config[attribute];
  if (value !== undefined) return resolveValue(value, lookup);
  const arn = attribute === 'arn' ? arns[type] : undefined;
  if (arn === undefined) throw new Error(`${type}.${attribute} is known to AWS only`);
  const text = async (name: string): Promise<string> => {
    const found = await resolveValue(config[name] ?? '', lookup);
    return typeof found === 'string' ? found : '';
  };
  return arn(text, place);
}

/** ARNs that follow from a name. */
const arns: Readonly<Record<string, (text: (name: string) => Promise<string>, place: Place) => Promise<string>>> = {
  aws_lambda_function: async (text, { region, accountId }) =>
    `arn:aws:lambda:${region}:${accountId}:function:${await text('function_name')}`,
  aws_sqs_queue: async (text, { region, accountId }) => `arn:aws:sqs:${region}:${accountId}:${await text('name')}`,
  aws_sns_topic: async (text, { region, accountId }) => `arn:aws:sns:${region}:${accountId}:${await text('name')}`,
  aws_cloudwatch_event_bus: async (text, { region, accountId }) => `arn:aws:events:${region}:${accountId}:event-bus/${await text('name')}`,
  aws_cloudwatch_event_rule: async (text, { region, accountId }) => {
    // A rule of the default bus has no bus in its ARN.
    const bus = await text('event_bus_name');
    return `arn:aws:events:${region}:${accountId}:rule/${bus === '' || bus === 'default' ? '' : `${bus}/`}${await text('name')}`;
  },
};

function stateOf({ backend }: SynthesizedStack): readonly StateObject[] {
  if (backend?.type !== 's3') return [];
  const settings = new Settings('the backend', backend.config);
  return [{ bucket: settings.text('bucket'), key: settings.text('key'), lockTable: settings.optionalText('dynamodb_table') }];
}
