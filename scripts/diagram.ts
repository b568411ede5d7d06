import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { drawPipeline } from './diagram/draw';
import { scratchSynthesis } from './local/scratch-synthesis';

interface Options {
  readonly env: string;
  readonly out: string;
}

async function draw({ env, out }: Options): Promise<void> {
  const picture = await drawPipeline(await scratchSynthesis({ root: process.cwd(), suffix: env }), env);
  await mkdir(path.dirname(path.resolve(out)), { recursive: true });
  await writeFile(out, picture);
  console.log(`${out} shows the pipeline of ${env}`);
}

const program = new Command()
  .name('npm run diagram --')
  .description('Draws the pipeline from the synthesized stacks, as an SVG. A test fails when the picture in docs is not what is drawn.')
  .option('--env <suffix>', 'environment whose stacks are drawn', 'prod')
  .option('--out <file>', 'where the picture goes', 'docs/images/architecture.svg')
  .action(draw);

program.parseAsync().catch((error: unknown) => {
  console.error(pc.red(`diagram: ${error instanceof Error ? error.message : String(error)}`));
  process.exitCode = 1;
});
