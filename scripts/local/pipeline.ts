import { gatewayResponsesFrom, type GatewayResponses } from './gateway-responses';
import { isObject, parseJson, type JsonObject } from './json';
import type { Settings } from './settings';

/** A resource whose properties are all known: just provisioned here, or read from a Terraform state. */
export interface KnownResource {
  readonly type: string;
  readonly settings: Settings;
}

export interface FunctionSettings {
  readonly name: string;
  readonly arn: string;
  /** The zip with the code. */
  readonly zipPath: string;
  /** `<file>.<export>`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Invocations at one time; undefined where the function shares the account's. */
  readonly reservedConcurrency: number | undefined;
}

export interface QueueTrigger {
  readonly functionName: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly maximumConcurrency: number | undefined;
  /** A message that matches none of them is deleted unseen; empty: every message goes through. */
  readonly filters: readonly JsonObject[];
}

export interface StreamTrigger {
  readonly functionName: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** Batches of one shard at one time; records of one item stay in order. */
  readonly parallelizationFactor: number;
  /** -1: until the record is too old. */
  readonly maximumRetries: number;
  /** -1: as long as the stream keeps the record. */
  readonly maximumAgeSeconds: number;
  readonly bisects: boolean;
  readonly filters: readonly JsonObject[];
  /** The queue that hears of the records that were given up. */
  readonly onFailureQueueUrl: string | undefined;
}

export interface ScheduleTrigger {
  readonly functionName: string;
  readonly ruleArn: string;
  readonly everyMs: number;
}

export interface Route {
  /** `ANY` for every method. */
  readonly httpMethod: string;
  /** With `{parameters}`, as in the template. */
  readonly resourcePath: string;
  readonly resourceId: string;
  readonly functionName: string;
  readonly timeoutMs: number;
}

export interface ApiSettings {
  readonly id: string;
  readonly stage: string;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly binaryMediaTypes: readonly string[];
  readonly routes: readonly Route[];
  /** Requests per second and burst over all routes. */
  readonly throttling: { readonly rate: number; readonly burst: number } | undefined;
  /** What API Gateway answers itself. */
  readonly responses: GatewayResponses;
}

export interface FunctionUrlSettings {
  readonly functionName: string;
  readonly authorizationType: string;
}

/** What runs on a laptop: everything that an event passes and that no AWS service does by itself. */
export interface Pipeline {
  readonly functions: readonly FunctionSettings[];
  readonly queueTriggers: readonly QueueTrigger[];
  readonly streamTriggers: readonly StreamTrigger[];
  readonly scheduleTriggers: readonly ScheduleTrigger[];
  readonly apis: readonly ApiSettings[];
  readonly functionUrls: readonly FunctionUrlSettings[];
}

/** Reads the pipeline from its resources. Throws an error that names the resource and the property that it cannot work with. */
export function pipelineFrom(resources: readonly KnownResource[]): Pipeline {
  const of = (type: string): readonly Settings[] => resources.filter((resource) => resource.type === type).map(({ settings }) => settings);
  const queues = new Map(of('aws_sqs_queue').map((queue) => [queue.text('arn'), queue.optionalText('url') ?? queue.text('id')]));
  const mappings = of('aws_lambda_event_source_mapping').filter((mapping) => mapping.flag('enabled', true));
  const fromQueue = (mapping: Settings): boolean => mapping.text('event_source_arn').split(':')[2] === 'sqs';
  return {
    functions: of('aws_lambda_function').map(functionSettings),
    queueTriggers: mappings.filter(fromQueue).map((mapping) => queueTrigger(mapping, queues)),
    streamTriggers: mappings.filter((mapping) => !fromQueue(mapping)).map((mapping) => streamTrigger(mapping, queues)),
    scheduleTriggers: of('aws_cloudwatch_event_rule').flatMap((rule) => scheduleTriggers(rule, of('aws_cloudwatch_event_target'))),
    apis: of('aws_api_gateway_rest_api').map((api) => apiSettings(api, of)),
    functionUrls: of('aws_lambda_function_url').map((url) => ({
      functionName: functionNameOf(url.text('function_name')),
      authorizationType: url.text('authorization_type'),
    })),
  };
}

