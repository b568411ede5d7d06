import { isJsonArray, isObject, textAt, type Json, type JsonObject } from '../local/json';
import type { SynthesizedBlock, SynthesizedStack } from '../local/synthesized-stacks';

export interface FunctionQuantities {
  /** Construct id, which is the function's name without the environment. */
  readonly name: string;
  readonly memoryMb: number;
  readonly isTraced: boolean;
}

/** What the synthesized stacks decide about the bill. */
export interface StackQuantities {
  readonly functions: readonly FunctionQuantities[];
  readonly natGateways: number;
  readonly publicAddresses: number;
  /** Interface endpoints, each counted once per zone. */
  readonly endpointZones: number;
  readonly webAcls: number;
  /** Rules and rule groups of all web ACLs. */
  readonly webAclRules: number;
  readonly keys: number;
  readonly secrets: number;
  /** Metrics that alarms read; a metric-math alarm pays for each. */
  readonly alarmMetrics: number;
  readonly dashboards: number;
  /** Secondary indexes of all tables. */
  readonly tableIndexes: number;
  /** Mappings that poll a queue. */
  readonly queueTriggers: number;
  /** Longest retention of a log group in days. */
  readonly logRetentionDays: number;
  readonly isApiTraced: boolean;
  readonly hasExecutionLog: boolean;
}

/** Counts what is paid for in the stacks of one environment, the state stack included. */
export function stackQuantities(stacks: readonly SynthesizedStack[]): StackQuantities {
  const of = (type: string): readonly JsonObject[] => blocks(stacks, type).map(({ config }) => config);
  const webAcls = of('aws_wafv2_web_acl');
  return {
    functions: blocks(stacks, 'aws_lambda_function').map(functionQuantities),
    natGateways: of('aws_nat_gateway').length,
    publicAddresses: of('aws_eip').length,
    endpointZones: of('aws_vpc_endpoint')
      .filter((endpoint) => endpoint['vpc_endpoint_type'] === 'Interface')
      .reduce((sum, endpoint) => sum + listOf(endpoint['subnet_ids']).length, 0),
    webAcls: webAcls.length,
    webAclRules: webAcls.reduce((sum, acl) => sum + listOf(acl['rule']).length, 0),
    keys: of('aws_kms_key').length,
    secrets: of('aws_secretsmanager_secret').length,
    alarmMetrics: of('aws_cloudwatch_metric_alarm').reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: of('aws_cloudwatch_dashboard').length,
    tableIndexes: of('aws_dynamodb_table').reduce((sum, table) => sum + listOf(table['global_secondary_index']).length, 0),
    queueTriggers: of('aws_lambda_event_source_mapping').filter((mapping) => textAt(mapping, 'event_source_arn').includes('aws_sqs_queue'))
      .length,
    logRetentionDays: Math.max(0, ...of('aws_cloudwatch_log_group').map((group) => numberOf(group['retention_in_days']))),
    isApiTraced: of('aws_api_gateway_stage').some((stage) => stage['xray_tracing_enabled'] === true),
    hasExecutionLog: of('aws_api_gateway_method_settings').some(
      ({ settings }) => isObject(settings) && settings['logging_level'] === 'INFO',
    ),
  };
}

function blocks(stacks: readonly SynthesizedStack[], type: string): readonly SynthesizedBlock[] {
  return stacks.flatMap(({ resources }) => resources.filter((resource) => resource.type === type));
}

function functionQuantities({ config }: SynthesizedBlock): FunctionQuantities {
  const { tracing_config: tracing } = config;
  return {
    name: constructOf(config),
    memoryMb: numberOf(config['memory_size']),
    isTraced: isObject(tracing) && tracing['mode'] === 'Active',
  };
}

/** The construct around the resource, from cdktf's note of where it was made. */
function constructOf(config: JsonObject): string {
  const place = textAt(config, '//', 'metadata', 'path').split('/').at(-2);
  if (place === undefined) throw new Error(`nothing tells which construct made ${textAt(config, 'function_name')}`);
  return place;
}

/** A metric-math alarm has queries, of which those with a metric count; a plain one reads one metric. */
function metricsOf(alarm: JsonObject): number {
  const queries = listOf(alarm['metric_query']).filter((query) => isObject(query) && query['metric'] !== undefined);
  return Math.max(1, queries.length);
}

function listOf(value: Json | undefined): readonly Json[] {
  return isJsonArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function numberOf(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  throw new Error(`expected a number in the synthesized stacks, found ${JSON.stringify(value)}`);
}
