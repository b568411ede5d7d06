import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ops } from './ops-stage';

/** Every ops command line in the code blocks of a page. */
function commandsIn(page: string): readonly string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.flatMap((block) => [...block.matchAll(/^npm run ops -- ([^#\n<|&]+)/gm)].map(([, line = '']) => line.trim()));
}

const pages = ['docs/tour.md', 'docs/ops.md'];

describe('the pages', () => {
  it.each(pages.flatMap((page) => commandsIn(page).map((line) => [page, line] as const)))(
    '%s: %s is a command with these options',
    async (_page, line) => {
      const words = line.split(/\s+/);
      const ran = await ops([...words.filter((word) => !word.startsWith('-')), '--help']);
      expect([line, ran.exitCode]).toEqual([line, 0]);
      for (const option of words.filter((word) => word.startsWith('--')))
        expect([line, ran.out]).toEqual([line, expect.stringContaining(option)]);
    },
  );

  it('name the commands that somebody on call needs', () => {
    const tour = commandsIn('docs/tour.md').join('\n');
    for (const command of [
      'events list',
      'timeline',
      'verify',
      'pause',
      'resume',
      'status',
      'doctor',
      'dlq show',
      'dlq redrive',
      'dlq purge',
    ]) {
      expect(tour).toContain(command);
    }
  });
});
