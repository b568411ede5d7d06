import { functionNames } from '../../../stacks/naming';
import { at, entries, type Resource } from '../synthesized';
import {
  each,
  ofType,
  policy,
  referred,
  resource,
  servicesOf,
  statementsOf,
  type Exception,
  type PlacedStatement,
  type Rule,
} from './rule';

const keyItself = 'in a key policy the resource * is the key itself';
const wildcardExceptions: readonly Exception[] = [
  {
    place: 'encryption/key#AccountThroughIam',
    reason: `kms:* lets IAM of the account decide, as AWS advises against a key that nobody can manage; ${keyItself}`,
  },
  ...[
    'AlarmsToOperationsTopic',
    'EventBridgeToQueues',
    'EventBusDescribesKey',
    'EventBusStoresEvents',
    'TopicsToDeliveryDeadLetters',
    'LogGroups',
  ].map((sid) => ({ place: `encryption/key#${sid}`, reason: keyItself })),
  ...functionNames.map((name) => ({ place: `${name}/policy#WriteTraces`, reason: 'X-Ray has no resources' })),
  ...functionNames.map((name) => ({
    place: `${name}/policy#AttachToNetwork`,
    reason: 'Lambda checks for these on all resources before it attaches a function; NotByTheCode keeps the code from using them',
  })),
  {
    place: 'state-encryption/key#AccountThroughIam',
    reason: `kms:* lets IAM of the account decide who deploys; ${keyItself}`,
  },
  ...['event-relay', 'audit-logger'].map((name) => ({
    place: `${name}/policy#ListStreams`,
    reason: 'dynamodb:ListStreams has no resources',
  })),
];

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true;
  return entries(principal).some(([, named]) => named === '*' || (Array.isArray(named) && named.includes('*')));
}

const isOpen = (text: string) => /^(\*|[\w-]+:\*)$/.test(text);

function keyStatements(resources: readonly Resource[]): readonly PlacedStatement[] {
  return statementsOf(resources).filter(({ owner }) => owner.type === 'aws_kms_key');
}

/** Whether the statement could be the one that lets EventBridge use the key for a topic. */
function isEventBridgeToTopic({ statement }: PlacedStatement): boolean {
  const context = Object.values(statement.Condition).flatMap((test) => Object.keys(test));
  return servicesOf(statement).includes('events.amazonaws.com') && context.includes('kms:EncryptionContext:aws:sns:topicArn');
}

function sourceConditions({ statement }: PlacedStatement): readonly string[] {
  return Object.values(statement.Condition)
    .flatMap((test) => Object.keys(test))
    .filter((key) => key.toLowerCase().startsWith('aws:source'));
}

function deniesPlainHttp(statements: readonly PlacedStatement[], address: string): boolean {
  return statements.some(
    ({ statement }) =>
      statement.Effect === 'Deny' &&
      at(statement.Condition, 'Bool', 'aws:SecureTransport') === 'false' &&
      statement.Resource.includes(`\${${address}.arn}`),
  );
}

const roleWith = (name: string) => resource('aws_lambda_function', name, { role: '${aws_iam_role.shared.arn}' });
const keyWith = (statement: Readonly<Record<string, unknown>>) =>
  resource('aws_kms_key', 'bad/key', { policy: policy({ Resource: 'x', ...statement }) });

