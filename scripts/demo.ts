import pc from 'picocolors';
import { consoleFor } from './local/console';
import { Stage } from './local/demo/stage';
import { steps, type Story } from './local/demo/steps';
import { startLocal } from './local/run';

/** Plays the whole story on a local run of its own. Exit code 0 only if every step came out as it should. */
async function demo(): Promise<number> {
  const verbose = process.argv.includes('--verbose');
  if (process.argv.includes('--help')) {
    console.log(usage);
    return 0;
  }
  console.log(pc.dim('starting a local run of its own…'));
  const run = await startLocal({ port: 0, findable: false });
  try {
    if (verbose) run.activity.subscribe(consoleFor({ json: false, quiet: false, debug: false, write: console.log }));
    console.log(`${pc.bold('ready')} ${pc.dim(`after ${process.uptime().toFixed(1)} s on ${run.apiUrl}`)}\n`);
    const failed = await play(new Stage(run));
    console.log(
      failed === 0
        ? pc.green(`\nAll ${String(steps.length)} steps came out as they should, in ${process.uptime().toFixed(1)} s.`)
        : pc.red(`\n${String(failed)} of ${String(steps.length)} steps did not.`),
    );
    return failed === 0 ? 0 : 1;
  } finally {
    await run.stop();
  }
}

async function play(stage: Stage): Promise<number> {
  const story: Story = { sent: {} };
  let failed = 0;
  for (const step of steps) {
    const started = performance.now();
    try {
      const observed = await step.play(stage, story);
      const took = pc.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`);
      console.log(`${pc.green('✓')} ${step.title} ${took}`);
      for (const line of observed) console.log(`    ${line}`);
    } catch (error) {
      failed += 1;
      console.log(`${pc.red('✗')} ${step.title}`);
      console.log(pc.red(`    ${error instanceof Error ? error.message : String(error)}`));
    }
  }
  return failed;
}

const usage = `Usage: npm run demo -- [--verbose]

Starts the pipeline on this machine, sends webhooks through it and checks what comes out.

Options:
  --verbose  also every hop of every event`;

demo().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(pc.red(`demo: ${error instanceof Error ? error.message : String(error)}`));
    process.exit(1);
  },
);
