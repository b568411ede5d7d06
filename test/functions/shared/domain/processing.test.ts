import { describe, expect, it } from '@jest/globals';
import { processingMessageOf } from '../../../../functions/shared/domain/processing';
import { aStoredEvent } from '../../../support/builders';

describe('processingMessageOf', () => {
  it('has what a publication needs, and nothing of the body', () => {
    const { traceHeader, source, ...stored } = aStoredEvent({ bodyGzip: Buffer.from('body') });
    expect([traceHeader, source]).toEqual([undefined, undefined]);
    const { event, eventKey, archiveKey, correlationId } = stored;
    expect(Object.entries(processingMessageOf(stored))).toEqual(Object.entries({ event, eventKey, archiveKey, correlationId }));
  });

  it('hands on the trace and the source', () => {
    const more = { traceHeader: 'Root=1-2-3', source: 'reconciled' } as const;
    expect(processingMessageOf(aStoredEvent(more))).toMatchObject(more);
  });
});
