import type { JsonObject } from '../../scripts/local/json';
import { isJsonArray, isObject, textAt } from '../../scripts/local/json';
import type { Need } from './recorded-calls';
import { text, type Applied, type World } from './world';

/** Pages that say what AWS does in the name of a function's role. No scenario on a laptop can show it. Read in November 2026. */
const pages = {
  logs: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html',
  tracing: 'https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html',
  network: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html',
  queue: 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html',
  stream: 'https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html',
  asynchronous: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
  discarded: 'https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html',
  sqsKey: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html',
  snsKey: 'https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html',
  s3Key: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html',
  tableKey: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html',
  secretKey: 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html',
} as const;

/** Which keys a call makes its service use in the caller's name. A call that is not here reads and writes nothing that is encrypted for the caller. */
const keyUses: Readonly<Record<string, { readonly service: string; readonly actions: readonly string[]; readonly page: string }>> = {
  'dynamodb:GetItem': { service: 'dynamodb', actions: ['kms:Decrypt'], page: pages.tableKey },
  'dynamodb:Query': { service: 'dynamodb', actions: ['kms:Decrypt'], page: pages.tableKey },
  'dynamodb:PutItem': { service: 'dynamodb', actions: ['kms:Decrypt'], page: pages.tableKey },
  'dynamodb:UpdateItem': { service: 'dynamodb', actions: ['kms:Decrypt'], page: pages.tableKey },
  'dynamodb:GetRecords': { service: 'dynamodb', actions: ['kms:Decrypt'], page: pages.tableKey },
  's3:PutObject': { service: 's3', actions: ['kms:GenerateDataKey', 'kms:Decrypt'], page: pages.s3Key },
  'secretsmanager:GetSecretValue': { service: 'secretsmanager', actions: ['kms:Decrypt'], page: pages.secretKey },
  'sns:Publish': { service: 'sns', actions: ['kms:GenerateDataKey', 'kms:Decrypt'], page: pages.snsKey },
  'sqs:ReceiveMessage': { service: 'sqs', actions: ['kms:Decrypt'], page: pages.sqsKey },
  'sqs:SendMessage': { service: 'sqs', actions: ['kms:GenerateDataKey', 'kms:Decrypt'], page: pages.sqsKey },
};

/** Everything that AWS does in the name of a function's role: because of its settings, its triggers, and the keys of what it calls. */
export function onBehalfOf(world: World, lambda: Applied, calls: readonly Need[]): readonly Need[] {
  const direct = [
    ...settingsNeeds(world, lambda),
    ...triggersOf(world, lambda).flatMap((mapping) => triggerNeeds(mapping)),
    ...asynchronousNeeds(world, lambda),
  ];
  return [...direct, ...[...calls, ...direct].flatMap((need) => keyNeeds(world, need))];
}

