import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { generatedFiles } from './schema/generate';

const folder = 'docs/events';

new Command('npm run schema --')
  .description(`Makes ${folder} from the code: the event's JSON Schema, its TypeScript types and an example of every kind.`)
  .option('--check', 'change nothing; exit with 1 when a file is not as the code has it', false)
  .action(({ check }: { readonly check: boolean }) => {
    const stale = [...generatedFiles(process.cwd())].filter(([file, text]) => textOf(file) !== text);
    for (const [file, text] of stale) {
      if (!check) write(file, text);
      process.stdout.write(`${path.join(folder, file)} ${check ? 'is not as the code has it' : 'written'}\n`);
    }
    if (stale.length === 0) process.stdout.write(`${folder} is as the code has it\n`);
    else if (check) process.exitCode = 1;
  })
  .parse();

function textOf(file: string): string | undefined {
  const place = path.join(folder, file);
  return existsSync(place) ? readFileSync(place, 'utf8') : undefined;
}

function write(file: string, text: string): void {
  const place = path.join(folder, file);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, text);
}
