import { describe, expect, it } from '@jest/globals';
import { parseProcessingMessage } from '../../../../functions/shared/aws/processing-message';
import { aPaymentEvent, aProcessingMessage, aReplay } from '../../../support/builders';

describe('parseProcessingMessage', () => {
  it.each([aProcessingMessage(), aProcessingMessage({ traceHeader: 'Root=1-a', replay: aReplay() })])(
    'reads what the relay sends',
    (message) => {
      expect(parseProcessingMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
    },
  );

  it.each([
    ['', 'not JSON'],
    ['{"event":', 'not JSON'],
    ['null', 'expected Object'],
    ['"4242"', 'expected Object'],
    ['{}', 'event'],
    [JSON.stringify({ ...aProcessingMessage(), eventKey: 'alert#x' }), 'eventKey'],
    [JSON.stringify({ ...aProcessingMessage(), event: { ...aProcessingMessage().event, amountMinor: '12' } }), 'event.amountMinor'],
    [JSON.stringify({ ...aProcessingMessage(), replay: aReplay({ deliveryId: 'a#b' }) }), 'replay.deliveryId'],
    [JSON.stringify({ ...aProcessingMessage(), replay: { deliveryId: 'rpl_1' } }), 'replay.replayOf'],
    // Found by hostile input: either got as far as the processor, where it failed the whole batch.
    [JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ currency: 'XXX' }) })), 'event.currency'],
    [JSON.stringify(aProcessingMessage({ event: aPaymentEvent({ receivedAt: '9999-99-99T99:99:99.999Z' }) })), 'event.receivedAt'],
  ])('refuses %j and says what is wrong', (text, problem) => {
    expect(parseProcessingMessage(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  it('quotes nothing of a message that it cannot read', () => {
    expect(JSON.stringify(parseProcessingMessage('{"card":"4242424242424242" oops'))).not.toContain('4242');
  });
});
