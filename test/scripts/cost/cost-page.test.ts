import { readFileSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { renderMarkdown } from '../../../scripts/cost/render';
import { costReport } from '../../../scripts/cost/report';
import { scratchSynthesis } from '../../../scripts/local/scratch-synthesis';
import { makePackages } from '../../stacks/synthesized';

const packageDirectory = makePackages();
const page = readFileSync('docs/cost.md', 'utf8');
const block = /<!-- npm run cost -- --events (\d+) --region (\S+) --env (\S+) --markdown -->\n([\s\S]*?)<!-- end -->/g;
const blocks = [...page.matchAll(block)];

afterAll(() => {
  rmSync(packageDirectory, { recursive: true });
});

describe('docs/cost.md', () => {
  it('has a table for prod', () => {
    expect(blocks.map(([, , , environment]) => environment)).toContain('prod');
  });

  it.each(blocks.map(([, events, region = '', environment = '', text = '']) => ({ events: Number(events), region, environment, text })))(
    'says what npm run cost says: $events events in $region, $environment',
    async ({ events, region, environment, text }) => {
      const stacks = await scratchSynthesis({ root: process.cwd(), suffix: environment, packageDirectory });
      expect(text).toBe(`\n${renderMarkdown(costReport(stacks, { events, region, environment }))}\n`);
    },
    60_000,
  );
});
