import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { renderMarkdown } from '../../../scripts/cost/render';
import { costReport } from '../../../scripts/cost/report';
import { synthesizedForScripts } from '../../stacks/synthesized';

const page = readFileSync('docs/cost.md', 'utf8');
const block = /<!-- npm run cost -- --events (\d+) --region (\S+) --env (\S+) --markdown -->\n([\s\S]*?)<!-- end -->/g;
const blocks = [...page.matchAll(block)];

describe('docs/cost.md', () => {
  it('has a table for prod', () => {
    expect(blocks.map(([, , , environment]) => environment)).toContain('prod');
  });

  it.each(blocks.map(([, events, region = '', environment = '', text = '']) => ({ events: Number(events), region, environment, text })))(
    'says what npm run cost says: $events events in $region, $environment',
    ({ events, region, environment, text }) => {
      const report = costReport(synthesizedForScripts(environment), { events, region, environment });
      expect(text).toBe(`\n${renderMarkdown(report)}\n`);
    },
  );
});
