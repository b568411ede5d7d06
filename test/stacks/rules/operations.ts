import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventFields } from '../../../stacks/event-fields';
import { findPatternProblem, type PatternProblem } from '../../../stacks/event-pattern';
import { at, entries, json, type Resource } from '../synthesized';
import { dashboardProblem } from './dashboard-body';
import { deadLetterQueues } from './messaging';
import { each, ofType, referred, resource, type Finding, type Rule } from './rule';

const fields = eventFields();
const projectRoot = join(__dirname, '../../..');
const alarmWith = (properties: Resource['properties']) => resource('aws_cloudwatch_metric_alarm', 'bad/alarm', properties);

function reachesOperations(actions: unknown, resources: readonly Resource[]): boolean {
  return entries(actions).some(([, arn]) => String(referred(resources, arn)?.properties['name']).startsWith('operations-alarms-'));
}

function runbookOf({ alarm_description: description }: Resource['properties']): string | undefined {
  return /Runbook: (docs\/runbook\/[a-z-]+\.md)$/.exec(String(description))?.[1];
}

/** Namespace and dimensions of every metric that an alarm or the dashboard shows. */
interface Watched {
  readonly place: string;
  readonly namespace: string;
  readonly dimensions: readonly (readonly [string, unknown])[];
}

function watchedByAlarms(resources: readonly Resource[]): readonly Watched[] {
  return ofType(resources, 'aws_cloudwatch_metric_alarm').flatMap(({ path, properties }) => {
    const metrics = [properties, ...entries(properties['metric_query']).map(([, query]) => at(query, 'metric'))];
    return metrics
      .filter((metric) => at(metric, 'namespace') !== undefined)
      .map((metric) => ({ place: path, namespace: String(at(metric, 'namespace')), dimensions: entries(at(metric, 'dimensions')) }));
  });
}

function watchedByDashboards(resources: readonly Resource[]): readonly Watched[] {
  return ofType(resources, 'aws_cloudwatch_dashboard').flatMap(({ path, properties }) =>
    entries(at(json(properties['dashboard_body']), 'widgets'))
      .flatMap(([, widget]) => entries(at(widget, 'properties', 'metrics')))
      .map(([, line]) => entries(line).map(([, part]) => part))
      .filter((parts) => parts.length > 1)
      .map(([namespace, , ...rest]) => ({ place: path, namespace: String(namespace), dimensions: pairs(rest.slice(0, -1)) })),
  );
}

function pairs(parts: readonly unknown[]): readonly (readonly [string, unknown])[] {
  return parts.flatMap((part, index) => (index % 2 === 0 ? [[String(part), parts[index + 1]] as const] : []));
}

/** The resource type, and the property of it, that a dimension names. */
const namedBy: Readonly<Record<string, readonly [type: string, property: string]>> = {
  FunctionName: ['aws_lambda_function', 'function_name'],
  service: ['aws_lambda_function', 'function_name'],
  QueueName: ['aws_sqs_queue', 'name'],
  TopicName: ['aws_sns_topic', 'name'],
  EventBusName: ['aws_cloudwatch_event_bus', 'name'],
  RuleName: ['aws_cloudwatch_event_rule', 'name'],
  ApiName: ['aws_api_gateway_rest_api', 'name'],
  Stage: ['aws_api_gateway_stage', 'stage_name'],
  TableName: ['aws_dynamodb_table', 'name'],
  WebACL: ['aws_wafv2_web_acl', 'name'],
};

function watchingNothing(resources: readonly Resource[]): readonly Finding[] {
  return [...watchedByAlarms(resources), ...watchedByDashboards(resources)].flatMap(({ place, dimensions }) =>
    dimensions.flatMap(([dimension, value]) => {
      const named = namedBy[dimension];
      if (named === undefined) return [];
      const exists = ofType(resources, named[0]).some(({ properties }) => properties[named[1]] === value);
      return exists ? [] : [{ place, why: `there is no ${named[0]} ${String(value)}` }];
    }),
  );
}

function unwatchedDeadLetters(resources: readonly Resource[]): readonly Finding[] {
  const watched = ofType(resources, 'aws_cloudwatch_metric_alarm')
    .filter(({ properties }) => properties['metric_name'] === 'ApproximateNumberOfMessagesVisible' && properties['threshold'] === 0)
    .map(({ properties }) => at(properties, 'dimensions', 'QueueName'));
  return ofType(resources, 'aws_sqs_queue')
    .filter(({ address, properties }) => deadLetterQueues(resources).has(address) && !watched.includes(properties['name']))
    .map(({ path }) => ({ place: path, why: 'nobody is told when something is in it' }));
}

/** Node.js on Lambda: the day on which AWS ends its support. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, November 2026 */
const supportEnds: Readonly<Record<string, string>> = {
  'nodejs20.x': '2026-04-30',
  'nodejs22.x': '2027-04-30',
  'nodejs24.x': '2028-04-30',
};

