import { isJsonArray, isObject, parseJson, parseJsonObject, textAt, type Json } from '../json';
import { functionNameOf, type KnownResource, type Pipeline, type ScheduleTrigger } from '../pipeline';
import type { Settings } from '../settings';

export type NodeKind =
  'senders' | 'schedule' | 'api' | 'function' | 'queue' | 'table' | 'bucket' | 'bus' | 'topic' | 'logs' | 'person' | 'other';

/** A place that an event passes or stays in. */
export interface DiagramNode {
  /** ARN, or a word where there is none. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** A bus's rules, in the order of their names. */
  readonly rules: readonly DiagramRule[];
  /** ARNs of the queues that take what goes wrong here. */
  readonly deadLetters: readonly string[];
  /** What the stacks say of it, for people. */
  readonly facts: readonly (readonly [string, string])[];
}

export interface DiagramRule {
  /** ARN. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly pattern: string;
}

export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  /** The rule that it starts at. */
  readonly rule?: string;
  /** `uses`: a call against the stream of events, such as marking a row. */
  readonly kind: 'flow' | 'uses';
}

export interface Diagram {
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
}

export interface DiagramQueue {
  readonly arn: string;
  readonly url: string;
  readonly name: string;
  readonly isDeadLetter: boolean;
  /** Queues whose redrive policy names it; without one SQS moves nothing back. */
  readonly sources: readonly string[];
}

const senders = 'senders';

/** The pipeline as a graph, made from its resources and from nothing else. What no event passes is left out. */
export function diagramOf(resources: readonly KnownResource[], pipeline: Pipeline): Diagram {
  const of = (type: string): readonly Settings[] => resources.filter((resource) => resource.type === type).map(({ settings }) => settings);
  const nodes = new Map(nodesOf(of, pipeline).map((node) => [node.id, node]));
  const certain = certainEdges(of, pipeline, nodes);
  const edges = [...certain, ...callEdges(of, pipeline, nodes, certain)];
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  return { nodes: [...nodes.values()].filter(({ id }) => joined.has(id)), edges };
}

/** Every queue, dead letters last. */
export function queuesOf(resources: readonly KnownResource[]): readonly DiagramQueue[] {
  const settings = resources.filter(({ type }) => type === 'aws_sqs_queue').map((resource) => resource.settings);
  const dead = deadLetterArns(resources);
  const queues = settings.map((queue) => {
    const arn = queue.text('arn');
    const sources = settings.filter((other) => redriveTarget(other) === arn).map((other) => other.text('name'));
    return { arn, url: queue.text('url'), name: queue.text('name'), isDeadLetter: dead.has(arn), sources };
  });
  return queues.sort((one, other) => Number(one.isDeadLetter) - Number(other.isDeadLetter) || one.name.localeCompare(other.name));
}

function deadLetterArns(resources: readonly KnownResource[]): ReadonlySet<string> {
  const arns = resources.flatMap(({ type, settings }) => {
    if (type === 'aws_sqs_queue' || type === 'aws_sns_topic_subscription') return [redriveTarget(settings)];
    if (type === 'aws_lambda_event_source_mapping') return [failureQueue(settings)];
    if (type === 'aws_cloudwatch_event_target') return [settings.block('dead_letter_config', ['arn'])?.text('arn')];
    if (type === 'aws_sqs_queue_redrive_allow_policy') return [arnOfUrl(resources, settings.text('queue_url'))];
    return [];
  });
  return new Set(arns.filter((arn) => arn !== undefined));
}

function arnOfUrl(resources: readonly KnownResource[], url: string): string | undefined {
  return resources.find(({ type, settings }) => type === 'aws_sqs_queue' && settings.text('url') === url)?.settings.text('arn');
}

function redriveTarget(settings: Settings): string | undefined {
  return textAt(parseJsonObject(settings.optionalText('redrive_policy') ?? ''), 'deadLetterTargetArn') || undefined;
}

function failureQueue(mapping: Settings): string | undefined {
  return mapping.block('destination_config', ['on_failure'])?.block('on_failure', ['destination_arn'])?.text('destination_arn');
}

type Of = (type: string) => readonly Settings[];

function nodesOf(of: Of, pipeline: Pipeline): readonly DiagramNode[] {
  const plain = (kind: NodeKind, type: string, nameProperty = 'name'): readonly DiagramNode[] =>
    of(type).map((settings) => node(kind, settings.text('arn'), settings.text(nameProperty)));
  const providers = new Set(pipeline.functions.flatMap(({ environment }) => environment['ENABLED_PROVIDERS']?.split(',') ?? []));
  return [
    { ...node('senders', senders, 'providers'), facts: [...providers].map((name) => ['provider', name] as const) },
    ...of('aws_api_gateway_rest_api').map((api) => ({
      ...node('api', api.text('arn'), api.text('name')),
      facts: pipeline.apis
        .filter(({ id }) => id === api.text('id'))
        .flatMap(({ routes }) => routes.map((route) => ['route', `${route.httpMethod} ${route.resourcePath}`] as const)),
    })),
    ...pipeline.scheduleTriggers.map((trigger) => scheduleNode(trigger, of)),
    ...pipeline.functions.map((one) => functionNode(one, of)),
    ...of('aws_sqs_queue').map(queueNode),
    ...plain('table', 'aws_dynamodb_table'),
    ...plain('bucket', 'aws_s3_bucket', 'bucket'),
    ...plain('topic', 'aws_sns_topic'),
    ...plain('logs', 'aws_cloudwatch_log_group'),
    ...of('aws_cloudwatch_event_bus').map((bus) => busNode(bus, of)),
  ];
}

