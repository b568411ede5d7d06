import { describe, expect, it } from '@jest/globals';
import { alertMessageOf } from '../../../functions/notification-handler/alert-message';
import { chatTextOf } from '../../../functions/alert-forwarder/chat-text';
import { aPaymentEvent, aStoredEvent } from '../../support/builders';

/** As CloudWatch publishes it; its other fields do not matter. */
const alarm = {
  AlarmName: 'payment-webhooks-dev-tampering',
  AlarmDescription: 'A payment row was deleted. Runbook: docs/runbook/tampering.md',
  AWSAccountId: '123456789012',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).',
  StateChangeTime: '2026-11-05T10:00:00.000+0000',
  Trigger: { MetricName: 'TamperingDetected' },
};
const alarmText = (changes: object) =>
  chatTextOf({ subject: 'ALARM: "…" in Asia Pacific', text: JSON.stringify({ ...alarm, ...changes }) });

describe('the text for a chat', () => {
  it('has the subject and the text of an alert', () => {
    const { subject, text } = alertMessageOf(aStoredEvent(), 'payment-failed', 'standard');
    expect(chatTextOf({ subject, text })).toBe(`${subject}\n\n${text}`);
    expect(text).toContain('Next: ');
  });

  it('has state, name, meaning with the runbook page, and reason of an alarm', () => {
    expect(alarmText({})).toBe(
      'ALARM: payment-webhooks-dev-tampering\n\nA payment row was deleted. Runbook: docs/runbook/tampering.md\n\n' +
        'Threshold Crossed: 1 datapoint [1.0] was greater than the threshold (0.0).',
    );
    expect(alarmText({ NewStateValue: 'OK', AlarmDescription: null })).toMatch(/^OK: payment-webhooks-dev-tampering\n\nThreshold/);
  });

  it('has whatever else was published as it is', () => {
    expect(chatTextOf({ subject: '', text: 'by hand' })).toBe('by hand');
    expect(chatTextOf({ subject: 'Test', text: '{"AlarmName":"half"}' })).toBe('Test\n\n{"AlarmName":"half"}');
  });

  it.each(['<!channel>', '<https://evil.example|your bank>', '@channel', '@Here look', '@all', '<@U012>'])(
    'does not let %s of a customer call people or hide a link',
    (words) => {
      const event = aPaymentEvent({ failure: { code: null, message: words } });
      const { subject, text } = alertMessageOf(aStoredEvent({ event }), 'payment-failed', 'standard');
      const posted = chatTextOf({ subject, text });
      expect(posted).not.toMatch(/[<>]|@(channel|here|all|everyone)\b/i);
      expect(posted.replaceAll('\u200b', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>')).toContain(words);
    },
  );

  it('leaves an address of mail alone, and an entity is shown and not read', () => {
    expect(chatTextOf({ subject: '', text: 'a@allied.example &lt;' })).toBe('a@allied.example &amp;lt;');
  });

  it('ends where nobody would read on', () => {
    const posted = chatTextOf({ subject: 's', text: 'x'.repeat(200_000) });
    expect(posted.length).toBeLessThan(8100);
    expect(posted.endsWith('… (cut)')).toBe(true);
  });
});