/** The function's name from its name, its ARN or the ARN of one of its versions or aliases. */
export function functionNameOf(nameOrArn: string): string {
  const inArn = /:function:([^:/]+)/.exec(nameOrArn)?.[1];
  return inArn ?? nameOrArn;
}

function functionSettings(settings: Settings): FunctionSettings {
  const packageType = settings.optionalText('package_type') ?? 'Zip';
  if (packageType !== 'Zip') settings.fail('package_type', `is ${packageType}: the local run runs zips`);
  if (!settings.text('runtime').startsWith('nodejs')) settings.fail('runtime', 'is not Node.js');
  const reserved = settings.number('reserved_concurrent_executions', -1);
  return {
    name: settings.text('function_name'),
    arn: settings.text('arn'),
    zipPath: settings.text('filename'),
    handler: settings.text('handler'),
    timeoutSeconds: settings.number('timeout', 3),
    memoryMb: settings.number('memory_size', 128),
    environment: { ...loggingVariables(settings), ...settings.block('environment', ['variables'])?.map('variables') },
    reservedConcurrency: reserved < 0 ? undefined : reserved,
  };
}

/** Lambda tells the function's logger what the function's configuration says. */
function loggingVariables(settings: Settings): Readonly<Record<string, string>> {
  const logging = settings.block('logging_config', ['log_format', 'log_group', 'application_log_level', 'system_log_level']);
  const level = logging?.optionalText('application_log_level');
  return {
    AWS_LAMBDA_LOG_FORMAT: logging?.optionalText('log_format') === 'JSON' ? 'JSON' : 'Text',
    ...(level === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: level }),
  };
}

function queueTrigger(mapping: Settings, queues: ReadonlyMap<string, string>): QueueTrigger {
  const queueArn = mapping.text('event_source_arn');
  const scaling = mapping.block('scaling_config', ['maximum_concurrency']);
  return {
    functionName: functionNameOf(mapping.text('function_name')),
    queueArn,
    queueUrl: queues.get(queueArn) ?? mapping.fail('event_source_arn', 'is no queue of these stacks'),
    batchSize: mapping.number('batch_size', 10),
    windowSeconds: mapping.number('maximum_batching_window_in_seconds', 0),
    reportsItemFailures: reportsItemFailures(mapping),
    maximumConcurrency: scaling?.optionalNumber('maximum_concurrency'),
    filters: filtersOf(mapping),
  };
}

function streamTrigger(mapping: Settings, queues: ReadonlyMap<string, string>): StreamTrigger {
  const streamArn = mapping.text('event_source_arn');
  if (!/^arn:[^:]*:dynamodb:.*\/stream\//.test(streamArn)) mapping.fail('event_source_arn', 'is neither a queue nor a table stream');
  const destination = mapping.block('destination_config', ['on_failure'])?.block('on_failure', ['destination_arn']);
  const destinationArn = destination?.text('destination_arn');
  return {
    functionName: functionNameOf(mapping.text('function_name')),
    functionArn: mapping.text('function_name'),
    streamArn,
    batchSize: mapping.number('batch_size', 100),
    windowSeconds: mapping.number('maximum_batching_window_in_seconds', 0),
    reportsItemFailures: reportsItemFailures(mapping),
    startingPosition: mapping.text('starting_position') === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON',
    // Terraform states carry zero where nothing was set.
    parallelizationFactor: mapping.number('parallelization_factor', 1) || 1,
    maximumRetries: mapping.number('maximum_retry_attempts', -1),
    maximumAgeSeconds: mapping.number('maximum_record_age_in_seconds', -1) || -1,
    bisects: mapping.flag('bisect_batch_on_function_error', false),
    filters: filtersOf(mapping),
    onFailureQueueUrl:
      destinationArn === undefined
        ? undefined
        : (queues.get(destinationArn) ?? mapping.fail('destination_config', 'names something else than a queue of these stacks')),
  };
}

function reportsItemFailures(mapping: Settings): boolean {
  const types = mapping.texts('function_response_types');
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined) mapping.fail('function_response_types', `has the unknown type ${unknown}`);
  return types.length > 0;
}

function filtersOf(mapping: Settings): readonly JsonObject[] {
  const filters = mapping.block('filter_criteria', ['filter'])?.blocks('filter', ['pattern']) ?? [];
  return filters.map((filter) => {
    const pattern = parseJson(filter.text('pattern'));
    return isObject(pattern) ? pattern : filter.fail('pattern', 'is no JSON object');
  });
}

const unitsMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A rule that goes by the clock, and the functions that it runs; none for a rule that goes by a pattern. */
function scheduleTriggers(rule: Settings, targets: readonly Settings[]): readonly ScheduleTrigger[] {
  const expression = rule.optionalText('schedule_expression');
  if (expression === undefined || (rule.optionalText('state') ?? 'ENABLED') === 'DISABLED') return [];
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined) return rule.fail('schedule_expression', 'is no rate: the local run has no cron');
  const everyMs = Number(count) * (unitsMs[unit] ?? 0);
  return targets
    .filter((target) => target.text('rule') === rule.text('name') && target.text('arn').includes(':function:'))
    .map((target) => ({ functionName: functionNameOf(target.text('arn')), ruleArn: rule.text('arn'), everyMs }));
}

function apiSettings(api: Settings, of: (type: string) => readonly Settings[]): ApiSettings {
  const id = api.text('id');
  const mine = (type: string): readonly Settings[] => of(type).filter((settings) => settings.text('rest_api_id') === id);
  const [stage, ...others] = mine('aws_api_gateway_stage');
  if (stage === undefined || others.length > 0) return api.fail('stage', 'is not exactly one: the local run serves one stage');
  const paths = resourcePaths(api, mine('aws_api_gateway_resource'));
  const integrations = mine('aws_api_gateway_integration');
  return {
    id,
    stage: stage.text('stage_name'),
    stageVariables: stage.map('variables'),
    binaryMediaTypes: api.texts('binary_media_types'),
    routes: mine('aws_api_gateway_method').map((method) => route(method, integrations, paths)),
    throttling: throttlingOf(mine('aws_api_gateway_method_settings')),
    responses: gatewayResponsesFrom(mine('aws_api_gateway_gateway_response')),
  };
}

function resourcePaths(api: Settings, resources: readonly Settings[]): (resourceId: string) => string {
  const root = api.text('root_resource_id');
  const byId = new Map(resources.map((resource) => [resource.text('id'), resource]));
  const pathOf = (id: string): string => {
    if (id === root) return '';
    const resource = byId.get(id) ?? api.fail('resource', `${id} is unknown`);
    return `${pathOf(resource.text('parent_id'))}/${resource.text('path_part')}`;
  };
  return (id) => pathOf(id) || '/';
}

function route(method: Settings, integrations: readonly Settings[], pathOf: (resourceId: string) => string): Route {
  const resourceId = method.text('resource_id');
  const httpMethod = method.text('http_method');
  if (method.text('authorization') !== 'NONE') method.fail('authorization', 'is not NONE: the local run has no authorizers');
  if (method.flag('api_key_required', false)) method.fail('api_key_required', 'is true: the local run has no API keys');
  if (method.has('request_validator_id')) method.fail('request_validator_id', 'is set: the local run validates no requests');
  const integration = integrations.find((one) => one.text('resource_id') === resourceId && one.text('http_method') === httpMethod);
  if (integration === undefined) return method.fail('http_method', 'has no integration');
  if (integration.text('type') !== 'AWS_PROXY') integration.fail('type', 'is not AWS_PROXY');
  if (integration.has('content_handling')) integration.fail('content_handling', 'is not understood by the local run');
  return {
    httpMethod,
    resourcePath: pathOf(resourceId),
    resourceId,
    functionName: functionNameOf(integration.text('uri')),
    timeoutMs: integration.number('timeout_milliseconds', 29_000) || 29_000,
  };
}

const methodSettings = [
  'throttling_rate_limit',
  'throttling_burst_limit',
  'logging_level',
  'data_trace_enabled',
  'metrics_enabled',
  'require_authorization_for_cache_control',
  'unauthorized_cache_control_header_strategy',
];

function throttlingOf(settings: readonly Settings[]): ApiSettings['throttling'] {
  const all = settings.find((one) => one.text('method_path') === '*/*')?.block('settings', methodSettings);
  const rate = all?.number('throttling_rate_limit', -1) ?? -1;
  return rate < 0 ? undefined : { rate, burst: all?.number('throttling_burst_limit', rate) ?? rate };
}
