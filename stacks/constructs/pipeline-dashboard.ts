import { apiStageName, functionsOf, namesOf, type Names } from '../naming';
import { reconcilableProviders } from '../settings';
import type { DashboardSection, Graph, GraphLine } from './dashboard';
import { apiMetric, functionMetric, ownMetric, ownNamespace, queueMetric, tableMetric, throttledRequests, webAclMetric } from './metrics';
import type { WatchedEnvironment } from './receive-alarms';

/** What the dashboard of an environment shows, from the provider's request to the business. */
export function pipelineDashboard(environment: WatchedEnvironment): readonly DashboardSection[] {
  const names = namesOf(environment.suffix, '');
  return [
    { title: 'Webhooks by provider', graphs: providerGraphs(environment.enabledProviders, names) },
    { title: 'API', graphs: apiGraphs(environment, names) },
    { title: 'Functions', graphs: functionGraphs(environment, names) },
    { title: 'Queues and streams', graphs: queueGraphs(environment, names) },
    { title: 'Table', graphs: tableGraphs(names) },
  ];
}

function providerGraphs(providers: readonly string[], names: Names): readonly Graph[] {
  const receiver = names.ofFunction('webhook-receiver');
  const processor = names.ofFunction('event-processor');
  // Counted by provider and band together, so a graph by one of them has to add up over the other.
  const published = (part: string) =>
    `SUM(SEARCH('{${ownNamespace},service,provider,valueBand} MetricName="EventPublished" service="${processor}" ${part}', 'Sum', 300))`;
  const reconciler = names.ofFunction('reconciler');
  const notTaken = ['WebhookDuplicate', 'WebhookRejected', 'WebhookUnavailable', 'EventConflict', 'AmountUnreadable'];
  return [
    {
      title: 'Received',
      lines: providers.map((provider) => ({ label: provider, metric: ownMetric(receiver, 'WebhookReceived', { provider }) })),
      stacked: true,
    },
    {
      title: 'Duplicate, rejected, unavailable, in conflict, amount unreadable',
      lines: notTaken.map((name) => ({ label: name, metric: ownMetric(receiver, name) })),
    },
    {
      title: 'Published',
      lines: providers.map((provider) => ({ label: provider, search: published(`provider="${provider}"`) })),
      stacked: true,
    },
    {
      title: 'Missed and recovered, stuck and enqueued again',
      lines: [
        ...reconcilableProviders
          .filter((provider) => providers.includes(provider))
          .map((provider) => ({ label: `missed, ${provider}`, metric: ownMetric(reconciler, 'MissedEvents', { provider }) })),
        { label: 'not compared', metric: ownMetric(reconciler, 'ReconcileFailed') },
        { label: 'enqueued again', metric: ownMetric(reconciler, 'EventsReenqueued') },
      ],
    },
    {
      title: 'Published by value band',
      lines: ['high', 'standard', 'none'].map((band) => ({ label: band, search: published(`valueBand="${band}"`) })),
      stacked: true,
    },
  ];
}

function apiGraphs({ suffix, webAclName, region }: WatchedEnvironment, names: Names): readonly Graph[] {
  const metric = (name: string, statistic?: string) => apiMetric(names.api, apiStageName, name, statistic);
  const blocked = (rule: string): GraphLine => ({ label: rule, metric: webAclMetric(webAclName ?? '', region, rule, 'BlockedRequests') });
  const throttles: GraphLine = { label: 'receiver throttled', metric: functionMetric(names.ofFunction('webhook-receiver'), 'Throttles') };
  return [
    {
      title: 'Requests and errors',
      lines: [
        { label: 'requests', metric: metric('Count') },
        { label: '4xx', metric: metric('4XXError') },
        { label: '5xx', metric: metric('5XXError') },
      ],
    },
    { title: 'Latency (ms)', lines: ['p50', 'p90', 'p99'].map((p) => ({ label: p, metric: metric('Latency', p) })), limit: 5000 },
    {
      title: 'Blocked and throttled',
      lines: [
        throttles,
        { label: 'API answered 429', metric: throttledRequests(suffix) },
        ...(webAclName === undefined ? [] : ['ALL', 'rate-limit', 'body-too-large', 'body-of-unknown-length'].map(blocked)),
      ],
    },
  ];
}

