import { isJsonArray, textAt } from '../../scripts/local/json';
import { keyOf } from './on-behalf';
import { otherAccountId, type Attempt } from './simulation';
import { accountId, text, type Applied, type World } from './world';

/** One AWS service reaches a resource of ours on its own behalf. */
export interface Edge {
  readonly name: string;
  /** Edges of the same kind differ in nothing but their source. */
  readonly kind?: string;
  /** Where AWS says what it needs. */
  readonly page: string;
  /** With the fewest condition keys that are known to be sent. */
  readonly attempts: readonly Attempt[];
  /** Values of each condition key that must not get in, each with the other keys as they are. */
  readonly foreign: Readonly<Record<string, readonly string[]>>;
}

const pages = {
  topic: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
  queue: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html',
  targets: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html',
  bus: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-key-policy.html',
  roles: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-iam-roles.html',
  subscription: 'https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html',
  deadLetters: 'https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html',
  logs: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html',
  api: 'https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html',
  trust: 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
  flowLogs: 'https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html',
} as const;

const account = { 'aws:SourceAccount': accountId };
const otherAccount = { 'aws:SourceAccount': [otherAccountId] };
const elsewhere = (arn: string): string => arn.replace(accountId, otherAccountId);

/** Every edge of the stacks, found in their resources: an alarm, rule, log group or route that is added is an edge at once. */
export function edgesOf(world: World): readonly Edge[] {
  return [
    ...world.of('aws_cloudwatch_metric_alarm').flatMap((alarm) => alarmEdges(world, alarm)),
    ...world.of('aws_cloudwatch_event_target').flatMap((target) => targetEdges(world, target)),
    ...world.of('aws_cloudwatch_event_bus').flatMap((bus) => busEdges(world, bus)),
    ...world.of('aws_sns_topic_subscription').flatMap((subscription) => subscriptionEdges(world, subscription)),
    ...world.of('aws_cloudwatch_log_group').flatMap((group) => logEdges(world, group)),
    ...world.of('aws_api_gateway_integration').map((integration) => routeEdge(world, integration)),
    ...world.of('aws_iam_role').map(trustEdge),
  ];
}

function alarmEdges(world: World, alarm: Applied): readonly Edge[] {
  const topics = new Set(['alarm_actions', 'ok_actions', 'insufficient_data_actions'].flatMap((name) => texts(alarm, name)));
  const context = { ...account, 'aws:SourceArn': text(alarm, 'arn') };
  const foreign = {
    ...otherAccount,
    'aws:SourceArn': [elsewhere(text(alarm, 'arn')), text(alarm, 'arn').replace(':alarm:', ':dashboard/')],
  };
  return [...topics].map((topic) => ({
    name: `${alarm.path} to ${lastOf(topic)}`,
    kind: `an alarm to ${lastOf(topic)}`,
    page: pages.topic,
    attempts: [
      { principal: 'cloudwatch.amazonaws.com', action: 'sns:Publish', resource: topic, context },
      ...keyAttempts(world, topic, 'cloudwatch.amazonaws.com', context),
    ],
    foreign,
  }));
}

function targetEdges(world: World, target: Applied): readonly Edge[] {
  const rules = world.of('aws_cloudwatch_event_rule').filter((rule) => text(rule, 'event_bus_name') === text(target, 'event_bus_name'));
  const rule = rules.find((candidate) => text(candidate, 'name') === text(target, 'rule'));
  if (rule === undefined) throw new Error(`${target.path}: has no rule`);
  const arn = text(target, 'arn');
  const deadLetters = textAt(target.values, 'dead_letter_config', 'arn');
  const from = text(rule, 'arn');
  const others = [elsewhere(from), `${from}-2`, ...rulesWithout(world, rules, arn)];
  const toTarget = targetReach(world, target, from, others);
  return [...toTarget, ...queueEdges(world, `${target.path} given up`, from, deadLetters, [elsewhere(from), `${from}-2`])];
}

