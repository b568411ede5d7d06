import { spawnSync } from 'node:child_process';
import { emulatorProblem } from './emulator';
import { findProviderMirror } from './provider-mirror';
import { awsProviderVersion } from './provider-version';

/** Why stacks cannot be planned and applied on the emulator here, in one line; undefined when they can. */
export function toolsProblem(): string | undefined {
  return terraformProblem() ?? providerProblem() ?? emulatorProblem();
}

/** Why Terraform cannot validate the stacks here, in one line; undefined when it can. */
export function validationProblem(): string | undefined {
  return terraformProblem() ?? providerProblem();
}

function terraformProblem(): string | undefined {
  return spawnSync('terraform', ['version']).error === undefined ? undefined : 'terraform is not on the PATH';
}

function providerProblem(): string | undefined {
  if (findProviderMirror(awsProviderVersion()) !== undefined) return undefined;
  const ask =
    "fetch('https://registry.terraform.io/.well-known/terraform.json').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))";
  const reachable = spawnSync(process.execPath, ['-e', ask], { timeout: 10_000 }).status === 0;
  return reachable ? undefined : `no mirror of hashicorp/aws ${awsProviderVersion()} was found, and the registry does not answer`;
}
