import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../../../functions/shared/runtime/log';
import { written } from '../../../support/output';

process.env['POWERTOOLS_SERVICE_NAME'] = 'webhook-receiver';

describe('createLog', () => {
  it('writes one JSON line with the fields beside the message', () => {
    const [line] = written(() => {
      createLog().info('webhook stored', { provider: 'stripe', eventId: 'evt_1' });
    });
    expect(line).toMatchObject({
      level: 'INFO',
      message: 'webhook stored',
      service: 'webhook-receiver',
      provider: 'stripe',
      eventId: 'evt_1',
    });
  });

  it('writes what an error says and where it comes from', () => {
    const [line] = written(() => {
      createLog().error('webhook failed', { error: new Error('outer', { cause: new Error('inner') }) });
    });
    expect(line).toMatchObject({ level: 'ERROR', error: { name: 'Error', message: 'outer', cause: { message: 'inner' } } });
  });
});
