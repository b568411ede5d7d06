import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { observe, ringingAlarms } from '../../../scripts/ops/observed';
import { statusScreen } from '../../../scripts/ops/status-screen';
import { fakePatient, now } from './doctor/fake-patient';

interface Input {
  readonly MetricDataQueries: readonly { readonly Id: string; readonly MetricStat: { readonly Metric: object; readonly Stat: string } }[];
  readonly NextToken?: string;
}

const at = (minutes: number) => new Date(now - minutes * 60_000);

describe('what CloudWatch saw', () => {
  it('is asked for in one call, page by page, and added up over the hour', async () => {
    const asked: Input[] = [];
    const { target } = fakePatient({
      GetMetricData: (input: Input) => {
        asked.push(input);
        if (input.NextToken === undefined) {
          return { MetricDataResults: [{ Id: 'webhookReceived', Values: [3, 2], Timestamps: [at(1), at(6)] }], NextToken: 'more' };
        }
        return {
          MetricDataResults: [
            { Id: 'webhookReceived', Values: [1], Timestamps: [at(11)] },
            { Id: 'lag', Values: [300, 900], Timestamps: [at(1), at(6)] },
            { Id: 'stream0', Values: [95_000], Timestamps: [at(2)] },
            { Id: 'stream1', Values: [95_000], Timestamps: [at(30)] },
            { Id: 'queue0', Values: [12], Timestamps: [at(1)] },
          ],
        };
      },
    });
    const seen = await observe(target, ['payment-processing-prod', 'other'], now);
    expect(seen.traffic).toEqual({ received: 6, duplicates: 0, rejected: 0, unavailable: 0, published: 0, alerts: 0, lagP99Ms: 900 });
    expect([...seen.queueAges]).toEqual([['payment-processing-prod', 12]]);
    expect(seen.streams).toEqual([
      { functionName: 'event-relay-prod', behindSeconds: 95 },
      { functionName: 'audit-logger-prod', behindSeconds: null },
    ]);
    expect(asked.map(({ NextToken }) => NextToken)).toEqual([undefined, 'more']);
    const ids = asked[0]?.MetricDataQueries.map(({ Id }) => Id) ?? [];
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-zA-Z0-9_]*$/);
    expect(asked[0]?.MetricDataQueries.find(({ Id }) => Id === 'lag')?.MetricStat).toMatchObject({
      Metric: {
        Namespace: 'PaymentWebhooks',
        MetricName: 'EndToEndLatency',
        Dimensions: [{ Name: 'service', Value: 'event-processor-prod' }],
      },
      Stat: 'p99',
    });
  });

  it('names the alarms that ring, whatever else the endpoint answers', async () => {
    const { target } = fakePatient({
      DescribeAlarms: {
        MetricAlarms: [
          { AlarmName: 'a', StateValue: 'ALARM', StateTransitionedTimestamp: at(12), AlarmDescription: 'm' },
          { AlarmName: 'b', StateValue: 'OK' },
        ],
      },
    });
    expect(await ringingAlarms(target)).toEqual([{ alarm: 'a', since: at(12).toISOString(), meaning: 'm' }]);
  });
});

describe('the screen', () => {
  const status = { target: 'prod', traffic: null, alarms: [], queues: [], streams: null, stages: [], providers: [], unknown: [] };

  it('fits on one, however many alarms ring', () => {
    const alarms = Array.from({ length: 30 }, (_, index) => ({ alarm: `alarm-${index}`, since: null, meaning: '' }));
    const lines = stripVTControlCharacters(statusScreen({ ...status, alarms }, now)).split('\n');
    expect(lines.filter((line) => line.startsWith('alarm  '))).toHaveLength(8);
    expect(lines).toContain('           and 22 more: --json');
    expect(stripVTControlCharacters(statusScreen(status, now))).toContain('alarms     none');
  });

  it('says how far streams are behind, and escapes what comes from outside', () => {
    const streams = [
      { functionName: 'event-relay-prod', behindSeconds: 200 },
      { functionName: 'audit-logger-prod', behindSeconds: null },
    ];
    const text = statusScreen({ ...status, streams, unknown: ['alarms: \u001b[2J'] }, now);
    expect(text).toContain('streams    event-relay-prod 3 min behind, audit-logger-prod has nothing to read');
    expect(text).toContain('alarms: \\u001b[2J');
  });
});