function functionGraphs(environment: WatchedEnvironment, names: Names): readonly Graph[] {
  const lines = (name: string, statistic?: string): readonly GraphLine[] =>
    functionsOf(environment).map((label) => ({ label, metric: functionMetric(names.ofFunction(label), name, statistic) }));
  return [
    { title: 'Invocations', lines: lines('Invocations') },
    { title: 'Errors', lines: lines('Errors') },
    { title: 'Duration p99 (ms)', lines: lines('Duration', 'p99') },
    { title: 'Concurrent runs', lines: lines('ConcurrentExecutions', 'Maximum') },
  ];
}

function queueGraphs({ alertEndpoints }: WatchedEnvironment, names: Names): readonly Graph[] {
  const work = [names.processingQueue, names.notificationQueue, ...(alertEndpoints ? [names.forwardingQueue] : [])];
  const deadLetters = [
    ...work.map((name) => `${name}-dead-letters`),
    names.relayDeadLetters,
    names.auditDeadLetters,
    names.routingDeadLetters,
    names.deliveryDeadLetters,
    names.reconcilerDeadLetters,
  ];
  const lines = (queues: readonly string[], name: string): readonly GraphLine[] =>
    queues.map((queue) => ({ label: queue, metric: queueMetric(queue, name) }));
  const readers = ['event-relay', 'audit-logger'] as const;
  return [
    { title: 'Messages waiting', lines: lines(work, 'ApproximateNumberOfMessagesVisible') },
    { title: 'Age of the oldest message (s)', lines: lines(work, 'ApproximateAgeOfOldestMessage'), limit: 600 },
    { title: 'Dead letters', lines: lines(deadLetters, 'ApproximateNumberOfMessagesVisible'), stacked: true },
    {
      title: 'Stream behind by (ms)',
      lines: readers.map((label) => ({ label, metric: functionMetric(names.ofFunction(label), 'IteratorAge', 'Maximum') })),
      limit: 120_000,
    },
    ...(alertEndpoints ? [forwardingGraph(names)] : []),
  ];
}

function forwardingGraph(names: Names): Graph {
  const forwarder = names.ofFunction('alert-forwarder');
  // Counted by topic and outcome together, so a graph by one of them has to add up over the other.
  const counted = (outcome: string): string =>
    `SUM(SEARCH('{${ownNamespace},service,topic,outcome} MetricName="AlertForwarded" service="${forwarder}" outcome="${outcome}"', 'Sum', 300))`;
  const outcomes = ['posted', 'refused', 'throttled', 'failed', 'unreachable'];
  return { title: 'Posted to HTTPS endpoints', lines: outcomes.map((label) => ({ label, search: counted(label) })), stacked: true };
}

function tableGraphs(names: Names): readonly Graph[] {
  const index = { GlobalSecondaryIndexName: 'ProviderTimestampIndex' };
  const operations = ['PutItem', 'GetItem', 'UpdateItem'];
  return [
    {
      title: 'Consumed capacity',
      lines: [
        { label: 'write', metric: tableMetric(names.table, 'ConsumedWriteCapacityUnits') },
        { label: 'read', metric: tableMetric(names.table, 'ConsumedReadCapacityUnits') },
        { label: 'index write', metric: tableMetric(names.table, 'ConsumedWriteCapacityUnits', index) },
      ],
    },
    {
      title: 'Throttled',
      lines: [
        { label: 'write', metric: tableMetric(names.table, 'WriteThrottleEvents') },
        { label: 'read', metric: tableMetric(names.table, 'ReadThrottleEvents') },
        { label: 'index write', metric: tableMetric(names.table, 'WriteThrottleEvents', index) },
      ],
    },
    {
      title: 'Latency p99 (ms)',
      lines: operations.map((Operation) => ({
        label: Operation,
        metric: tableMetric(names.table, 'SuccessfulRequestLatency', { Operation }, 'p99'),
      })),
    },
    {
      title: 'From receipt to bus (ms)',
      lines: ['p50', 'p99'].map((p) => ({ label: p, metric: ownMetric(names.ofFunction('event-processor'), 'EndToEndLatency', {}, p) })),
      limit: 60_000,
    },
  ];
}
