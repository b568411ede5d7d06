import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventRecord } from '../../../../functions/shared/domain/ports';
import { wasRecoveredElsewhere } from '../../../../functions/shared/domain/recovered';
import { Unavailable } from '../../../../functions/shared/domain/unavailable';
import { anEventRecord, aPaymentEvent } from '../../../support/builders';
import { World } from '../../../support/fakes';

const receivedAt = '2026-11-05T10:00:00.000Z';
const minute = 60_000;
let world: World;

beforeEach(() => {
  world = new World();
});

/** A webhook's event that happened so long before it came. */
function webhook(ageMs: number, paymentId = 'stripe:ch_1'): EventRecord {
  const occurredAt = new Date(Date.parse(receivedAt) - ageMs).toISOString();
  return anEventRecord({ event: { ...aPaymentEvent(), paymentId, occurredAt, receivedAt }, eventKey: 'event#evt_1' });
}

async function stored(record: EventRecord, source?: 'reconciled'): Promise<void> {
  await world.store.put({ ...record, ...(source === undefined ? {} : { source }) });
  world.calls.length = 0;
}

describe('an event of a webhook', () => {
  it('was recovered elsewhere where a recovered row of another payment has it', async () => {
    await stored(webhook(20 * minute, 'stripe:pi_1'), 'reconciled');
    expect(await wasRecoveredElsewhere(world, webhook(20 * minute))).toBe(true);
    expect(world.calls).toEqual(['index.elsewhere', 'store.get']);
  });

  it.each([0, 4 * minute - 1])('that is %d ms old is not looked for: nothing so young is recovered', async (age) => {
    await stored(webhook(age, 'stripe:pi_1'), 'reconciled');
    expect(await wasRecoveredElsewhere(world, webhook(age))).toBe(false);
    expect(world.calls).toEqual([]);
  });

  it.each([4 * minute, 31 * 24 * 60 * minute])('that is %d ms old is looked for', async (age) => {
    await stored(webhook(age, 'stripe:pi_1'), 'reconciled');
    expect(await wasRecoveredElsewhere(world, webhook(age))).toBe(true);
  });

  it('that is older than any list is not looked for', async () => {
    expect(await wasRecoveredElsewhere(world, webhook(31 * 24 * 60 * minute + 1))).toBe(false);
    expect(world.calls).toEqual([]);
  });

  it('is an event of its own where a webhook brought the other: two orders may number their events alike', async () => {
    await stored(webhook(20 * minute, 'stripe:pi_1'));
    expect(await wasRecoveredElsewhere(world, webhook(20 * minute))).toBe(false);
  });

  it('is left to the put where the recovered row is of the same payment', async () => {
    await stored(webhook(20 * minute), 'reconciled');
    expect(await wasRecoveredElsewhere(world, webhook(20 * minute))).toBe(false);
    expect(world.calls).toEqual(['index.elsewhere']);
  });

  it('is not told where the row is gone, and cannot be told while the index throttles', async () => {
    const gone = { ...world.index, elsewhere: () => Promise.resolve([{ paymentId: 'stripe:gone', eventKey: 'event#evt_1' }]) };
    expect(await wasRecoveredElsewhere({ store: world.store, index: gone }, webhook(20 * minute))).toBe(false);
    world.fail('index.elsewhere', new Unavailable('store_unavailable', {}));
    await expect(wasRecoveredElsewhere(world, webhook(20 * minute))).rejects.toMatchObject({ reason: 'store_unavailable' });
  });
});
