import { unauthorizedValue } from '../../../stacks/constructs/https-destination';
import { at, entries, json, type Resource } from '../synthesized';
import { each, ofType, referred, resource, servicesOf, statementsOf, type Rule } from './rule';

const fourteenDays = 14 * 24 * 60 * 60;

/** Queues that something names as its dead letters. */
export function deadLetterQueues(resources: readonly Resource[]): ReadonlySet<string> {
  const targets = resources.flatMap(({ properties }) => [
    redrive(properties, 'deadLetterTargetArn'),
    at(properties, 'dead_letter_config', 'arn'),
    at(properties, 'destination_config', 'on_failure', 'destination_arn'),
    // A topic names its dead letters per subscription, and an environment may have no subscribers.
    ...topicDeadLetters(resources, properties),
  ]);
  return new Set(targets.flatMap((target) => referred(resources, target)?.address ?? []));
}

function topicDeadLetters(resources: readonly Resource[], properties: Resource['properties']): readonly unknown[] {
  const fromTopics = statementsOf(resources).filter(
    ({ owner, statement }) => owner.properties === properties && servicesOf(statement).includes('sns.amazonaws.com'),
  );
  // But for a queue that a topic delivers to.
  const delivered = ofType(resources, 'aws_sns_topic_subscription').map((subscription) => subscription.properties['endpoint']);
  return fromTopics.flatMap(({ statement }) => statement.Resource).filter((arn) => !delivered.includes(arn));
}

function redrive(properties: Resource['properties'], key: string): unknown {
  const text = properties['redrive_policy'];
  return typeof text === 'string' ? at(json(text), key) : undefined;
}

const queueWith = (properties: Resource['properties']) => resource('aws_sqs_queue', 'bad/queue', properties);
const mappingWith = (properties: Resource['properties']) => resource('aws_lambda_event_source_mapping', 'bad/mapping', properties);
const targetWith = (properties: Resource['properties']) => resource('aws_cloudwatch_event_target', 'bad/target', properties);

const connectionWith = (properties: Resource['properties']) => resource('aws_cloudwatch_event_connection', 'bad/connection', properties);
const destinationWith = (properties: Resource['properties']) =>
  resource('aws_cloudwatch_event_api_destination', 'bad/destination', properties);

function needsRole({ arn }: Resource['properties'], resources: readonly Resource[]): boolean {
  return referred(resources, arn)?.type === 'aws_cloudwatch_event_api_destination' || /^arn:aws:events:.*:event-bus\//.test(String(arn));
}

/** Names of the rules whose failed deliveries raise an alarm. */
function watchedRules(resources: readonly Resource[]): readonly unknown[] {
  return ofType(resources, 'aws_cloudwatch_metric_alarm').flatMap(({ properties }) =>
    entries(properties['metric_query'])
      .map(([, query]) => at(query, 'metric'))
      .filter((metric) => at(metric, 'metric_name') === 'FailedInvocations')
      .map((metric) => at(metric, 'dimensions', 'RuleName')),
  );
}

/** What a target or bus is named by when it sends to a queue. */
function senderOf(resources: readonly Resource[], sender: Resource): Resource | undefined {
  if (sender.type === 'aws_cloudwatch_event_bus') return sender;
  return referred(resources, sender.properties['rule']);
}

function unnamedSenders(resources: readonly Resource[]) {
  const statements = statementsOf(resources);
  return [...ofType(resources, 'aws_cloudwatch_event_target'), ...ofType(resources, 'aws_cloudwatch_event_bus')].flatMap((sender) => {
    const rule = senderOf(resources, sender);
    const queues = [sender.properties['arn'], at(sender.properties, 'dead_letter_config', 'arn')]
      .map((arn) => referred(resources, arn))
      .filter((queue) => queue?.type === 'aws_sqs_queue');
    return queues
      .filter((queue) => {
        const letIn = statements.filter(
          ({ statement }) => statement.Effect === 'Allow' && statement.Resource.includes(`\${${queue?.address ?? ''}.arn}`),
        );
        return !letIn.some(({ statement }) =>
          [at(statement.Condition, 'ArnEquals', 'aws:SourceArn')].flat().includes(`\${${rule?.address ?? ''}.arn}`),
        );
      })
      .map((queue) => ({ place: sender.path, why: `${queue?.path ?? ''} does not let it in by name` }));
  });
}