function isSupported({ runtime }: Resource['properties']): boolean {
  const end = supportEnds[String(runtime)];
  return end !== undefined && Date.now() < Date.parse(end);
}

const requiredTags = ['Project', 'Environment', 'ManagedBy', 'CostCenter'];

function isProtected({ type, properties }: Resource): boolean {
  if (at(properties, 'lifecycle', 'prevent_destroy') !== true) return false;
  return type !== 'aws_dynamodb_table' || properties['deletion_protection_enabled'] === true;
}

/** Without a detail every event is asked for, and a schedule has no pattern. */
function patternProblem({ event_pattern: text }: Resource['properties']): PatternProblem | undefined {
  if (text === undefined) return undefined;
  const detail = at(json(text), 'detail');
  return detail === undefined ? undefined : findPatternProblem(detail, fields);
}

function refusedDashboards(resources: readonly Resource[]): readonly Finding[] {
  return ofType(resources, 'aws_cloudwatch_dashboard').flatMap(({ path, properties }) => {
    const problem = dashboardProblem(json(properties['dashboard_body']));
    return problem === undefined ? [] : [{ place: path, why: problem }];
  });
}

/** A dashboard of one graph, with something of its widget or of its properties replaced. */
function dashboardWith(widget: Readonly<Record<string, unknown>>, properties: Readonly<Record<string, unknown>> = {}): readonly Resource[] {
  const metrics = [['AWS/SQS', 'NumberOfMessagesSent', { stat: 'Sum', label: 'sent' }]];
  const graph = { type: 'metric', x: 0, y: 0, width: 6, height: 6, ...widget, properties: { region: 'eu-west-1', metrics, ...properties } };
  return [resource('aws_cloudwatch_dashboard', 'bad/dashboard', { dashboard_body: JSON.stringify({ widgets: [graph] }) })];
}

