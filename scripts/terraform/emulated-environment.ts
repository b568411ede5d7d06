import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface EmulatedEnvironment {
  /** The emulator's address; it is what sends every AWS call of the provider, the backend and the SDKs there. */
  readonly endpoint: string;
  readonly region: string;
  /** Folder for the settings file of Terraform. */
  readonly folder: string;
  /** Provider mirror; undefined where Terraform may ask the registry. */
  readonly mirror: string | undefined;
}

/** Variables that send Terraform and the SDKs to another place than the emulator, or let them use somebody's real credentials. */
const foreign = /^(AWS_|TF_)/;

/** The variables that Terraform, cdktf and the SDKs need to work on the emulator; the stacks themselves know nothing of it. */
export function emulatedVariables({ endpoint, region, folder, mirror }: EmulatedEnvironment): Readonly<Record<string, string>> {
  const settings = path.join(folder, 'terraform.rc');
  writeFileSync(settings, mirror === undefined ? '' : installation(mirror));
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    CHECKPOINT_DISABLE: '1',
    TF_CLI_CONFIG_FILE: settings,
    // cdktf locks the providers by itself, and that command does not look at the mirror of the settings.
    ...(mirror !== undefined && { TF_CLI_ARGS_providers_lock: `-fs-mirror=${mirror}` }),
  };
}

/** This process's environment without its own AWS and Terraform variables, and with those of the emulator. */
export function environmentWith(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...variables };
}

function installation(mirror: string): string {
  return `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["registry.terraform.io/*/*"]
  }
}
`;
}
