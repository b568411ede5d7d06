import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../scripts/local/json';
import { MetricsWindow } from '../../../scripts/local/metrics-window';

const now = Date.UTC(2026, 10, 5, 12);

/** A line as the functions write it. */
function line(name: string, value: number, minutesAgo = 0) {
  const fields: JsonObject = { _aws: { Timestamp: 1, CloudWatchMetrics: [{ Metrics: [{ Name: name, Unit: 'Count' }] }] }, [name]: value };
  return { kind: 'log', at: now - minutesAgo * 60_000, functionName: 'f', fields } as const;
}

describe('the metrics of a local run', () => {
  it('are added up over the last hour', () => {
    const window = new MetricsWindow();
    for (const one of [line('WebhookReceived', 1), line('WebhookReceived', 2, 59), line('WebhookReceived', 4, 61), line('AlertSent', 1)])
      window.add(one);
    expect(window.summary(now)).toEqual({ counts: { WebhookReceived: 3, AlertSent: 1 }, lagP99Ms: null });
  });

  it('take the slowest of a hundred as the lag', () => {
    const window = new MetricsWindow();
    for (let index = 1; index <= 200; index += 1) window.add(line('EndToEndLatency', index));
    expect(window.summary(now)).toEqual({ counts: {}, lagP99Ms: 198 });
  });

  it('leave every other line alone', () => {
    const window = new MetricsWindow();
    window.add({ kind: 'log', at: now, functionName: 'f', fields: { message: 'event published', _aws: 'x' } });
    window.add({ kind: 'text', at: now, functionName: 'f', text: 'a line' });
    expect(window.summary(now)).toEqual({ counts: {}, lagP99Ms: null });
  });
});
