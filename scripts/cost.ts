import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { pricesOf } from './cost/prices';
import { renderJson, renderMarkdown, renderText } from './cost/render';
import { costReport } from './cost/report';
import { scratchSynthesis } from './local/scratch-synthesis';

interface Options {
  readonly events: number;
  readonly region: string;
  readonly env: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

const examples = `
Quantities come from the synthesized stacks where these decide, and from scripts/cost/assumptions.ts; prices from scripts/cost/prices.json.

Examples:
  $ npm run cost -- --events 1000000 --region ap-southeast-1
  $ npm run cost -- --events 20000000 --region us-east-1 --env staging --json | jq .usdPerMonth`;

async function cost({ events, region, env, json, markdown }: Options): Promise<void> {
  // Before the stacks are made, which takes a while.
  pricesOf(region);
  const stacks = await scratchSynthesis({ root: process.cwd(), suffix: env });
  const report = costReport(stacks, { events, region, environment: env });
  const render = json === true ? renderJson : markdown === true ? renderMarkdown : renderText;
  console.log(render(report));
}

function eventCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1e12) throw new InvalidArgumentError('a whole number of events a month, 1 or more');
  return count;
}

new Command()
  .name('npm run cost --')
  .description(
    'Estimates what a month costs: the part that is always paid, the part that grows with the events, and what would make it less.',
  )
  .option('--events <number>', 'webhooks a month', eventCount, 1_000_000)
  .option('--region <region>', 'AWS region of the prices', 'ap-southeast-1')
  .option('--env <suffix>', 'environment whose stacks are counted', 'prod')
  .option('--json', 'write it for a program')
  .option('--markdown', 'write it for docs/cost.md')
  .addHelpText('after', examples)
  .action(cost)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(pc.red(`cost: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
