import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { consoleFor, greeting } from './local/console';
import { startPage, type Page } from './local/page/server';
import { startLocal, type LocalRun } from './local/run';

interface StartOptions {
  readonly port: number;
  readonly awsPort?: number;
  readonly consolePort?: number;
  /** False for `--no-console`. */
  readonly console: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

const examples = `
Examples:
  npm start
  npm start -- --port 3100
  npm start -- --json | jq 'select(.kind == "alert")'`;

const program = new Command('npm start --')
  .description('Builds, synthesizes and runs the whole pipeline on this machine: no Docker, no AWS account, no network.')
  .option('--port <number>', 'port of the API', portNumber, 3000)
  .option('--aws-port <number>', 'port of the embedded AWS (default: any free one)', portNumber)
  .option('--console-port <number>', 'port of the console page (default: the one after the API, or any free one)', portNumber)
  .option('--no-console', 'no console page')
  .option('--json', 'one JSON object per line', false)
  .option('--quiet', 'only alerts and problems', false)
  .option('--debug', 'also metrics, REPORT lines and every log line', false)
  .addHelpText('after', examples)
  .action(start);

async function start(options: StartOptions): Promise<void> {
  const run = await startLocal({
    port: options.port,
    ...(options.awsPort === undefined ? {} : { awsPort: options.awsPort }),
    onStep: (step) => {
      if (!options.json && !options.quiet) console.log(pc.dim(`${step}…`));
    },
  });
  const page = options.console ? await openPage(run, options) : undefined;
  const readyInMs = process.uptime() * 1000;
  const { apiUrl, awsEndpoint } = run;
  const consoleUrl = page?.url;
  if (options.json) console.log(JSON.stringify({ kind: 'ready', apiUrl, awsEndpoint, consoleUrl, readyInMs }));
  else console.log(`\n${greeting(run, readyInMs, consoleUrl)}\n`);
  run.activity.subscribe(
    consoleFor({
      ...options,
      write: (line) => {
        process.stdout.write(`${line}\n`);
      },
    }),
  );
  stopOnSignal(run, page);
}

/** A port that was asked for is taken or refused; without one the neighbour of the API is only the first choice. */
async function openPage(run: LocalRun, { consolePort }: StartOptions): Promise<Page> {
  try {
    return await startPage(run, { port: consolePort ?? Number(new URL(run.apiUrl).port) + 1 });
  } catch (error) {
    if (consolePort === undefined) return startPage(run, { port: 0 });
    await run.stop();
    throw new Error(`port ${consolePort} is taken: choose another with npm start -- --console-port <number>`, { cause: error });
  }
}

function stopOnSignal(run: LocalRun, page: Page | undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // Whatever hangs, a person who pressed Ctrl-C has their prompt back in time.
      setTimeout(() => process.exit(0), 1800).unref();
      void Promise.all([page?.close(), run.stop()]).then(
        () => process.exit(0),
        () => process.exit(0),
      );
    });
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

program.parseAsync().catch((error: unknown) => {
  console.error(pc.red(`start: ${error instanceof Error ? error.message : String(error)}`));
  process.exit(1);
});
