import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMeter } from '../../../../functions/shared/runtime/meter';
import { written } from '../../../support/output';

const names = ['AWS_LAMBDA_FUNCTION_NAME', 'POWERTOOLS_METRICS_NAMESPACE'] as const;
let before: (string | undefined)[];

beforeEach(() => {
  before = names.map((name) => process.env[name]);
  Object.assign(process.env, {
    AWS_LAMBDA_FUNCTION_NAME: 'webhook-receiver-dev',
    POWERTOOLS_SERVICE_NAME: 'webhook-receiver',
  });
});

afterEach(() => {
  names.forEach((name, index) => {
    const value = before[index];
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  });
});

describe('createMeter', () => {
  it('publishes a count for the function, and once more with its dimensions', () => {
    const [line] = written(() => {
      createMeter().count('WebhookRejected', { provider: 'stripe', reason: 'signature_mismatch' });
    });
    expect(line).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'PaymentWebhooks',
            Dimensions: [['service'], ['service', 'provider', 'reason']],
            Metrics: [{ Name: 'WebhookRejected', Unit: 'Count' }],
          },
        ],
      },
      service: 'webhook-receiver-dev',
      provider: 'stripe',
      reason: 'signature_mismatch',
      WebhookRejected: 1,
    });
  });

  it('publishes times in milliseconds, under the namespace of the environment', () => {
    process.env['POWERTOOLS_METRICS_NAMESPACE'] = 'Other';
    const [line] = written(() => {
      createMeter().milliseconds('EndToEndLatency', {}, 42);
    });
    expect(line).toMatchObject({
      _aws: {
        CloudWatchMetrics: [
          { Namespace: 'Other', Dimensions: [['service']], Metrics: [{ Name: 'EndToEndLatency', Unit: 'Milliseconds' }] },
        ],
      },
      EndToEndLatency: 42,
    });
  });

  it('starts each metric with dimensions of its own', () => {
    const lines = written(() => {
      const meter = createMeter();
      meter.count('AlertSent', { provider: 'stripe', reason: 'high-value' }, 2);
      meter.count('AuditRecords', {}, 7);
    });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatchObject({ AuditRecords: 7 });
    expect(lines[1]).not.toHaveProperty('provider');
  });
});