export const messagingRules: readonly Rule[] = [
  {
    id: 'queue-dead-letters',
    what: 'every queue has dead letters or is some',
    check: (resources) => {
      const deadLetters = deadLetterQueues(resources);
      return ofType(resources, 'aws_sqs_queue')
        .filter(({ address, properties }) => !deadLetters.has(address) && redrive(properties, 'deadLetterTargetArn') === undefined)
        .map(({ path }) => ({ place: path, why: 'no redrive policy, and nobody sends dead letters to it' }));
    },
    bad: [[queueWith({ name: 'lonely' })]],
  },
  {
    id: 'queue-receive-count',
    what: 'a message is received at least five times before it is given up',
    check: each('aws_sqs_queue', (queue) => Number(redrive(queue, 'maxReceiveCount') ?? 5) >= 5, 'given up too early'),
    bad: [[queueWith({ redrive_policy: '{"deadLetterTargetArn":"x","maxReceiveCount":3}' })]],
  },
  {
    id: 'dead-letter-retention',
    what: 'dead letters are kept 14 days, which is longer than any source queue keeps its messages',
    check: (resources) => {
      const deadLetters = deadLetterQueues(resources);
      return ofType(resources, 'aws_sqs_queue')
        .filter(({ address, properties }) => {
          const seconds = Number(properties['message_retention_seconds']);
          return deadLetters.has(address) ? seconds !== fourteenDays : !(seconds < fourteenDays);
        })
        .map(({ path }) => ({ place: path, why: 'wrong retention' }));
    },
    bad: [
      [targetWith({ dead_letter_config: { arn: '${aws_sqs_queue.bad_queue.arn}' } }), queueWith({ message_retention_seconds: 345_600 })],
      [queueWith({ message_retention_seconds: fourteenDays })],
    ],
  },
  {
    id: 'dead-letter-redrive',
    what: 'every queue of dead letters says which queue may redrive into it',
    check: (resources) => {
      const guarded = ofType(resources, 'aws_sqs_queue_redrive_allow_policy').map(
        ({ properties }) => referred(resources, properties['queue_url'])?.address,
      );
      return [...deadLetterQueues(resources)]
        .filter((address) => !guarded.includes(address))
        .map((address) => ({
          place: resources.find((queue) => queue.address === address)?.path ?? address,
          why: 'any queue may redrive into it',
        }));
    },
    bad: [[targetWith({ dead_letter_config: { arn: '${aws_sqs_queue.bad_queue.arn}' } }), queueWith({})]],
  },
  {
    id: 'queue-visibility',
    what: 'messages stay invisible at least six times as long as their function may run',
    check: each(
      'aws_lambda_event_source_mapping',
      (mapping, resources) => {
        const queue = referred(resources, mapping['event_source_arn']);
        if (queue?.type !== 'aws_sqs_queue') return true;
        const timeout = Number(referred(resources, mapping['function_name'])?.properties['timeout']);
        return Number(queue.properties['visibility_timeout_seconds']) >= 6 * timeout;
      },
      'messages come back while the function still works on them',
    ),
    bad: [
      [
        queueWith({ visibility_timeout_seconds: 30 }),
        resource('aws_lambda_function', 'bad/function', { timeout: 30 }),
        mappingWith({ event_source_arn: '${aws_sqs_queue.bad_queue.arn}', function_name: '${aws_lambda_function.bad_function.arn}' }),
      ],
    ],
  },
  {
    id: 'batch-failures',
    what: 'every mapping takes the failures of a batch record by record',
    check: each(
      'aws_lambda_event_source_mapping',
      (mapping) => JSON.stringify(mapping['function_response_types']) === '["ReportBatchItemFailures"]',
      'failed records would be deleted with the others, or all repeated',
    ),
    bad: [[mappingWith({})]],
  },
  {
    id: 'stream-bounded',
    what: 'a stream mapping gives a bad record up: bisected, with bounded retries and age, and a place to send it',
    check: each(
      'aws_lambda_event_source_mapping',
      (mapping) =>
        mapping['starting_position'] === undefined ||
        (mapping['bisect_batch_on_function_error'] === true &&
          Number(mapping['maximum_retry_attempts']) > 0 &&
          Number(mapping['maximum_record_age_in_seconds']) > 0 &&
          Number(mapping['maximum_record_age_in_seconds']) < 24 * 60 * 60 &&
          at(mapping, 'destination_config', 'on_failure', 'destination_arn') !== undefined),
      'one bad record stops its shard for a day',
    ),
    bad: [[mappingWith({ starting_position: 'TRIM_HORIZON', bisect_batch_on_function_error: true, maximum_retry_attempts: -1 })]],
  },
  {
    id: 'target-delivery',
    what: 'every rule target has a retry policy and dead letters',
    check: each(
      'aws_cloudwatch_event_target',
      (target) =>
        at(target, 'retry_policy', 'maximum_event_age_in_seconds') !== undefined && at(target, 'dead_letter_config', 'arn') !== undefined,
      'an event that cannot be delivered is lost silently',
    ),
    bad: [[targetWith({ retry_policy: { maximum_event_age_in_seconds: 60 } })], [targetWith({ dead_letter_config: { arn: 'x' } })]],
  },
  {
    id: 'target-role',
    what: 'a rule target has a role exactly where EventBridge needs one: for another bus and for HTTPS',
    check: each(
      'aws_cloudwatch_event_target',
      (target, resources) => (target['role_arn'] !== undefined) === needsRole(target, resources),
      'with a role delivery to an encrypted target may fail; without one nothing is delivered to a bus or over HTTPS',
    ),
    bad: [
      [targetWith({ role_arn: 'arn:aws:iam::123456789012:role/x' })],
      [targetWith({ arn: 'arn:aws:events:eu-west-1:123456789012:event-bus/x' })],
      [destinationWith({}), targetWith({ arn: '${aws_cloudwatch_event_api_destination.bad_destination.arn}' })],
    ],
  },
  {
    id: 'connection-secret',
    what: 'no connection has a secret in the Terraform state, and no change of Terraform puts its placeholder over the secret',
    check: each(
      'aws_cloudwatch_event_connection',
      (connection) =>
        at(connection, 'auth_parameters', 'api_key', 'value') === unauthorizedValue &&
        at(connection, 'lifecycle', 'ignore_changes') === 'all',
      'its secret is in the state, or is lost with the next change',
    ),
    bad: [
      [connectionWith({ auth_parameters: { api_key: { key: 'Authorization', value: 'Bearer x' } }, lifecycle: { ignore_changes: 'all' } })],
      [connectionWith({ auth_parameters: { api_key: { key: 'Authorization', value: unauthorizedValue } } })],
      [connectionWith({ auth_parameters: { basic: { username: 'x', password: 'y' } }, lifecycle: { ignore_changes: 'all' } })],
    ],
  },
  {
    id: 'destination-https',
    what: 'events leave over HTTPS only, and no faster than the endpoint was said to stand',
    check: each(
      'aws_cloudwatch_event_api_destination',
      ({ invocation_endpoint: url, invocation_rate_limit_per_second: rate }) => String(url).startsWith('https://') && Number(rate) <= 300,
      'payment events in plain text, or as fast as they come',
    ),
    bad: [
      [destinationWith({ invocation_endpoint: 'http://example.com', invocation_rate_limit_per_second: 10 })],
      [destinationWith({ invocation_endpoint: 'https://example.com' })],
    ],
  },
  {
    id: 'rule-watched',
    what: 'of every rule an alarm says when its events are not delivered',
    check: (resources) =>
      ofType(resources, 'aws_cloudwatch_event_rule')
        .filter(({ properties }) => !watchedRules(resources).includes(properties['name']))
        .map(({ path }) => ({ place: path, why: 'nobody is told when its events are not delivered' })),
    bad: [[resource('aws_cloudwatch_event_rule', 'bad/rule', { name: 'payment-x-dev' })]],
  },
  {
    id: 'target-let-in',
    what: 'a queue lets in, by name, every rule and bus that sends to it',
    check: unnamedSenders,
    bad: [
      [
        queueWith({}),
        resource('aws_cloudwatch_event_rule', 'bad/rule', {}),
        targetWith({ rule: '${aws_cloudwatch_event_rule.bad_rule.name}', arn: '${aws_sqs_queue.bad_queue.arn}' }),
      ],
      [queueWith({}), resource('aws_cloudwatch_event_bus', 'bad/bus', { dead_letter_config: { arn: '${aws_sqs_queue.bad_queue.arn}' } })],
    ],
  },
];