function node(kind: NodeKind, id: string, name: string): DiagramNode {
  return { id, kind, name, rules: [], deadLetters: [], facts: [] };
}

function functionNode({ name, arn, timeoutSeconds, memoryMb, environment }: Pipeline['functions'][number], of: Of): DiagramNode {
  const mappings = of('aws_lambda_event_source_mapping').filter((one) => functionNameOf(one.text('function_name')) === name);
  const deadLetters = mappings.map(failureQueue).filter((queue) => queue !== undefined);
  return {
    ...node('function', arn, name),
    deadLetters,
    facts: [
      ['timeout', `${timeoutSeconds} s`],
      ['memory', `${memoryMb} MB`],
      ...mappings.map((one) => ['batch', `up to ${one.number('batch_size', 10)}`] as const),
      ...Object.entries(environment).filter(([variable]) => !variable.startsWith('POWERTOOLS_')),
    ],
  };
}

/** A rule that goes by the clock, with the function that it runs behind it. */
function scheduleNode({ ruleArn }: ScheduleTrigger, of: Of): DiagramNode {
  const rule = of('aws_cloudwatch_event_rule').find((one) => one.text('arn') === ruleArn);
  const name = rule?.text('name') ?? ruleArn;
  const targets = of('aws_cloudwatch_event_target').filter((target) => target.text('rule') === name);
  return {
    ...node('schedule', ruleArn, name),
    deadLetters: targets.flatMap((target) => target.block('dead_letter_config', ['arn'])?.text('arn') ?? []),
    facts: [['runs at', rule?.optionalText('schedule_expression') ?? '']],
  };
}

function queueNode(queue: Settings): DiagramNode {
  const letters = redriveTarget(queue);
  const receives = textAt(parseJsonObject(queue.optionalText('redrive_policy') ?? ''), 'maxReceiveCount');
  return {
    ...node('queue', queue.text('arn'), queue.text('name')),
    deadLetters: letters === undefined ? [] : [letters],
    facts: [
      ['visibility timeout', `${queue.number('visibility_timeout_seconds', 30)} s`],
      ...(receives === '' ? [] : [['dead letter after', `${receives} receives`] as const]),
    ],
  };
}

function busNode(bus: Settings, of: Of): DiagramNode {
  const name = bus.text('name');
  const rules = of('aws_cloudwatch_event_rule').filter((rule) => rule.optionalText('event_bus_name') === name);
  const targets = of('aws_cloudwatch_event_target').filter((target) => target.optionalText('event_bus_name') === name);
  const deadLetters = targets.map((target) => target.block('dead_letter_config', ['arn'])?.text('arn')).filter((arn) => arn !== undefined);
  return {
    ...node('bus', bus.text('arn'), name),
    deadLetters: [...new Set(deadLetters)],
    rules: rules
      .map((rule) => ({
        id: rule.text('arn'),
        name: rule.text('name'),
        description: rule.optionalText('description') ?? '',
        pattern: rule.optionalText('event_pattern') ?? '',
      }))
      .sort((one, other) => one.name.localeCompare(other.name)),
  };
}

/** Edges that say themselves which way an event goes: routes, triggers, schedules, rules, subscriptions. */
function certainEdges(of: Of, pipeline: Pipeline, nodes: Map<string, DiagramNode>): readonly DiagramEdge[] {
  const functionArn = (name: string): string => pipeline.functions.find((one) => one.name === name)?.arn ?? name;
  const apis = of('aws_api_gateway_rest_api');
  const routes = apis.flatMap((api) => {
    const reached = pipeline.apis.find(({ id }) => id === api.text('id'))?.routes.map(({ functionName }) => functionArn(functionName));
    return [flow(senders, api.text('arn')), ...[...new Set(reached)].map((to) => flow(api.text('arn'), to))];
  });
  const triggers = of('aws_lambda_event_source_mapping').map((mapping) =>
    flow(mapping.text('event_source_arn').replace(/\/stream\/.*$/, ''), functionArn(functionNameOf(mapping.text('function_name')))),
  );
  const schedules = pipeline.scheduleTriggers.map(({ ruleArn, functionName }) => flow(ruleArn, functionArn(functionName)));
  const targets = of('aws_cloudwatch_event_target').flatMap((target) => ruleEdges(target, of, nodes));
  const subscriptions = of('aws_sns_topic_subscription').map((subscription) =>
    flow(subscription.text('topic_arn'), known(subscription.text('endpoint'), 'person', nodes)),
  );
  return [...routes, ...triggers, ...schedules, ...targets, ...subscriptions].filter(({ from, to }) => nodes.has(from) && nodes.has(to));
}