function settingsNeeds(world: World, lambda: Applied): readonly Need[] {
  const { values } = lambda;
  const logGroup = textAt(values, 'logging_config', 'log_group');
  const group = world.of('aws_cloudwatch_log_group').find((candidate) => text(candidate, 'name') === logGroup);
  if (group === undefined) throw new Error(`${lambda.path}: has no log group of its own`);
  const stream = `${text(group, 'arn')}:log-stream:2026/01/01/[$LATEST]0123456789abcdef`;
  const traces = isObject(values['tracing_config']) && values['tracing_config']['mode'] === 'Active';
  return [
    ...needs(['logs:CreateLogStream', 'logs:PutLogEvents'], stream, pages.logs),
    ...(traces ? needs(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*', pages.tracing) : []),
    ...(isObject(values['vpc_config']) ? networkNeeds(text(lambda, 'arn').split(':').slice(3, 5).join(':')) : []),
  ];
}

function networkNeeds(place: string): readonly Need[] {
  const one = (kind: string) => `arn:aws:ec2:${place}:${kind}`;
  const networkInterface = one('network-interface/eni-0123456789abcdef0');
  return [
    ...[networkInterface, one('subnet/subnet-0123456789abcdef0'), one('security-group/sg-0123456789abcdef0')].flatMap((resource) =>
      needs(['ec2:CreateNetworkInterface'], resource, pages.network),
    ),
    ...needs(
      ['ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses'],
      networkInterface,
      pages.network,
    ),
    ...needs(['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'], '*', pages.network),
  ];
}

function triggersOf(world: World, lambda: Applied): readonly Applied[] {
  return world.of('aws_lambda_event_source_mapping').filter((mapping) => text(mapping, 'function_name') === text(lambda, 'arn'));
}

function triggerNeeds(mapping: Applied): readonly Need[] {
  const source = text(mapping, 'event_source_arn');
  if (source.startsWith('arn:aws:sqs:')) {
    return needs(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], source, pages.queue);
  }
  const destination = firstOf(mapping.values['destination_config']);
  const onFailure = firstOf(destination?.['on_failure']);
  return [
    ...needs(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], source, pages.stream),
    ...needs(['dynamodb:ListStreams'], '*', pages.stream),
    ...(onFailure === undefined ? [] : needs(['sqs:SendMessage'], textAt(onFailure, 'destination_arn'), pages.discarded)),
  ];
}

/** Where Lambda sends a run that EventBridge handed over and that failed for good. */
function asynchronousNeeds(world: World, lambda: Applied): readonly Need[] {
  const name = text(lambda, 'function_name');
  const configs = world.of('aws_lambda_function_event_invoke_config').filter((config) => text(config, 'function_name') === name);
  return configs.flatMap(({ values }) => {
    const onFailure = firstOf(firstOf(values['destination_config'])?.['on_failure']);
    return needs(['sqs:SendMessage'], textAt(onFailure ?? {}, 'destination'), pages.asynchronous);
  });
}

function firstOf(block: unknown): JsonObject | undefined {
  const first: unknown = isJsonArray(block) ? block[0] : block;
  return isObject(first) ? first : undefined;
}

function keyNeeds(world: World, { action, resource }: Need): readonly Need[] {
  const use = keyUses[action];
  const keyArn = keyOf(world, resource);
  if (use === undefined || keyArn === undefined) return [];
  const context = { 'kms:ViaService': `${use.service}.${world.region}.amazonaws.com` };
  return use.actions.map((kms) => ({ action: kms, resource: keyArn, context, because: `${action}: ${use.page}` }));
}

/** The customer-managed key that encrypts the resource; undefined where AWS's own does. */
export function keyOf(world: World, resource: string): string | undefined {
  const keys = [
    ...world.of('aws_sqs_queue').map((queue) => [text(queue, 'arn'), queue.values['kms_master_key_id']] as const),
    ...world.of('aws_sns_topic').map((topic) => [text(topic, 'arn'), topic.values['kms_master_key_id']] as const),
    ...world.of('aws_secretsmanager_secret').map((secret) => [text(secret, 'arn'), secret.values['kms_key_id']] as const),
    ...world.of('aws_dynamodb_table').map((table) => [text(table, 'arn'), tableKeyOf(table)] as const),
    ...world
      .of('aws_s3_bucket_server_side_encryption_configuration')
      .map((bucket) => [`arn:aws:s3:::${text(bucket, 'bucket')}`, bucketKeyOf(bucket)] as const),
  ];
  const found = keys.find(([arn]) => resource === arn || resource.startsWith(`${arn}/`))?.[1];
  return typeof found === 'string' ? found : undefined;
}

function tableKeyOf({ values }: Applied): unknown {
  return firstOf(values['server_side_encryption'])?.['kms_key_arn'];
}

function bucketKeyOf({ values }: Applied): unknown {
  return firstOf(firstOf(values['rule'])?.['apply_server_side_encryption_by_default'])?.['kms_master_key_id'];
}

function needs(actions: readonly string[], resource: string, page: string): readonly Need[] {
  return actions.map((action) => ({ action, resource, because: page }));
}
