import { expect, it } from '@jest/globals';
import { Unavailable } from '../../../../functions/shared/domain/unavailable';

it('Unavailable names its reason, what it is about and what caused it', () => {
  const plain = new Unavailable('secret_missing');
  expect([plain.name, plain.reason, plain.message, 'cause' in plain]).toEqual(['Unavailable', 'secret_missing', 'secret_missing', false]);
  const cause = new Error('down');
  const detailed = new Unavailable('store_unavailable', { detail: 'the table', cause });
  expect([detailed.message, detailed.cause]).toEqual(['store_unavailable: the table', cause]);
});
