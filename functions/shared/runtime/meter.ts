import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

/** Everything that this pipeline counts or times. */
export type MetricName =
  | 'WebhookReceived'
  | 'WebhookDuplicate'
  | 'WebhookRejected'
  | 'WebhookUnavailable'
  | 'EventConflict'
  | 'AmountUnreadable'
  | 'EventPublished'
  | 'EventReplayed'
  | 'EndToEndLatency'
  | 'AlertSent'
  | 'AlertForwarded'
  | 'AuditRecords'
  | 'MissedEvents'
  | 'ReconcileFailed'
  | 'EventsReenqueued'
  | 'EventsOverdue';

/** A metric is published under `service` alone and, where there are dimensions, once more under `service` with all of them. */
type Dimensions = Readonly<Record<string, string>>;

export interface Meter {
  count(name: MetricName, dimensions: Dimensions, value?: number): void;
  milliseconds(name: MetricName, dimensions: Dimensions, value: number): void;
}

/** Namespace of the metrics unless POWERTOOLS_METRICS_NAMESPACE names another. */
const defaultNamespace = 'PaymentWebhooks';

/** Metrics of this function as embedded metric format lines. */
export function createMeter(): Meter {
  const metrics = new Metrics({
    namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] ?? defaultNamespace,
    // The function's name carries the environment's suffix: two environments of one account must not add up.
    serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
  });
  const publish = (name: MetricName, unit: Unit, dimensions: Dimensions, value: number): void => {
    // The empty set is the roll-up: CloudWatch does not add up over dimensions by itself.
    metrics.addDimensions({});
    if (Object.keys(dimensions).length > 0) metrics.addDimensions(dimensions);
    metrics.addMetric(name, unit, value).publishStoredMetrics();
  };
  return {
    count: (name, dimensions, value = 1) => {
      publish(name, MetricUnit.Count, dimensions, value);
    },
    milliseconds: (name, dimensions, value) => {
      publish(name, MetricUnit.Milliseconds, dimensions, value);
    },
  };
}