export const operationsRules: readonly Rule[] = [
  {
    id: 'alarm-actions',
    what: 'every alarm tells the people on call when it begins and when it ends',
    knownAs: ['CKV_AWS_319', 'CloudWatch.15', 'CloudWatch.17'],
    check: each(
      'aws_cloudwatch_metric_alarm',
      (alarm, resources) =>
        alarm['actions_enabled'] === true &&
        reachesOperations(alarm['alarm_actions'], resources) &&
        reachesOperations(alarm['ok_actions'], resources),
      'rings and nobody hears it',
    ),
    bad: [
      [alarmWith({})],
      [
        resource('aws_sns_topic', 'operations/topic', { name: 'operations-alarms-dev' }),
        alarmWith({
          actions_enabled: false,
          alarm_actions: ['${aws_sns_topic.operations_topic.arn}'],
          ok_actions: ['${aws_sns_topic.operations_topic.arn}'],
        }),
      ],
    ],
  },
  {
    id: 'alarm-missing-data',
    what: 'every alarm says what silence means',
    check: each(
      'aws_cloudwatch_metric_alarm',
      (alarm) => ['notBreaching', 'breaching', 'ignore'].includes(String(alarm['treat_missing_data'])),
      'hangs in INSUFFICIENT_DATA',
    ),
    bad: [[alarmWith({})], [alarmWith({ treat_missing_data: 'missing' })]],
  },
  {
    id: 'alarm-runbook',
    what: 'every alarm names a page of the runbook that exists',
    check: each(
      'aws_cloudwatch_metric_alarm',
      (alarm) => {
        const page = runbookOf(alarm);
        return page !== undefined && existsSync(join(projectRoot, page));
      },
      'whoever is woken up does not know what to do',
    ),
    bad: [[alarmWith({ alarm_description: 'CPU high' })], [alarmWith({ alarm_description: 'x. Runbook: docs/runbook/no-such-page.md' })]],
  },
  {
    id: 'watched-exists',
    what: 'every alarm and graph watches something that exists',
    check: watchingNothing,
    bad: [
      [alarmWith({ namespace: 'AWS/SQS', dimensions: { QueueName: 'renamed' } })],
      [alarmWith({ metric_query: [{ metric: { namespace: 'AWS/Lambda', dimensions: { FunctionName: 'renamed' } } }] })],
      [
        resource('aws_cloudwatch_dashboard', 'bad/dashboard', {
          dashboard_body: '{"widgets":[{"properties":{"metrics":[["AWS/SQS","Age","QueueName","renamed",{}]]}}]}',
        }),
      ],
    ],
  },
  {
    id: 'dashboard-body',
    what: 'every dashboard has the structure that CloudWatch accepts, its grid in whole columns',
    check: refusedDashboards,
    bad: [
      dashboardWith({ x: 4.8 }),
      dashboardWith({ width: 4.8 }),
      dashboardWith({ width: 25 }),
      dashboardWith({ height: 0 }),
      dashboardWith({ type: 'graph' }),
      dashboardWith({}, { period: 90 }),
      dashboardWith({}, { region: undefined }),
      dashboardWith({}, { yaxis: {} }),
      dashboardWith({}, { metrics: [['AWS/SQS', 'NumberOfMessagesSent', 'QueueName', { stat: 'Sum' }]] }),
      dashboardWith({}, { metrics: [['AWS/SQS', 'NumberOfMessagesSent', { stat: 'p' }]] }),
      dashboardWith({}, { metrics: [[{ search: 'SEARCH(...)' }]] }),
    ],
  },
  {
    id: 'dead-letters-watched',
    what: 'an alarm rings for every queue of dead letters as soon as one is in it',
    check: unwatchedDeadLetters,
    bad: [
      [
        resource('aws_sqs_queue', 'bad/dead-letters', { name: 'dead-letters' }),
        resource('aws_cloudwatch_event_target', 'bad/target', { dead_letter_config: { arn: '${aws_sqs_queue.bad_dead-letters.arn}' } }),
      ],
    ],
  },
  {
    id: 'default-tags',
    what: 'everything that can be tagged says which project and environment it belongs to and who pays',
    check: each(
      'provider',
      (provider) => {
        const tags = at(provider, 'default_tags', 0, 'tags');
        return requiredTags.every((key) => typeof at(tags, key) === 'string');
      },
      'resources without an owner',
    ),
    bad: [[resource('provider', 'aws', {})], [resource('provider', 'aws', { default_tags: [{ tags: { Project: 'x' } }] })]],
  },
  {
    id: 'data-protected',
    what: 'nobody destroys data by mistake: Terraform refuses, and so does the table',
    knownAs: ['DynamoDB.6'],
    where: ['prod'],
    check: (resources) =>
      ['aws_dynamodb_table', 'aws_s3_bucket', 'aws_kms_key']
        .flatMap((type) => ofType(resources, type))
        .filter((candidate) => !isProtected(candidate))
        .map(({ path }) => ({ place: path, why: 'can be destroyed with one command' })),
    bad: [
      [resource('aws_dynamodb_table', 'bad/table', { lifecycle: { prevent_destroy: true } })],
      [resource('aws_s3_bucket', 'bad/bucket', {})],
      [resource('aws_kms_key', 'bad/key', {})],
    ],
  },
  {
    id: 'runtime-supported',
    what: 'every function runs on a runtime that AWS supports today',
    knownAs: ['CKV_AWS_363', 'Lambda.2'],
    check: each('aws_lambda_function', isSupported, 'AWS no longer patches it, and will refuse to deploy it'),
    bad: [
      [resource('aws_lambda_function', 'bad/function', { runtime: 'nodejs20.x' })],
      [resource('aws_lambda_function', 'bad/function', { runtime: 'nodejs99.x' })],
    ],
  },
  {
    id: 'function-network',
    what: 'every function runs in our network',
    knownAs: ['CKV_AWS_117', 'Lambda.3'],
    check: each(
      'aws_lambda_function',
      (lambda, resources) => {
        const subnets = entries(at(lambda, 'vpc_config', 'subnet_ids')).map(([, id]) => referred(resources, id)?.path ?? '');
        return subnets.length > 1 && subnets.every((path) => path.includes('private-subnet'));
      },
      'not in two private subnets',
    ),
    bad: [
      [resource('aws_lambda_function', 'bad/function', {})],
      [
        resource('aws_subnet', 'network/public-subnet-1', {}),
        resource('aws_lambda_function', 'bad/function', {
          vpc_config: { subnet_ids: ['${aws_subnet.network_public-subnet-1.id}', '${aws_subnet.network_public-subnet-1.id}'] },
        }),
      ],
    ],
  },
  {
    id: 'mapping-scaling',
    what: 'no mapping has provisioned pollers beside a maximum concurrency, which Lambda refuses and Terraform does not',
    check: each(
      'aws_lambda_event_source_mapping',
      (mapping) => mapping['provisioned_poller_config'] === undefined || at(mapping, 'scaling_config', 'maximum_concurrency') === undefined,
      'refused when it is applied',
    ),
    bad: [
      [
        resource('aws_lambda_event_source_mapping', 'bad/mapping', {
          scaling_config: { maximum_concurrency: 10 },
          provisioned_poller_config: { minimum_pollers: 2 },
        }),
      ],
    ],
  },
  {
    id: 'pattern-words',
    what: 'event patterns ask for fields, words and types that the processor publishes',
    check: each('aws_cloudwatch_event_rule', (rule) => patternProblem(rule) === undefined, 'never matches'),
    bad: [
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: '{"detail":{"kind":["payment.succeded"]}}' })],
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: '{"detail":{"amount":[10000]}}' })],
      [resource('aws_cloudwatch_event_rule', 'bad/rule', { event_pattern: '{"detail":{"valueband":["high"]}}' })],
    ],
  },
];
