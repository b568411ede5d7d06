import { parsePattern } from '../../scripts/local/aws/event-pattern';
import { isJsonArray, isObject, type Json, type JsonObject } from '../../scripts/local/json';
import { pipelineFrom, type FunctionSettings, type Pipeline } from '../../scripts/local/pipeline';
import { Settings } from '../../scripts/local/settings';
import { synthesized, type Resource } from '../stacks/synthesized';
import type { ModelRule } from './model/bus';
import type { QueueSettings } from './model/queue';

/** What the stacks say about the pipeline: nothing of it is written down here a second time. */
export interface Topology {
  readonly pipeline: Pick<Pipeline, 'queueTriggers' | 'streamTriggers'>;
  readonly queues: readonly QueueSettings[];
  readonly rules: readonly ModelRule[];
  /** Names of the queues whose first visible message makes an alarm call somebody. */
  readonly alarmedQueues: ReadonlySet<string>;
  /** JSON of the SSM parameter. */
  readonly parameter: string;
  /** A function by the folder that it is in. */
  readonly functionOf: (folder: string) => FunctionSettings;
}

const place = 'ap-southeast-1:123456789012';
let known: Topology | undefined;

/** The topology of the environment `dev`, synthesized once. */
export function topology(): Topology {
  known ??= topologyOf(synthesized('dev').resources);
  return known;
}

function topologyOf(all: readonly Resource[]): Topology {
  const byAddress = new Map(all.map((resource) => [resource.address, resource]));
  const of = (type: string): Settings[] =>
    all.filter((resource) => resource.type === type).map((resource) => settingsOf(resource, byAddress));
  const types = ['aws_sqs_queue', 'aws_lambda_function', 'aws_lambda_event_source_mapping'];
  const resources = types.flatMap((type) => of(type).map((settings) => ({ type, settings })));
  const { functions, queueTriggers, streamTriggers } = pipelineFrom(resources);
  return {
    pipeline: { queueTriggers, streamTriggers },
    queues: of('aws_sqs_queue').map(queueOf),
    // A rule without a pattern runs by the clock, and the model has no reconciler.
    rules: rulesOf(
      of('aws_cloudwatch_event_rule').filter((rule) => rule.has('event_pattern')),
      of('aws_cloudwatch_event_target'),
    ),
    alarmedQueues: new Set(of('aws_cloudwatch_metric_alarm').flatMap(alarmedQueueOf)),
    parameter: of('aws_ssm_parameter').map((parameter) => parameter.text('value'))[0] ?? '',
    functionOf(folder) {
      const found = functions.find(({ name }) => name === `${folder}-dev`);
      if (found === undefined) throw new Error(`the stacks have no function ${folder}`);
      return found;
    },
  };
}

function settingsOf(resource: Resource, byAddress: ReadonlyMap<string, Resource>): Settings {
  const values: Record<string, Json> = {};
  for (const [name, value] of Object.entries(resource.properties)) values[name] = resolved(value, byAddress);
  return new Settings(resource.address, { ...identityOf(resource), ...values });
}

/** What Terraform would know of a resource after an apply. */
function identityOf({ type, address, properties }: Resource): JsonObject {
  const name = typeof properties['name'] === 'string' ? properties['name'] : address;
  const functionName = typeof properties['function_name'] === 'string' ? properties['function_name'] : '';
  if (type === 'aws_sqs_queue') return { arn: `arn:aws:sqs:${place}:${name}`, url: `https://sqs/${name}` };
  if (type === 'aws_lambda_function') return { arn: `arn:aws:lambda:${place}:function:${functionName}` };
  return { arn: `arn:aws:${type}:${place}:${name}`, name };
}

function resolved(value: unknown, byAddress: ReadonlyMap<string, Resource>): Json {
  if (Array.isArray(value)) return value.map((item) => resolved(item, byAddress));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, byAddress)]));
  }
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? resolvedText(value, byAddress) : null;
}

/** References to attributes filled in; an output of the other stack stands for itself, but for the one stream there is. */
function resolvedText(text: string, byAddress: ReadonlyMap<string, Resource>): string {
  return text.replace(/\$\{([\w-]+\.[\w-]+)\.([^}]+)\}/g, (reference: string, address: string, attribute: string) => {
    if (attribute.endsWith('stream_arn')) return `arn:aws:dynamodb:${place}:table/payments/stream/1`;
    const resource = byAddress.get(address);
    if (resource === undefined) return reference;
    const value = identityOf(resource)[attribute] ?? resource.properties[attribute];
    return typeof value === 'string' ? value : reference;
  });
}

function queueOf(settings: Settings): QueueSettings {
  const redrive = settings.jsonText('redrive_policy');
  const [target, count] = [redrive?.['deadLetterTargetArn'], redrive?.['maxReceiveCount']];
  return {
    name: settings.text('name'),
    arn: settings.text('arn'),
    visibilityMs: settings.number('visibility_timeout_seconds', 30) * 1000,
    maxReceives: typeof count === 'number' ? count : undefined,
    deadLetterArn: typeof target === 'string' ? target : undefined,
  };
}

function rulesOf(rules: readonly Settings[], targets: readonly Settings[]): ModelRule[] {
  return rules.map((rule) => ({
    name: rule.text('name'),
    pattern: rule.text('event_pattern'),
    matches: parsePattern(rule.text('event_pattern')),
    targets: targets
      .filter((target) => target.text('rule') === rule.text('name'))
      .map((target) => {
        const retries = target.block('retry_policy', ['maximum_event_age_in_seconds', 'maximum_retry_attempts']);
        return {
          arn: target.text('arn'),
          deadLetterArn: target.block('dead_letter_config', ['arn'])?.text('arn'),
          maximumRetries: retries?.number('maximum_retry_attempts', 185) ?? 185,
          maximumAgeMs: (retries?.number('maximum_event_age_in_seconds', 86_400) ?? 86_400) * 1000,
        };
      }),
  }));
}

/** The queue of an alarm that rings at the first message and has somebody to call. */
function alarmedQueueOf(alarm: Settings): string[] {
  if (alarm.optionalText('metric_name') !== 'ApproximateNumberOfMessagesVisible' || alarm.number('threshold', 1) !== 0) return [];
  const dimensions = alarm.values['dimensions'];
  const name = isObject(dimensions) ? dimensions['QueueName'] : undefined;
  const actions = alarm.values['alarm_actions'];
  return typeof name === 'string' && isJsonArray(actions) && actions.length > 0 ? [name] : [];
}
