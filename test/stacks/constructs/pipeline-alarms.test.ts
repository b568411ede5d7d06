import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { failureReasons as reconcilerReasons } from '../../../functions/reconciler/ask-provider';
import { signatureRejections } from '../../../functions/shared/domain/webhook';
import type { MetricName } from '../../../functions/shared/runtime/meter';
import type { AlarmDefinition } from '../../../stacks/constructs/alarms';
import { ownNamespace, type Metric } from '../../../stacks/constructs/metrics';
import { pipelineAlarms } from '../../../stacks/constructs/pipeline-alarms';
import { failureReasons } from '../../../stacks/constructs/reconcile-alarms';
import { signatureReasons } from '../../../stacks/constructs/receive-alarms';
import { functionNames, namesOf } from '../../../stacks/naming';

const environment = {
  suffix: 'test',
  region: 'eu-west-1',
  enabledProviders: ['stripe', 'paypal', 'square', 'generic'],
  silentAfterHours: { stripe: 6, square: 24 },
  subscribers: [{ name: 'orders' }],
  alertEndpoints: true,
  webAclName: 'payments-test',
};
const alarms = pipelineAlarms(environment);
const names = namesOf('test', '');

/** The dimensions that the functions count each metric with, beside `service`. A name that is not counted does not compile. */
const counted: Readonly<Record<MetricName, readonly string[]>> = {
  WebhookReceived: ['provider'],
  WebhookDuplicate: ['provider'],
  WebhookRejected: ['provider', 'reason'],
  WebhookUnavailable: ['provider', 'reason'],
  EventConflict: ['provider'],
  AmountUnreadable: ['provider'],
  EventPublished: ['provider', 'valueBand'],
  EventReplayed: ['provider', 'valueBand'],
  EndToEndLatency: ['provider'],
  AlertSent: ['provider', 'reason'],
  AlertForwarded: ['topic', 'outcome'],
  AuditRecords: [],
  MissedEvents: ['provider'],
  ReconcileFailed: ['provider', 'reason'],
  EventsReenqueued: [],
  EventsOverdue: [],
};

function isCounted({ name, dimensions }: Metric): boolean {
  const found = Object.entries(counted).find(([metricName]) => metricName === name);
  const used = Object.keys(dimensions).filter((dimension) => dimension !== 'service');
  return found !== undefined && 'service' in dimensions && (used.length === 0 || used.join() === found[1].join());
}

function metricsOf({ watch }: AlarmDefinition): readonly Metric[] {
  return 'expression' in watch ? watch.metrics : [watch];
}

function watching(namespace: string, name: string): readonly Metric[] {
  return alarms.flatMap(metricsOf).filter((metric) => metric.namespace === namespace && metric.name === name);
}