function ruleEdges(target: Settings, of: Of, nodes: Map<string, DiagramNode>): readonly DiagramEdge[] {
  const busName = target.optionalText('event_bus_name');
  const bus = of('aws_cloudwatch_event_bus').find((one) => one.text('name') === busName);
  const rule = of('aws_cloudwatch_event_rule').find(
    (one) => one.text('name') === target.text('rule') && one.optionalText('event_bus_name') === busName,
  );
  if (bus === undefined || rule === undefined) return [];
  const to = known(target.text('arn').replace(/:\*$/, ''), 'other', nodes);
  return [{ from: bus.text('arn'), to, rule: rule.text('arn'), kind: 'flow' }];
}

/** A target or subscriber that is none of our resources is drawn all the same. */
function known(id: string, kind: NodeKind, nodes: Map<string, DiagramNode>): string {
  // An HTTP endpoint's ARN ends in an id of its own behind the name.
  const [, endpoint] = /:api-destination\/([^/]+)\//.exec(id) ?? [];
  if (!nodes.has(id)) nodes.set(id, node(kind, id, endpoint ?? id.slice(id.lastIndexOf(':') + 1)));
  return id;
}

/**
 * What a function's variables name is what it calls. In the order in which an event meets the functions a call goes forward with it,
 * unless the function is behind the thing that it calls: the processor that marks a row of the table does not feed the table.
 */
function callEdges(of: Of, pipeline: Pipeline, nodes: Map<string, DiagramNode>, certain: readonly DiagramEdge[]): readonly DiagramEdge[] {
  const named = resourcesByValue(of, nodes);
  const letters = new Set([...nodes.values()].flatMap(({ deadLetters }) => deadLetters));
  const added: DiagramEdge[] = [];
  const waiting = [senders, ...pipeline.scheduleTriggers.map(({ ruleArn }) => ruleArn)];
  const seen = new Set(waiting);
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const one = pipeline.functions.find(({ arn }) => arn === id);
    if (one !== undefined && passesEvents(one.name, pipeline)) {
      const called = new Set(Object.entries(one.environment).flatMap(([variable, value]) => named(variable, value)));
      for (const to of called) {
        if (letters.has(to)) continue;
        added.push({ from: one.arn, to, kind: reaches(to, one.arn, [...certain, ...added]) ? 'uses' : 'flow' });
      }
    }
    const next = [...certain, ...added].filter(({ from, kind }) => from === id && kind === 'flow').map(({ to }) => to);
    for (const to of next.filter((candidate) => !seen.has(candidate))) {
      seen.add(to);
      waiting.push(to);
    }
  }
  return added;
}

/** A function that only answers GET is asked by people, and passes no event on. */
function passesEvents(name: string, { apis, queueTriggers, streamTriggers, scheduleTriggers }: Pipeline): boolean {
  const posts = apis.some(({ routes }) => routes.some((route) => route.functionName === name && route.httpMethod !== 'GET'));
  return posts || [...queueTriggers, ...streamTriggers, ...scheduleTriggers].some(({ functionName }) => functionName === name);
}

/** What a variable names by its value. A table and a bus may have one name; then the variable's own name decides. */
function resourcesByValue(of: Of, nodes: ReadonlyMap<string, DiagramNode>): (variable: string, value: string) => readonly string[] {
  const urls = new Map(of('aws_sqs_queue').map((queue) => [queue.text('arn'), queue.text('url')]));
  const candidates = [...nodes.values()].filter(({ kind }) => ['queue', 'table', 'bucket', 'bus', 'topic'].includes(kind));
  return (variable, value) => {
    const found = candidates.filter(({ id, name, kind }) => value === id || value === urls.get(id) || (value === name && kind !== 'queue'));
    const meant = found.length > 1 ? found.filter(({ kind }) => variable.toLowerCase().includes(kind)) : found;
    return meant.map(({ id }) => id);
  };
}

function reaches(start: string, goal: string, edges: readonly DiagramEdge[]): boolean {
  const seen = new Set<string>();
  const waiting = [start];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (id === goal) return true;
    if (seen.has(id)) continue;
    seen.add(id);
    waiting.push(...edges.filter(({ from, kind }) => from === id && kind === 'flow').map(({ to }) => to));
  }
  return false;
}

function flow(from: string, to: string): DiagramEdge {
  return { from, to, kind: 'flow' };
}

/** JSON on several lines where it is JSON. */
export function prettyPattern(pattern: string): string {
  const value: Json = pattern === '' ? null : parseJson(pattern);
  return isObject(value) || isJsonArray(value) ? JSON.stringify(value, null, 2) : '';
}
