import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { makePlan, planFileName } from './make-plan';
import { parsePlan } from './plan-file';
import { renderMarkdown, renderText, type Rendering } from './render';
import { reviewPlan, unacknowledged, type StackReview } from './review';
import { readSynthesizedStack, stacksOf } from './synthesized-stack';

interface Options {
  readonly planJson?: readonly string[];
  readonly outDir: string;
  readonly acknowledge?: readonly string[];
  readonly acknowledgeAll?: boolean;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

const examples = `
Exit codes: 0 nothing to acknowledge, 1 no review could be made, 2 findings are not acknowledged.

Examples:
  $ npm run build && npm run synth
  $ npm run plan -- dev
  $ npm run plan -- dev --acknowledge data-at-risk-1a2b3c4d
  $ npm run plan -- prod --markdown > review.md
  $ npm run plan -- prod --json | jq '.stacks[].findings'

A plan that was made elsewhere; the file's name is the stack's name:
  $ terraform -chdir=cdktf.out/stacks/payment-webhooks-dev show -json my.tfplan > payment-webhooks-dev.json
  $ npm run plan -- --plan-json payment-webhooks-dev.json

What was reviewed is what is applied:
  $ terraform -chdir=cdktf.out/stacks/payment-webhooks-dev apply ${planFileName}`;

/** Where a review goes. */
export interface PlanIo {
  /** What a person or a program reads: one block of text on standard output. */
  readonly out: (text: string) => void;
  /** Progress, warnings and errors: one line on standard error. */
  readonly note: (text: string) => void;
}

/** Reviews what an apply would do, as one command line asks. Returns the exit code. Never throws. */
export async function runPlan(args: readonly string[], io: PlanIo): Promise<number> {
  let exitCode = 0;
  try {
    await programFor(io, async (environment, options) => {
      exitCode = await review(environment, options, io);
    }).parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    io.note(pc.red(`plan: ${error instanceof Error ? error.message : String(error)}`));
    return 1;
  }
}

async function review(environment: string | undefined, options: Options, io: PlanIo): Promise<number> {
  const progress = (text: string): void => {
    io.note(pc.dim(text));
  };
  const { reviews, notes } =
    options.planJson === undefined ? await fromTerraform(environment, options, progress) : fromFiles(options.planJson, options);
  const acknowledged = acknowledgements(reviews, options, io);
  const title = `Review of the plan${environment === undefined ? '' : ` for ${environment}`}`;
  io.out(rendered({ title, reviews, acknowledged, notes }, options));
  return unacknowledged(reviews, acknowledged).length === 0 ? 0 : 2;
}

interface Reviewed {
  readonly reviews: readonly StackReview[];
  readonly notes: readonly string[];
}

async function fromTerraform(environment: string | undefined, { outDir }: Options, progress: (text: string) => void): Promise<Reviewed> {
  if (environment === undefined) throw new Error('name the environment, or a plan with --plan-json (see --help)');
  const reviews: StackReview[] = [];
  const notes: string[] = [];
  for (const stack of stacksOf(environment, outDir)) {
    const plan = await makePlan(outDir, stack, progress);
    if (plan.ok) reviews.push(reviewPlan(stack, parsePlan(plan.json, stack), readSynthesizedStack(outDir, stack)));
    else notes.push(plan.reason);
  }
  return { reviews, notes };
}

function fromFiles(files: readonly string[], { outDir }: Options): Reviewed {
  const reviews = files.map((file) => {
    const stack = path.basename(file, '.json');
    return reviewPlan(stack, parsePlan(readPlan(file), file), readSynthesizedStack(outDir, stack));
  });
  return { reviews, notes: [] };
}

function readPlan(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the plan ${file}`, { cause: error });
  }
}

function acknowledgements(reviews: readonly StackReview[], options: Options, { note }: PlanIo): ReadonlySet<string> {
  const known = reviews.flatMap(({ findings }) => findings.map(({ id }) => id));
  const named = options.acknowledge ?? [];
  for (const id of named.filter((name) => !known.includes(name))) {
    note(pc.yellow(`plan: ${id} is acknowledged but not in this plan: it may have changed since you read it`));
  }
  return new Set(options.acknowledgeAll === true ? known : named);
}

function rendered(rendering: Rendering, { json, markdown }: Options): string {
  const { acknowledged, notes, reviews } = rendering;
  if (json === true) return JSON.stringify({ stacks: reviews, notes, acknowledged: [...acknowledged] }, null, 2);
  return markdown === true ? renderMarkdown(rendering) : renderText(rendering);
}

type Action = (environment: string | undefined, options: Options) => Promise<void>;

function programFor({ out, note }: PlanIo, action: Action): Command {
  return new Command('npm run plan --')
    .description('Plans the data and the pipeline stack of an environment and reviews the plan, so that a person can sign it.')
    .argument('[environment]', 'suffix of the stacks, as they were synthesized')
    .option('--plan-json <file...>', 'review these plans instead of making them')
    .option('--out-dir <folder>', 'where synthesis wrote the stacks', 'cdktf.out')
    .option('--acknowledge <id...>', 'findings that are meant')
    .option('--acknowledge-all', 'every finding is meant')
    .option('--markdown', 'write the review for a pull request')
    .option('--json', 'write the review for a program')
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        out(text.trimEnd());
      },
      writeErr: (text) => {
        note(text.trimEnd());
      },
    })
    .action(action);
}
