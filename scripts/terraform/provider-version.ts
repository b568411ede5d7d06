import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const packageSchema = v.object({ cdktf: v.object({ provider: v.object({ name: v.string(), version: v.string() }) }) });

/** The version of hashicorp/aws that the installed `@cdktf/provider-aws` was made for, and that the stacks ask Terraform for. */
export function awsProviderVersion(): string {
  const file = require.resolve('@cdktf/provider-aws/package.json');
  return v.parse(packageSchema, JSON.parse(readFileSync(file, 'utf8'))).cdktf.provider.version;
}
