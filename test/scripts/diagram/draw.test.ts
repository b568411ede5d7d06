import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawPipeline } from '../../../scripts/diagram/draw';
import { knownPipeline } from '../../../scripts/diagram/known-resources';
import { portraitOf, type Portrait } from '../../../scripts/diagram/portrait';
import { diagramOf } from '../../../scripts/local/page/diagram';
import { scratchSynthesis } from '../../../scripts/local/scratch-synthesis';
import type { SynthesizedStack } from '../../../scripts/local/synthesized-stacks';
import { functionsOf } from '../../../stacks/naming';
import { makePackages } from '../../stacks/synthesized';

const packageDirectory = makePackages();
let stacks: readonly SynthesizedStack[];
let portrait: Portrait;

beforeAll(async () => {
  stacks = await scratchSynthesis({ root: process.cwd(), suffix: 'prod', packageDirectory });
  const { resources, pipeline } = await knownPipeline(stacks);
  portrait = portraitOf(diagramOf(resources, pipeline), { suffix: 'prod', front: 'AWS WAF' });
}, 60_000);

afterAll(() => {
  rmSync(packageDirectory, { recursive: true });
});

describe('the picture of the architecture', () => {
  it('in docs is what the stacks say: after a change of the pipeline run npm run diagram', async () => {
    expect(readFileSync('docs/images/architecture.svg', 'utf8')).toBe(await drawPipeline(stacks, 'prod'));
  });

  it('is the same every time', async () => {
    expect(await drawPipeline(stacks, 'prod')).toBe(await drawPipeline(stacks, 'prod'));
  });

  it('says what stands before the API only where something does', async () => {
    const unguarded = stacks.map((stack) => ({ ...stack, resources: stack.resources.filter(({ type }) => !type.startsWith('aws_wafv2')) }));
    expect(await drawPipeline(stacks, 'prod')).toContain('>AWS WAF<');
    expect(await drawPipeline(unguarded, 'prod')).not.toContain('AWS WAF');
  });

  it('shows every function, and names without the environment', () => {
    const names = portrait.boxes.filter(({ node }) => node.kind === 'function').map(({ name }) => name);
    expect(names.toSorted()).toEqual(functionsOf({ alertEndpoints: false }).toSorted());
    expect(portrait.boxes.find(({ node }) => node.kind === 'bus')?.chips.map(({ text }) => text)).toEqual([
      'dispute',
      'failed',
      'high-value',
      'standard',
    ]);
  });

  it('puts no two boxes in one place, and fits the width of a page', () => {
    const { boxes, width } = portrait;
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        const apart =
          one.x + one.width < other.x || other.x + other.width < one.x || one.y + one.height < other.y || other.y + other.height < one.y;
        expect([one.name, other.name, apart]).toEqual([one.name, other.name, true]);
      }
    }
    expect(width).toBeLessThanOrEqual(900);
  });

  it('writes over no edge of a box', () => {
    // A letter of the widest font that is asked for, DejaVu Sans, is about 0.56 of their size.
    const fits = (text: string, size: number, room: number) => text.length * size * 0.56 <= room;
    for (const { name, details, deadLetters, chips, width } of portrait.boxes) {
      expect([name, fits(name, 14, width - 18)]).toEqual([name, true]);
      for (const line of details) expect([line, fits(line, 11.5, width - 18)]).toEqual([line, true]);
      for (const line of deadLetters) expect([line, fits(line, 11.5, width - 30)]).toEqual([line, true]);
      for (const chip of chips) expect([chip.text, fits(chip.text, 10.5, chip.width)]).toEqual([chip.text, true]);
    }
  });

  it('has an edge for every way of an event, none of them empty', () => {
    expect(portrait.edges.filter(({ path }) => path === '')).toEqual([]);
    expect(portrait.edges.filter(({ kind }) => kind === 'uses').length).toBeGreaterThanOrEqual(2);
  });
});
