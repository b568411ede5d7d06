import { describe, expect, it } from '@jest/globals';
import type { Activity } from '../../../scripts/local/activity';
import { consoleFor, type ConsoleOptions } from '../../../scripts/local/console';

const at = Date.UTC(2026, 10, 3, 4, 5, 6, 7);

function printed(activities: readonly Activity[], options: Partial<ConsoleOptions> = {}): string {
  const lines: string[] = [];
  const show = consoleFor({ json: false, quiet: false, debug: false, write: (line) => lines.push(line), ...options });
  activities.forEach(show);
  // Colours depend on the terminal.
  return lines.join('\n').replace(/\u001b\[\d+m/g, '');
}

const log = (fields: Activity & { kind: 'log' } extends { fields: infer Fields } ? Fields : never): Activity => ({
  kind: 'log',
  at,
  functionName: 'webhook-receiver-dev',
  fields,
});

const stored = log({
  level: 'INFO',
  message: 'webhook stored',
  provider: 'stripe',
  eventType: 'payment_intent.succeeded',
  eventId: 'evt_3ABCDEFGHIJKLMNOPQRSTUVW',
  correlationId: 'c1',
});

const published: Activity = {
  kind: 'published',
  at,
  event: {
    busName: 'bus',
    eventId: 'e',
    source: 's',
    detailType: 'd',
    detail: JSON.stringify({
      provider: 'stripe',
      kind: 'payment.succeeded',
      eventId: 'evt_3ABCDEFGHIJKLMNOPQRSTUVW',
      currency: 'USD',
      amount: '12000.00',
      valueBand: 'high',
      correlationId: 'c1',
    }),
    rules: ['arn:aws:events:r:a:rule/bus/high-value'],
  },
};

const alert: Activity = {
  kind: 'alert',
  at,
  message: { topicArn: 't', messageId: 'm', subject: 'High value', message: 'line one\nline two', attributes: {}, endpoints: [] },
};

describe('consoleFor', () => {
  it('prints one line per hop: time, provider, hop, type, short id, amount', () => {
    expect(printed([stored, published])).toBe(
      [
        '04:05:06.007 stripe   received    payment_intent.succeeded evt_3ABC…STUVW',
        '04:05:06.007 stripe   published   payment.succeeded evt_3ABC…STUVW USD 12000.00 high → high-value',
      ].join('\n'),
    );
  });

  it('knows the amount at later hops', () => {
    const sent = log({
      level: 'INFO',
      message: 'alert sent',
      provider: 'stripe',
      eventType: 'x',
      eventId: 'e',
      correlationId: 'c1',
      alertReason: 'high-value',
    });
    expect(printed([published, sent]).split('\n')[1]).toBe('04:05:06.007 stripe   alert sent  x e USD 12000.00 high-value');
  });

  it('prints an alert as a person gets it', () => {
    expect(printed([alert])).toBe('04:05:06.007 ┃ High value\n             ┃ line one\n             ┃ line two');
  });

  it('prints refusals with their reason', () => {
    const refused = log({
      level: 'WARN',
      message: 'webhook rejected',
      provider: 'square',
      reason: 'signature_mismatch',
      correlationId: 'c',
    });
    expect(printed([refused])).toBe('04:05:06.007 square   rejected    signature_mismatch');
  });

  it('leaves out metrics and what it has no words for, unless it is an error', () => {
    const metrics = log({ _aws: {}, WebhookReceived: 1 });
    const other = log({ level: 'INFO', message: 'event published' });
    expect(printed([metrics, other])).toBe('');
    expect(printed([log({ level: 'ERROR', message: 'row not marked', error: { message: 'throttled' } })])).toBe(
      '04:05:06.007 webhook-receiver row not marked throttled',
    );
  });

  it('prints dead letters, function errors and problems even when it is quiet', () => {
    const letter: Activity = {
      kind: 'dead-letter',
      at,
      letter: { queueArn: 'arn:aws:sqs:r:a:dead', sourceArn: 'arn:aws:sqs:r:a:work', messageId: 'm', body: 'secret' },
    };
    const error = { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 3.00 seconds' };
    const report: Activity = { kind: 'report', at, report: { functionName: 'event-relay-dev', requestId: 'r', durationMs: 1, error } };
    const problem: Activity = { kind: 'problem', at, text: 'oh no' };
    expect(printed([stored, published, letter, report, problem], { quiet: true })).toBe(
      [
        '04:05:06.007 DEAD LETTER work → dead m',
        '04:05:06.007 event-relay Sandbox.Timedout: Task timed out after 3.00 seconds',
        '04:05:06.007 problem oh no',
      ].join('\n'),
    );
  });

  it('prints everything for machines', () => {
    expect(
      printed([stored, alert], { json: true })
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([stored, alert]);
  });
});