describe('pipeline alarms', () => {
  it('have an id of their own', () => {
    expect(new Set(alarms.map((alarm) => alarm.id)).size).toBe(alarms.length);
  });

  it.each(alarms.map((alarm) => [alarm.id, alarm] as const))('%s says in full sentences what it means', (_, { meaning }) => {
    expect(meaning).toMatch(/^[A-Z].{30,}\.$/);
    expect(meaning.length).toBeLessThan(900);
  });

  it.each(alarms.map((alarm) => [alarm.id, alarm] as const))(
    '%s looks back no longer than CloudWatch can',
    (_, { periodSeconds, periods = [1, 1] }) => {
      expect(periodSeconds % 60).toBe(0);
      expect(periodSeconds).toBeLessThanOrEqual(86_400);
      expect(periodSeconds * periods[1]).toBeLessThanOrEqual(periodSeconds < 3600 ? 86_400 : 604_800);
      expect(periods[0]).toBeLessThanOrEqual(periods[1]);
    },
  );

  it('use in an expression exactly the metrics that they bring', () => {
    for (const { id, watch } of alarms) {
      if (!('expression' in watch)) continue;
      const used = new Set([...watch.expression.matchAll(/\bm(\d+)\b/g)].map(([, number]) => Number(number)));
      expect({ id, used: [...used].toSorted() }).toEqual({ id, used: watch.metrics.map((_, index) => index + 1) });
    }
  });

  it('watch metrics that the functions count, with all their dimensions or with none', () => {
    const own = alarms.flatMap(metricsOf).filter((metric) => metric.namespace === ownNamespace);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((metric) => !isCounted(metric))).toEqual([]);
  });

  it('know every reason for which a webhook is not believed', () => {
    expect(signatureReasons).toEqual(signatureRejections);
  });

  it('know every reason for which events are not compared', () => {
    expect([...failureReasons, 'window_passed']).toEqual(reconcilerReasons);
  });

  it('watch no more metrics at once than CloudWatch takes', () => {
    for (const alarm of alarms) expect(metricsOf(alarm).length).toBeLessThanOrEqual(10);
  });

  it('watch every dead-letter queue', () => {
    const queues = watching('AWS/SQS', 'ApproximateNumberOfMessagesVisible').map((metric) => metric.dimensions['QueueName']);
    expect(new Set(queues)).toEqual(
      new Set([
        `${names.processingQueue}-dead-letters`,
        `${names.notificationQueue}-dead-letters`,
        names.relayDeadLetters,
        names.auditDeadLetters,
        names.routingDeadLetters,
        names.deliveryDeadLetters,
        names.reconcilerDeadLetters,
        `${names.forwardingQueue}-dead-letters`,
      ]),
    );
  });

  it('watch nothing of alerts to HTTPS endpoints where there are none', () => {
    const without = pipelineAlarms({ ...environment, alertEndpoints: false });
    const left = new Set(without.map(({ id }) => id));
    expect(alarms.filter(({ id }) => !left.has(id)).map(({ id }) => id)).toEqual([
      'forwarding-dead-letters',
      'forwarding-queue-age',
      'alert-forwarder-errors',
      'alert-forwarder-throttles',
    ]);
    expect(JSON.stringify(without)).not.toContain('alert-forward');
  });

  it('watch the errors and throttles of every function', () => {
    const all = functionNames.map((name) => names.ofFunction(name)).toSorted();
    for (const metric of ['Errors', 'Throttles']) {
      const watched = watching('AWS/Lambda', metric).map(({ dimensions }) => String(dimensions['FunctionName']));
      expect(watched.toSorted()).toEqual(all);
    }
  });

  it('take an answer 5xx for a failure of the receiver, which is no error to Lambda', () => {
    const rate = alarms.find((alarm) => alarm.id === 'receiver-error-rate');
    expect(rate?.watch).toMatchObject({ expression: 'IF(m2 >= 20, 100 * SUM([m1, m3]) / m2, 0)' });
    expect(rate && metricsOf(rate).map((metric) => metric.name)).toEqual(['Errors', 'Invocations', 'WebhookUnavailable']);
  });

  it('watch the webhook routes for answers 5xx, and not the health check, whose 503 loses nothing', () => {
    const routes = watching('AWS/ApiGateway', '5XXError').map(({ dimensions }) => [dimensions['Method'], dimensions['Resource']]);
    expect(routes).toEqual([
      ['POST', '/webhook'],
      ['POST', '/webhook/{provider}'],
    ]);
  });

  it('watch every rule by the name of its bus, without which CloudWatch finds nothing', () => {
    const watched = watching('AWS/Events', 'FailedInvocations').map((metric) => metric.dimensions);
    const rules = ['high-value', 'failed', 'dispute', 'standard', 'orders'];
    const ours = rules.map((rule) => ({ EventBusName: names.bus, RuleName: names.ofRule(rule) }));
    // The schedule is on the default bus, whose rules CloudWatch knows by their own name alone.
    expect(watched).toEqual([...ours, { RuleName: names.ofRule('reconcile') }]);
  });

  it('watch both streams, both topics, the table and its index', () => {
    expect(watching('AWS/Lambda', 'IteratorAge')).toHaveLength(2);
    expect(watching('AWS/SNS', 'NumberOfNotificationsFailed')).toHaveLength(2);
    expect(watching('AWS/DynamoDB', 'WriteThrottleEvents').map((metric) => metric.dimensions['GlobalSecondaryIndexName'])).toEqual([
      undefined,
      'ProviderTimestampIndex',
      'PendingIndex',
    ]);
  });

  it('watch for silence of the providers named, where no data is bad news', () => {
    const silence = alarms.filter((alarm) => alarm.id.startsWith('provider-silent-'));
    expect(silence.map(({ id, periodSeconds, periods, missingData }) => ({ id, periodSeconds, periods, missingData }))).toEqual([
      { id: 'provider-silent-stripe', periodSeconds: 3600, periods: [6, 6], missingData: 'breaching' },
      { id: 'provider-silent-square', periodSeconds: 3600, periods: [24, 24], missingData: 'breaching' },
    ]);
  });

  it('watch for a silence of every number of hours that may be set', () => {
    for (let hours = 1; hours <= 24; hours += 1) {
      const silence = pipelineAlarms({ ...environment, silentAfterHours: { stripe: hours } }).find(
        ({ id }) => id === 'provider-silent-stripe',
      );
      expect(silence).toMatchObject({ when: { below: 1 }, periodSeconds: 3600, periods: [hours, hours] });
      // CloudWatch evaluates no more than a week of periods of an hour and more.
      expect(hours * 3600).toBeLessThanOrEqual(604_800);
    }
  });

  it('hear of a lone webhook that is not published, and not of the traffic of a busy hour', () => {
    const stalled = (stored: readonly number[], published: readonly number[]) => {
      const alarm = alarms.find(({ id }) => id === 'pipeline-stalled');
      expect(alarm?.watch).toMatchObject({
        expression: 'IF(RUNNING_SUM(FILL(m1, 0)) > RUNNING_SUM(FILL(m2, 0)) AND FILL(m2, 0) == 0, 1, 0)',
      });
      const sum = (values: readonly number[], end: number) => values.slice(0, end + 1).reduce((total, value) => total + value, 0);
      const breaching = stored.filter((_, hour) => sum(stored, hour) > sum(published, hour) && published[hour] === 0);
      return breaching.length >= (alarm?.periods?.[0] ?? 1);
    };
    expect(stalled([0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0])).toBe(true);
    expect(stalled([0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0])).toBe(false);
    expect(stalled([9, 9, 9, 9, 9, 9], [8, 9, 9, 9, 9, 9])).toBe(false);
    expect(stalled([9, 9, 9, 9, 9, 9], [9, 9, 9, 9, 0, 0])).toBe(true);
    expect(stalled([0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0])).toBe(false);
  });

  it('leave the web ACL out where there is none', () => {
    const without = pipelineAlarms({ ...environment, webAclName: undefined });
    expect(without.flatMap(metricsOf).filter((metric) => metric.namespace === 'AWS/WAFV2')).toEqual([]);
    expect(without.length).toBeLessThan(alarms.length);
  });
});

