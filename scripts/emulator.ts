import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { emulatedVariables } from './terraform/emulated-environment';
import { emulatorProblem, startEmulator } from './terraform/emulator';
import { findProviderMirror } from './terraform/provider-mirror';
import { awsProviderVersion } from './terraform/provider-version';

const examples = `
Needs python3 and moto: pip install -r scripts/emulator/requirements.txt

Examples:
  $ npm run emulator -- --port 5600          in one terminal; it prints the variables
  $ export AWS_ENDPOINT_URL=…                 in another, then
  $ npx cdktf deploy 'payment-webhooks-*' --auto-approve`;

async function run(port: number, region: string): Promise<void> {
  const problem = emulatorProblem();
  if (problem !== undefined) throw new Error(problem);
  const folder = mkdtempSync(path.join(tmpdir(), 'payment-webhooks-emulator-'));
  const emulator = await startEmulator(port);
  const mirror = findProviderMirror(awsProviderVersion());
  const variables = emulatedVariables({ endpoint: emulator.endpoint, region, folder, mirror });
  console.error(pc.dim(`An empty AWS account, until Ctrl-C. Provider: ${mirror === undefined ? 'from the registry' : 'from a mirror'}.`));
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${JSON.stringify(value)}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  await emulator.stop();
  rmSync(folder, { recursive: true, force: true });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('not a port');
  return port;
}

new Command()
  .name('npm run emulator --')
  .description('Runs an empty AWS on this machine for Terraform, and prints the variables that send Terraform to it.')
  .option('--port <number>', 'port on 127.0.0.1', portNumber, 5600)
  .option('--region <region>', 'region of the stacks', 'ap-southeast-1')
  .addHelpText('after', examples)
  .action(async ({ port, region }: { readonly port: number; readonly region: string }) => {
    await run(port, region);
  })
  .parseAsync()
  .catch((error: unknown) => {
    console.error(pc.red(`emulator: ${error instanceof Error ? error.message : String(error)}`));
    process.exitCode = 1;
  });