export const permissionRules: readonly Rule[] = [
  {
    id: 'no-wildcards',
    what: 'no statement allows * as an action or on a resource',
    knownAs: ['CKV_AWS_290', 'CKV_AWS_355'],
    check: (resources) =>
      statementsOf(resources)
        .filter(({ statement }) => statement.Effect === 'Allow' && [...statement.Action, ...statement.Resource].some(isOpen))
        .map(({ place, statement }) => ({ place, why: `${statement.Action.join(', ')} on ${statement.Resource.join(', ')}` })),
    exceptions: wildcardExceptions,
    bad: [
      [resource('aws_iam_role_policy', 'bad/policy', { policy: policy({ Action: 's3:GetObject', Resource: '*' }) })],
      [
        resource('aws_iam_role_policy', 'bad/policy', {
          policy: policy({ Action: ['s3:GetObject', 's3:*'], Resource: 'arn:aws:s3:::x/*' }),
        }),
      ],
      [resource('aws_sqs_queue_policy', 'bad/policy', { policy: policy({ Action: '*', Resource: ['arn:aws:sqs:::x'] }) })],
    ],
  },
  {
    id: 'no-public-policy',
    what: 'no policy of a resource lets everybody in',
    knownAs: ['CKV_AWS_33', 'CKV_AWS_70', 'CKV_AWS_168', 'CKV_AWS_169'],
    check: (resources) =>
      statementsOf(resources)
        .filter(({ statement }) => statement.Effect === 'Allow' && isEverybody(statement.Principal))
        .map(({ place }) => ({ place, why: 'anybody with an AWS account may use it' })),
    bad: ['*', { AWS: '*' }, { AWS: ['arn:aws:iam::123456789012:root', '*'] }].map((principal) => [
      resource('aws_sns_topic_policy', 'bad/policy', {
        policy: policy({ Principal: principal, Action: 'sns:Publish', Resource: 'arn:aws:sns:::x' }),
      }),
    ]),
  },
  {
    id: 'service-conditions',
    what: 'no service may use a resource without a condition that says for whom',
    check: (resources) =>
      statementsOf(resources)
        .filter(({ owner, statement }) => owner.type !== 'aws_iam_role' && statement.Effect === 'Allow' && servicesOf(statement).length > 0)
        .filter(({ statement }) => Object.keys(statement.Condition).length === 0)
        .map(({ place }) => ({ place, why: 'another account could have the service act on it' })),
    exceptions: [
      {
        place: 'standard-payments/policy#CreateStreams',
        reason: 'EventBridge names no source when it makes a stream; it holds nothing by itself',
      },
    ],
    bad: [
      [
        resource('aws_sqs_queue_policy', 'bad/policy', {
          policy: policy({ Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' }),
        }),
      ],
    ],
  },
  {
    id: 'own-roles',
    what: 'every function has a role of its own',
    check: (resources) => {
      const lambdas = ofType(resources, 'aws_lambda_function');
      return lambdas
        .filter(({ properties }) => lambdas.filter((other) => other.properties['role'] === properties['role']).length > 1)
        .map(({ path }) => ({ place: path, why: 'shares its role' }));
    },
    bad: [[roleWith('one'), roleWith('two')]],
  },
  {
    id: 'no-public-invoke',
    what: 'nobody from outside may invoke a function, and a service only for a named source',
    knownAs: ['CKV_AWS_301', 'CKV_AWS_364', 'Lambda.1'],
    check: each(
      'aws_lambda_permission',
      ({ principal, source_arn: source }) => principal !== '*' && typeof source === 'string' && !source.includes('/*/'),
      'may be invoked by anybody, or by a service for anybody',
    ),
    exceptions: [
      {
        place: 'health-check/public-invoke',
        reason: 'a public URL needs it since October 2025; the function takes no input and says only whether webhooks can be taken',
      },
    ],
    bad: [
      [resource('aws_lambda_permission', 'bad/permission', { principal: '*', source_arn: 'arn:x' })],
      [resource('aws_lambda_permission', 'bad/permission', { principal: 'apigateway.amazonaws.com' })],
    ],
  },
  {
    id: 'function-url',
    what: 'only the health check has a URL of its own',
    check: each(
      'aws_lambda_function_url',
      ({ function_name: name }, resources) => referred(resources, name)?.path === 'health-check/function',
      'reachable past the API, its throttle and its firewall',
    ),
    bad: [
      [
        resource('aws_lambda_function', 'webhook-receiver/function', {}),
        resource('aws_lambda_function_url', 'bad/url', { function_name: '${aws_lambda_function.webhook-receiver_function.function_name}' }),
      ],
    ],
  },
  {
    id: 'tls-only',
    what: 'queues, topics and buckets refuse requests without TLS',
    knownAs: ['CKV_AWS_379', 'S3.5'],
    check: (resources) => {
      const statements = statementsOf(resources);
      return ['aws_sqs_queue', 'aws_sns_topic', 'aws_s3_bucket']
        .flatMap((type) => ofType(resources, type))
        .filter(({ address }) => !deniesPlainHttp(statements, address))
        .map(({ path }) => ({ place: path, why: 'plain HTTP is answered' }));
    },
    bad: [
      [resource('aws_sqs_queue', 'bad/queue', {})],
      [resource('aws_sns_topic', 'bad/topic', {})],
      [resource('aws_s3_bucket', 'bad/bucket', {})],
    ],
  },
  {
    id: 'key-eventbridge-topic',
    what: 'what lets EventBridge use the key for a topic has no Source condition, and is there when a rule has a topic as its target',
    check: (resources) => {
      const grants = keyStatements(resources).filter(isEventBridgeToTopic);
      const topics = ofType(resources, 'aws_cloudwatch_event_target').filter(
        ({ properties }) => referred(resources, properties['arn'])?.type === 'aws_sns_topic',
      );
      return [
        ...grants
          .filter((grant) => sourceConditions(grant).length > 0)
          .map(({ place }) => ({ place, why: 'EventBridge sends no such key: events are dropped silently' })),
        ...topics
          .filter(() => grants.length === 0)
          .map(({ path }) => ({ place: path, why: 'the key does not let EventBridge encrypt for its topic' })),
      ];
    },
    bad: [
      [
        keyWith({
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'kms:Decrypt',
          Condition: { StringEquals: { 'aws:SourceAccount': '123456789012', 'kms:EncryptionContext:aws:sns:topicArn': 'arn:x' } },
        }),
      ],
      [
        resource('aws_sns_topic', 'bad/topic', {}),
        resource('aws_cloudwatch_event_target', 'bad/target', { arn: '${aws_sns_topic.bad_topic.arn}' }),
      ],
    ],
  },
];
