import { functionsOf, type FunctionName, type Names } from '../naming';
import type { AlarmDefinition } from './alarms';
import { functionMetric, logNamespace, tableMetric, type Metric } from './metrics';
import type { WatchedEnvironment } from './receive-alarms';

/** What a failing run of each function but the receiver means; the receiver has alarms of its own. */
const failureMeanings: Readonly<Record<Exclude<FunctionName, 'webhook-receiver'>, string>> = {
  'event-relay': 'Stored webhooks are not archived and queued; the stream repeats them, and gives up after 50 attempts or 6 hours.',
  'event-processor': 'Stored payment events are not published; they stay in the queue and are tried again.',
  'notification-handler': 'Alerts about payments are not sent; they stay in the queue and are tried again.',
  'audit-logger':
    'Changes of payment rows are not written to the audit bucket; the stream repeats them, and gives up after 50 attempts or 6 hours.',
  reconciler: 'Webhooks that never came and events that were never published are not looked for; the next run looks for them again.',
  'alert-forwarder': 'Alerts and alarms are not posted to their HTTPS endpoints; they stay in the queue and are tried again.',
  'health-check': 'The health check itself fails, so what watches it may believe that webhooks are not accepted.',
};

/** Findings of audit-logger in an environment. */
export function tamperingMetric(suffix: string): Metric {
  return { namespace: logNamespace(suffix), name: 'TamperingDetected', dimensions: {}, statistic: 'Sum' };
}

/** Alarms of the functions behind the receiver and of the table. */
export function resourceAlarms(
  environment: Pick<WatchedEnvironment, 'suffix' | 'alertEndpoints'>,
  names: Names,
): readonly AlarmDefinition[] {
  const functions = functionsOf(environment).filter((name) => name !== 'webhook-receiver');
  return [
    ...functions.flatMap((name) => functionAlarms(name, failureMeanings[name], names)),
    ...tableAlarms(names),
    tampering(environment.suffix),
  ];
}

function functionAlarms(name: FunctionName, meaning: string, names: Names): readonly AlarmDefinition[] {
  const metric = (metricName: string) => functionMetric(names.ofFunction(name), metricName);
  const reading = name === 'event-relay' || name === 'audit-logger';
  return [
    {
      id: `${name}-errors`,
      meaning: `Runs of ${name} fail. ${meaning}`,
      runbook: 'function-errors',
      watch: metric('Errors'),
      when: { above: 0 },
      periodSeconds: 300,
      periods: [2, 3],
    },
    {
      id: `${name}-throttles`,
      meaning: `Lambda refuses runs of ${name} for want of concurrency. ${meaning}`,
      runbook: 'function-throttles',
      watch: metric('Throttles'),
      when: { above: 0 },
      periodSeconds: 60,
      periods: [3, 5],
    },
    ...(reading ? [lostDeadLetters(name, metric('DestinationDeliveryFailures'))] : []),
  ];
}

function lostDeadLetters(name: FunctionName, watch: AlarmDefinition['watch']): AlarmDefinition {
  return {
    id: `${name}-lost-dead-letters`,
    meaning: `Lambda gave up on records of the stream for ${name} and could not even note them as dead letters. They are in the stream for 24 hours only.`,
    runbook: 'lost-dead-letters',
    watch,
    when: { above: 0 },
    periodSeconds: 60,
  };
}

function tableAlarms(names: Names): readonly AlarmDefinition[] {
  const throttles = (dimensions: Readonly<Record<string, string>>) =>
    ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) => tableMetric(names.table, name, dimensions));
  const operations = ['PutItem', 'GetItem', 'UpdateItem', 'GetRecords'];
  return [
    {
      id: 'table-throttling',
      meaning: 'The payments table refuses requests. Webhooks that cannot be stored are answered 503, and providers send them again.',
      runbook: 'table-throttling',
      watch: { expression: 'SUM([m1, m2])', metrics: throttles({}) },
      when: { above: 0 },
      periodSeconds: 60,
      periods: [2, 5],
    },
    {
      id: 'index-throttling',
      meaning:
        'An index of the payments table cannot keep up, and so holds back the table itself. Webhooks that cannot be stored are answered 503.',
      runbook: 'table-throttling',
      watch: {
        expression: 'SUM([m1, m2, m3, m4])',
        metrics: ['ProviderTimestampIndex', 'PendingIndex'].flatMap((index) => throttles({ GlobalSecondaryIndexName: index })),
      },
      when: { above: 0 },
      periodSeconds: 60,
      periods: [2, 5],
    },
    {
      id: 'table-system-errors',
      meaning: 'DynamoDB answers with errors of its own. Webhooks that cannot be stored are answered 503, and providers send them again.',
      runbook: 'table-system-errors',
      watch: {
        expression: `SUM([${operations.map((_, index) => `m${index + 1}`).join(', ')}])`,
        metrics: operations.map((Operation) => tableMetric(names.table, 'SystemErrors', { Operation })),
      },
      when: { above: 0 },
      periodSeconds: 60,
      periods: [2, 5],
    },
  ];
}

function tampering(suffix: string): AlarmDefinition {
  return {
    id: 'tampering',
    meaning:
      'A payment row was deleted, or its amount, currency, provider, event id, time of receipt or end was changed, by something that is not this pipeline.',
    runbook: 'tampering',
    watch: tamperingMetric(suffix),
    when: { above: 0 },
    periodSeconds: 60,
  };
}
