import type { Names } from '../naming';
import type { AlarmDefinition } from './alarms';
import { functionMetric, ownMetric, queueMetric, ruleMetric, topicMetric } from './metrics';
import type { WatchedEnvironment } from './receive-alarms';

const rules = ['high-value', 'failed', 'dispute', 'standard'];

/** Alarms of the way from the stored row to the people and systems that wait for it. */
export function deliveryAlarms(
  { subscribers, alertEndpoints }: Pick<WatchedEnvironment, 'subscribers' | 'alertEndpoints'>,
  names: Names,
): readonly AlarmDefinition[] {
  return [
    ...deadLetters(names, alertEndpoints),
    ...(alertEndpoints
      ? [
          queueAge(
            'forwarding',
            names.forwardingQueue,
            'Alerts or alarms wait over 10 minutes to be posted to their HTTPS endpoints. Nothing is lost, but who reads them there learns of them late.',
          ),
        ]
      : []),
    queueAge(
      'processing',
      names.processingQueue,
      'Stored payment events wait over 10 minutes to be published. Nothing is lost, but everybody behind the bus is late.',
    ),
    queueAge(
      'notification',
      names.notificationQueue,
      'Alerts about payments wait over 10 minutes. Nothing is lost, but people learn of them late.',
    ),
    iteratorAge(
      'relay',
      names.ofFunction('event-relay'),
      'Stored webhooks are not archived and queued. After 24 hours the stream forgets them, and they must be relayed again by hand.',
    ),
    iteratorAge(
      'audit',
      names.ofFunction('audit-logger'),
      'Changes of payment rows are not in the audit bucket yet. After 24 hours the stream forgets them, and the trail has a gap.',
    ),
    ...flow(names),
    ...rules.map((rule) => ruleFailures(rule, names.ofRule(rule), 'an alert or a log line about a payment is missing', names.bus)),
    ...subscribers.map(({ name }) =>
      ruleFailures(name, names.ofRule(name), `the subscriber ${name} does not hear of payments that it asked for`, names.bus),
    ),
    ruleFailures('reconcile', names.ofRule('reconcile'), 'the search for missed and stuck events was not started'),
    topicFailures('alert', names.alertTopic, 'An alert about a payment did not reach one of its subscribers.'),
    topicFailures(
      'operations',
      names.operationsTopic,
      'An operational alarm did not reach one of its subscribers: somebody on call hears nothing.',
    ),
  ];
}

function deadLetters(names: Names, alertEndpoints: boolean): readonly AlarmDefinition[] {
  const queues: readonly (readonly [string, string, string])[] = [
    ...(alertEndpoints ? [forwarding(names)] : []),
    [
      'processing',
      `${names.processingQueue}-dead-letters`,
      'A stored payment event could not be published after all its attempts. Nobody behind the bus knows of it.',
    ],
    [
      'notification',
      `${names.notificationQueue}-dead-letters`,
      'An alert about a payment could not be sent after all its attempts. Nobody was told.',
    ],
    [
      'relay',
      names.relayDeadLetters,
      'A stored webhook was not archived or not queued, and the relay gave up on it. Its row is safe, and nobody behind the bus knows of it.',
    ],
    [
      'audit',
      names.auditDeadLetters,
      'Changes of payment rows could not be written to the audit bucket. The trail has a gap until they are.',
    ],
    [
      'routing',
      names.routingDeadLetters,
      'A published payment event did not reach the target of a rule: an alert or a log line is missing.',
    ],
    [
      'delivery',
      names.deliveryDeadLetters,
      'A message to a person could not be delivered: an alert about a payment, or an alarm, was not read by one of its subscribers.',
    ],
    [
      'reconciler',
      names.reconcilerDeadLetters,
      'A run that looks for missed and stuck events could not be started, or failed with its retry. The next run does the same again.',
    ],
  ];
  return queues.map(([id, queueName, meaning]) => ({
    id: `${id}-dead-letters`,
    meaning: `${meaning} It waits in ${queueName} for 14 days.`,
    runbook: `${id}-dead-letters`,
    watch: queueMetric(queueName, 'ApproximateNumberOfMessagesVisible'),
    when: { above: 0 },
    periodSeconds: 60,
  }));
}

function forwarding(names: Names): readonly [string, string, string] {
  return [
    'forwarding',
    `${names.forwardingQueue}-dead-letters`,
    'An alert about a payment, or an alarm, could not be posted to one of its HTTPS endpoints after all its attempts. Who reads it there alone was not told.',
  ];
}

function queueAge(id: string, queueName: string, meaning: string): AlarmDefinition {
  const watch = queueMetric(queueName, 'ApproximateAgeOfOldestMessage');
  return { id: `${id}-queue-age`, meaning, runbook: 'queue-age', watch, when: { above: 600 }, periodSeconds: 60, periods: [5, 5] };
}

function iteratorAge(id: string, functionName: string, meaning: string): AlarmDefinition {
  const watch = functionMetric(functionName, 'IteratorAge', 'Maximum');
  return {
    id: `${id}-iterator-age`,
    meaning,
    runbook: 'iterator-age',
    watch,
    when: { above: 120_000 },
    periodSeconds: 60,
    periods: [3, 5],
  };
}

function flow(names: Names): readonly AlarmDefinition[] {
  const stored = ownMetric(names.ofFunction('webhook-receiver'), 'WebhookReceived');
  const published = ownMetric(names.ofFunction('event-processor'), 'EventPublished');
  return [
    {
      id: 'pipeline-stalled',
      meaning:
        'Webhooks of the last six hours are stored and not published, and for two hours nothing was published at all. A trigger may be switched off, which raises no error anywhere.',
      runbook: 'pipeline-stalled',
      // Added up over the hours looked at, so that a lone webhook still counts in the hours after its own. Only in hours in which nothing
      // was published, for at the end of a busy hour some events are always on their way.
      watch: {
        expression: 'IF(RUNNING_SUM(FILL(m1, 0)) > RUNNING_SUM(FILL(m2, 0)) AND FILL(m2, 0) == 0, 1, 0)',
        metrics: [stored, published],
      },
      when: { above: 0 },
      periodSeconds: 3600,
      // Two periods, for a lone webhook at the end of one is published in the next.
      periods: [2, 6],
    },
    {
      id: 'publish-latency',
      meaning:
        'One event in a hundred takes over a minute from its receipt to the bus. Nothing is lost, but everybody behind the bus is late.',
      runbook: 'publish-latency',
      watch: ownMetric(names.ofFunction('event-processor'), 'EndToEndLatency', {}, 'p99'),
      when: { above: 60_000 },
      periodSeconds: 300,
      periods: [3, 3],
    },
  ];
}

/** Without `busName`: a rule of the account's default bus. */
function ruleFailures(id: string, ruleName: string, consequence: string, busName?: string): AlarmDefinition {
  const metric = (name: string) => ruleMetric(busName, ruleName, name);
  return {
    id: `rule-failures-${id}`,
    meaning: `EventBridge could not deliver events of the rule ${ruleName}: ${consequence}.`,
    runbook: 'rule-failures',
    watch: { expression: 'SUM([m1, m2])', metrics: [metric('FailedInvocations'), metric('InvocationsFailedToBeSentToDlq')] },
    when: { above: 0 },
    periodSeconds: 300,
  };
}

function topicFailures(id: string, topicName: string, meaning: string): AlarmDefinition {
  const watch = topicMetric(topicName, 'NumberOfNotificationsFailed');
  return { id: `${id}-topic-failures`, meaning, runbook: 'topic-failures', watch, when: { above: 0 }, periodSeconds: 300 };
}
