import path from 'node:path';
import { runTerraform, TerraformError } from '../terraform/run-terraform';

/** The plan file that a signed review applies; it lies in the stack's own folder. */
export const planFileName = 'reviewed.tfplan';

export type MadePlan = { readonly ok: true; readonly json: string } | { readonly ok: false; readonly reason: string };

/**
 * Plans one synthesized stack and returns the plan as JSON. A stack that reads another's state cannot be planned before that one is applied
 * for the first time: that is a reason, not an error. Everything else that Terraform refuses is thrown with its own words.
 */
export async function makePlan(outDir: string, stack: string, onProgress: (text: string) => void): Promise<MadePlan> {
  const chdir = path.join(outDir, 'stacks', stack);
  onProgress(`terraform init: ${stack}`);
  await runTerraform(['init', '-input=false', '-no-color'], { chdir });
  onProgress(`terraform plan: ${stack}`);
  try {
    await runTerraform(['plan', '-input=false', '-no-color', `-out=${planFileName}`], { chdir });
  } catch (error) {
    if (error instanceof TerraformError && /Unable to find remote state|No stored state was found/.test(error.message)) {
      return { ok: false, reason: `${stack}: it reads the state of a stack that is not applied yet. Apply that one, then run this again.` };
    }
    throw error;
  }
  const { stdout } = await runTerraform(['show', '-json', planFileName], { chdir });
  return { ok: true, json: stdout };
}