/** The way to the target itself. What lets a rule into somebody else's queue is the owner's to write. */
function targetReach(world: World, target: Applied, from: string, others: readonly string[]): readonly Edge[] {
  const arn = text(target, 'arn');
  const [, , service = '', , , resource = ''] = arn.split(':');
  if (service === 'logs') return logTargetEdges(target.path, from, arn, others);
  if (service === 'lambda') {
    const attempt = {
      principal: 'events.amazonaws.com',
      action: 'lambda:InvokeFunction',
      resource: arn,
      context: { 'aws:SourceArn': from },
    };
    return [{ name: `${target.path} to ${resource}`, page: pages.targets, attempts: [attempt], foreign: { 'aws:SourceArn': others } }];
  }
  if (service === 'events') {
    const action = resource.startsWith('event-bus/') ? 'events:PutEvents' : 'events:InvokeApiDestination';
    const attempt = { principal: text(target, 'role_arn'), action, resource: arn };
    return [{ name: `${target.path} to ${resource}`, page: pages.roles, attempts: [attempt], foreign: {} }];
  }
  const isOurs = world.of('aws_sqs_queue').some((queue) => text(queue, 'arn') === arn);
  return isOurs ? queueEdges(world, target.path, from, arn, others) : [];
}

/** Rules that have nothing to deliver there. */
function rulesWithout(world: World, rules: readonly Applied[], targetArn: string): readonly string[] {
  const targets = world.of('aws_cloudwatch_event_target').filter((target) => text(target, 'arn') === targetArn);
  return rules.filter((rule) => !targets.some((target) => text(target, 'rule') === text(rule, 'name'))).map((rule) => text(rule, 'arn'));
}

function queueEdges(world: World, name: string, from: string, queueArn: string, others: readonly string[]): readonly Edge[] {
  const events = 'events.amazonaws.com';
  const send = { principal: events, action: 'sqs:SendMessage', resource: queueArn, context: { 'aws:SourceArn': from } };
  return [
    { name: `${name} to ${lastOf(queueArn)}`, page: pages.targets, attempts: [send], foreign: { 'aws:SourceArn': others } },
    {
      name: `${name} to the key of ${lastOf(queueArn)}`,
      page: pages.queue,
      attempts: keyAttempts(world, queueArn, events, account),
      foreign: otherAccount,
    },
  ];
}

function logTargetEdges(name: string, from: string, groupArn: string, others: readonly string[]): readonly Edge[] {
  const resource = `${groupArn}:log-stream:0123456789abcdef`;
  return ['events.amazonaws.com', 'delivery.logs.amazonaws.com'].flatMap((principal) => [
    {
      name: `${name}: ${principal} makes a stream`,
      page: pages.targets,
      attempts: [{ principal, action: 'logs:CreateLogStream', resource }],
      foreign: {},
    },
    {
      name: `${name}: ${principal} writes`,
      page: pages.targets,
      attempts: [{ principal, action: 'logs:PutLogEvents', resource, context: { 'aws:SourceArn': from } }],
      foreign: { 'aws:SourceArn': others },
    },
  ]);
}

function busEdges(world: World, bus: Applied): readonly Edge[] {
  const principal = 'events.amazonaws.com';
  const from = text(bus, 'arn');
  const resource = text(bus, 'kms_key_identifier');
  const encryptionContext = 'kms:EncryptionContext:aws:events:event-bus:arn';
  const context = { 'aws:SourceArn': from, [encryptionContext]: from };
  const others = [`${from}-2`, elsewhere(from)];
  return [
    {
      name: `${bus.path} asks for its key`,
      page: pages.bus,
      attempts: [{ principal, action: 'kms:DescribeKey', resource, context: account }],
      foreign: otherAccount,
    },
    {
      name: `${bus.path} stores events`,
      page: pages.bus,
      attempts: ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ({ principal, action, resource, context })),
      foreign: { 'aws:SourceArn': others, [encryptionContext]: others },
    },
    ...queueEdges(world, `${bus.path} given up`, from, textAt(bus.values, 'dead_letter_config', 'arn'), others),
  ];
}

