import { describe, expect, it } from '@jest/globals';
import { busEntryOf } from '../../../../functions/shared/domain/bus-entry';
import { aPaymentEvent, aProcessingMessage, aReplay } from '../../../support/builders';

const at = '2026-11-06T10:00:00.000Z';

describe('busEntryOf', () => {
  it('tells the event with its band, its row and its archive, and of a replay that it is one', () => {
    const message = aProcessingMessage({ traceHeader: 'Root=1-a', replay: aReplay() });
    const { event, eventKey, archiveKey, correlationId, replay } = message;
    expect(busEntryOf(message, { default: '100' }, at)).toEqual({
      valueBand: 'high',
      entry: {
        detailType: 'Payment Processed',
        detail: { ...event, valueBand: 'high', eventKey, archiveKey, correlationId, processedAt: at, replay },
        time: at,
        traceHeader: 'Root=1-a',
      },
    });
  });

  it('has another detail type for what moves no money, and leaves out what there is not', () => {
    const { entry, valueBand } = busEntryOf(aProcessingMessage({ event: aPaymentEvent({ kind: 'other' }) }), { default: '1' }, at);
    expect([valueBand, entry.detailType]).toEqual(['none', 'Provider Event Received']);
    expect(Object.keys({ ...entry, ...entry.detail })).not.toEqual(expect.arrayContaining(['replay']));
    expect(entry).not.toHaveProperty('traceHeader');
  });
});
