import { describe, expect, it } from '@jest/globals';
import { parseBusEvent } from '../../../../functions/shared/aws/bus-event';
import { aBusEvent, aPaymentEvent, aReplay } from '../../../support/builders';

const detail = { ...aPaymentEvent(), valueBand: 'high', eventKey: 'event#evt_1', archiveKey: 'a', correlationId: 'request-1' };

describe('parseBusEvent', () => {
  it('reads the detail of what a rule put on the queue', () => {
    const text = JSON.stringify(aBusEvent({ ...detail, processedAt: 'b' }));
    expect(parseBusEvent(text)).toEqual({ ok: true, value: detail });
    const replayed = { ...detail, replay: aReplay({ realert: true }) };
    expect(parseBusEvent(JSON.stringify(aBusEvent(replayed)))).toEqual({ ok: true, value: replayed });
  });

  it.each([
    ['a detail without its envelope', detail, 'detail'],
    ['a band that nobody knows', aBusEvent({ ...detail, valueBand: 'huge' }), 'detail.valueBand'],
    ['a detail without its row', aBusEvent({ ...detail, eventKey: undefined }), 'detail.eventKey'],
    [
      'a replay that does not say whether to alert',
      aBusEvent({ ...detail, replay: { ...aReplay(), realert: undefined } }),
      'detail.replay.realert',
    ],
    ['another kind', aBusEvent({ ...detail, kind: 'x' }), 'detail.kind'],
  ])('refuses %s', (_, value, field) => {
    expect(parseBusEvent(JSON.stringify(value))).toMatchObject({ ok: false, problem: expect.stringContaining(field) });
  });

  it('refuses what is not JSON', () => {
    expect(parseBusEvent('<xml/>')).toEqual({ ok: false, problem: 'not JSON' });
  });
});
