import { expect, it } from '@jest/globals';
import { replayKeyOf } from '../../../../functions/shared/domain/replay';

it('replayKeyOf is a key of its own kind', () => {
  expect(replayKeyOf('rpl_1')).toBe('replay#rpl_1');
});
