import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { healthCheck } from '../../../functions/health-check/check-health';
import type { HealthProbe } from '../../../functions/shared/domain/ports';
import { World } from '../../support/fakes';

let world: World;
let asked: string[];
beforeEach(() => {
  world = new World();
  asked = [];
});

function probe(name: string, check: () => Promise<void> = () => Promise.resolve()): HealthProbe {
  return {
    name,
    check: () => {
      asked.push(name);
      return check();
    },
  };
}

const checkOf = (...probes: readonly HealthProbe[]) => healthCheck({ probes, clock: world.clock, timeoutMs: 50, log: world.log });

describe('healthCheck', () => {
  it('is ok when every dependency answers, and says nothing else', async () => {
    expect(await checkOf(probe('table'), probe('queue'))()).toEqual({ status: 'ok' });
    expect(world.lines).toEqual([]);
  });

  it('is unavailable when one does not, and says which in the log alone', async () => {
    const failing = probe('queue', () => Promise.reject(new Error('no such queue')));
    expect(await checkOf(probe('table'), failing)()).toEqual({ status: 'unavailable' });
    expect(world.line('dependency unavailable')).toEqual({ dependency: 'queue', error: new Error('no such queue') });
  });

  it('does not wait for a dependency that never answers', async () => {
    const hanging = probe('table', () => new Promise(() => undefined));
    const started = Date.now();
    expect(await checkOf(hanging)()).toEqual({ status: 'unavailable' });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(world.line('dependency unavailable')).toMatchObject({ error: new Error('no answer within 50 ms') });
  });

  it('leaves no timer behind that would keep the process from its rest', async () => {
    jest.useFakeTimers();
    try {
      await checkOf(
        probe('table'),
        probe('queue', () => Promise.reject(new Error('no such queue'))),
      )();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('asks all of them at the same time', async () => {
    let open: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    const first = probe('first', () => both);
    const second = probe('second', () => {
      open();
      return Promise.resolve();
    });
    expect(await checkOf(first, second)()).toEqual({ status: 'ok' });
  });

  it('asks again after ten seconds, whatever the answer was', async () => {
    let broken = true;
    const check = checkOf(probe('table', () => (broken ? Promise.reject(new Error('down')) : Promise.resolve())));
    expect(await check()).toEqual({ status: 'unavailable' });
    broken = false;
    world.now += 9_999;
    expect(await check()).toEqual({ status: 'unavailable' });
    world.now += 1;
    expect(await check()).toEqual({ status: 'ok' });
    world.now += 9_999;
    expect(await check()).toEqual({ status: 'ok' });
    expect(asked).toHaveLength(2);
  });

  it('asks once for all who want to know at the same time', async () => {
    const check = checkOf(probe('table'));
    await Promise.all([check(), check(), check()]);
    expect(asked).toEqual(['table']);
  });

  it('survives a probe that throws at once', async () => {
    const check = checkOf({
      name: 'table',
      check: () => {
        throw new Error('at once');
      },
    });
    expect(await check()).toEqual({ status: 'unavailable' });
  });
});
