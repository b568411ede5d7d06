import { describe, expect, it } from '@jest/globals';
import { variables as ofProcessor } from '../../../functions/event-processor/env';
import { variables as ofReceiver } from '../../../functions/webhook-receiver/env';
import { variablesFor } from '../../../scripts/bench/stage';

describe('the stage of the bench', () => {
  it.each([
    ['webhook-receiver', ofReceiver],
    ['event-processor', ofProcessor],
  ])('has every variable that the %s needs', (_name, names) => {
    expect(Object.keys(variablesFor('http://127.0.0.1:1'))).toEqual(expect.arrayContaining([...names]));
  });
});
