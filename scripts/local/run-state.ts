import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';

const schema = v.object({
  pid: v.number(),
  startedAt: v.string(),
  apiUrl: v.string(),
  awsEndpoint: v.string(),
  region: v.string(),
  accountId: v.string(),
  suffix: v.string(),
  /** Development secrets, as they stand in Secrets Manager. */
  secrets: v.object({
    stripe: v.object({ signingSecrets: v.array(v.string()) }),
    paypal: v.object({ webhookIds: v.array(v.string()), environment: v.literal('sandbox') }),
    square: v.object({ subscriptions: v.array(v.object({ signatureKey: v.string(), notificationUrl: v.string() })) }),
    generic: v.object({ signingSecrets: v.array(v.string()) }),
  }),
  /** What PayPal's webhooks are signed with in this run. */
  paypalSigner: v.object({ webhookId: v.string(), privateKeyPem: v.string(), certificateUrl: v.string(), rootPem: v.optional(v.string()) }),
  /** Pauses and resumes functions. */
  control: v.optional(v.object({ url: v.string(), token: v.string() })),
  /** Outputs of the stacks by stack name. */
  outputs: v.record(v.string(), v.record(v.string(), v.unknown())),
  /** Every resource that was made, by Terraform type. */
  resources: v.array(
    v.object({
      type: v.string(),
      name: v.string(),
      arn: v.optional(v.string()),
      url: v.optional(v.string()),
    }),
  ),
});

/** How another command of the same machine finds a local run. */
export type RunState = v.InferOutput<typeof schema>;

/** Relative to the project root. */
export const runStatePath = path.join('.local', 'run.json');

/** Readable by its owner only, for a signing key is in it. */
export function writeRunState(root: string, state: RunState): void {
  const file = path.join(root, runStatePath);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
}

/** The state of the run that is going on, or undefined. One that ended without removing its file counts as none. */
export function readRunState(root: string): RunState | undefined {
  let text: string;
  try {
    text = readFileSync(path.join(root, runStatePath), 'utf8');
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return parsed.success && isAlive(parsed.output.pid) ? parsed.output : undefined;
}

/** Leaves the file of another run alone. */
export function removeRunState(root: string, pid: number): void {
  if (readRunState(root)?.pid === pid) rmSync(path.join(root, runStatePath), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