describe('runbook', () => {
  const folder = path.join(__dirname, '../../../docs/runbook');
  const pages = readdirSync(folder).filter((file) => file !== 'README.md');

  it('has exactly one page per kind of alarm', () => {
    expect(pages.toSorted()).toEqual([...new Set(alarms.map((alarm) => `${alarm.runbook}.md`))].toSorted());
  });

  it.each(pages)('%s says what it means, what to look at and what to do', (page) => {
    const text = readFileSync(path.join(folder, page), 'utf8');
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(['What it means for payments', 'Look', 'Do']);
  });

  it.each(pages)('%s names the alarms that lead to it', (page) => {
    const text = readFileSync(path.join(folder, page), 'utf8');
    const ids = alarms.filter((alarm) => `${alarm.runbook}.md` === page).map((alarm) => alarm.id);
    const generic = ids.map((id) => id.replace(/-(stripe|paypal|square|generic)$/, '-<provider>').replace(/-orders$/, '-<subscriber>'));
    for (const id of new Set(generic)) expect(text).toContain(`\`${id}\``);
  });

  it.each([...pages, 'README.md'])('%s links to pages that exist', (page) => {
    const links = [...readFileSync(path.join(folder, page), 'utf8').matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
    expect(links.filter((target) => !pages.includes(String(target)))).toEqual([]);
  });

  it('lists every page', () => {
    const index = readFileSync(path.join(folder, 'README.md'), 'utf8');
    for (const page of pages) expect(index).toContain(`(${page})`);
  });
});
