import { describe, expect, it } from '@jest/globals';
import { find, mutants } from './mutants';
import { planOf } from './plan';
import { brokenPromises } from './promises';
import { runPlan } from './run';
import { shortestPlan } from './shrink';
import { wordsOf } from './words';

function mutantNamed(name: string) {
  const found = mutants.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no mutant ${name}`);
  return found;
}

describe('a planted fault', () => {
  it.each(mutants.map(({ name, what, code }) => [name, what, code] as const))(
    'is found within 1,000 runs: %s, which %s',
    async (_, __, code) => {
      expect(await find(code, 1, 1000)).toBeDefined();
    },
    120_000,
  );

  it('is shown by a plan that has nothing in it that could go', async () => {
    const { code } = mutantNamed('claim-without-condition');
    const finding = await find(code, 1, 1000);
    if (finding === undefined) throw new Error('not found');
    const long = planOf(1, finding.runs - 1);
    const short = await shortestPlan(long, finding.broken, code);
    expect(wordsOf(short).length).toBeLessThanOrEqual(wordsOf(long).length);
    const broken = brokenPromises(await runPlan(short, code));
    expect(broken.map(({ invariant }) => invariant)).toContain(finding.broken.invariant);
    for (let index = 0; index < short.faults.length; index += 1) {
      const without = { ...short, faults: short.faults.filter((_, at) => at !== index) };
      const still = brokenPromises(await runPlan(without, code));
      expect(still.map(({ invariant }) => invariant)).not.toContain(finding.broken.invariant);
    }
  }, 120_000);
});