function subscriptionEdges(world: World, subscription: Applied): readonly Edge[] {
  const topic = text(subscription, 'topic_arn');
  const redrive: unknown = JSON.parse(text(subscription, 'redrive_policy'));
  const context = { 'aws:SourceArn': topic };
  const toQueue = (name: string, page: string, queue: string): Edge => ({
    name: `${subscription.path} ${name} ${lastOf(queue)}`,
    page,
    attempts: [
      { principal: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: queue, context },
      ...keyAttempts(world, queue, 'sns.amazonaws.com', context),
    ],
    foreign: { 'aws:SourceArn': [`${topic}-2`, elsewhere(topic)] },
  });
  // Somebody else's queue has a policy of its own.
  const ours = world.of('aws_sqs_queue').some((queue) => text(queue, 'arn') === subscription.values['endpoint']);
  return [
    ...(ours ? [toQueue('delivered to', pages.subscription, text(subscription, 'endpoint'))] : []),
    toQueue('given up to', pages.deadLetters, textAt(redrive, 'deadLetterTargetArn')),
  ];
}

function logEdges(world: World, group: Applied): readonly Edge[] {
  const key = group.values['kms_key_id'];
  if (typeof key !== 'string') return [];
  const arn = text(group, 'arn');
  const context = { 'kms:EncryptionContext:aws:logs:arn': arn };
  const actions = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];
  const principal = `logs.${world.region}.amazonaws.com`;
  return [
    {
      name: `${group.path} encrypts`,
      page: pages.logs,
      attempts: actions.map((action) => ({ principal, action, resource: key, context })),
      foreign: { 'kms:EncryptionContext:aws:logs:arn': [`${arn}-2`, elsewhere(arn)] },
    },
  ];
}

function routeEdge(world: World, integration: Applied): Edge {
  const api = text(integration, 'rest_api_id');
  const [stage] = world.of('aws_api_gateway_stage').filter((candidate) => text(candidate, 'rest_api_id') === api);
  if (stage === undefined) throw new Error(`${integration.path}: has no stage`);
  const resource = text(integration, 'uri');
  const source = (name: string, method: string, path: string) =>
    `arn:aws:execute-api:${world.region}:${accountId}:${api}/${name}/${method}${path}`;
  const [name, method, path] = [text(stage, 'stage_name'), text(integration, 'http_method'), text(integration, 'resource_id')];
  const from = source(name, method, path);
  const others = [
    source('test-invoke-stage', method, path),
    source(name, 'PUT', path),
    source(name, method, '/other'),
    elsewhere(from),
    from.replace(api, 'other'),
  ];
  return {
    name: `${method} ${path} to ${lastOf(resource)}`,
    page: pages.api,
    attempts: [{ principal: 'apigateway.amazonaws.com', action: 'lambda:InvokeFunction', resource, context: { 'aws:SourceArn': from } }],
    // Where anybody may invoke the function, no source is foreign.
    foreign: isPublic(world, resource) ? {} : { 'aws:SourceArn': others },
  };
}

/** Whether a function's own URL is open to everybody. */
export function isPublic({ policies }: World, functionArn: string): boolean {
  return (policies.resources.get(functionArn) ?? []).some(({ Principal }) => Principal === '*');
}

/** The services that a role is for. */
const assumedBy = {
  'webhook-api/logging/role': 'apigateway.amazonaws.com',
  'network/flow-logs/role': 'vpc-flow-logs.amazonaws.com',
} as const;

function trustEdge(role: Applied): Edge {
  const flowLogs = role.path === 'network/flow-logs/role';
  const ofRule = role.path.startsWith('subscriber-') ? 'events.amazonaws.com' : undefined;
  const [, principal = ofRule ?? 'lambda.amazonaws.com'] = Object.entries(assumedBy).find(([path]) => path === role.path) ?? [];
  const attempt = { principal, action: 'sts:AssumeRole', resource: text(role, 'arn') };
  return {
    name: `${principal} assumes ${role.path}`,
    page: flowLogs ? pages.flowLogs : pages.trust,
    attempts: [flowLogs ? { ...attempt, context: account } : attempt],
    foreign: flowLogs ? otherAccount : {},
  };
}

function keyAttempts(world: World, encrypted: string, principal: string, context: Readonly<Record<string, string>>): readonly Attempt[] {
  const resource = keyOf(world, encrypted);
  if (resource === undefined) throw new Error(`${encrypted} has no key of ours`);
  return ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ({ principal, action, resource, context }));
}

function texts({ values }: Applied, property: string): readonly string[] {
  const list = values[property];
  return isJsonArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
