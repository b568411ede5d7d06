import { LocalBackend, S3Backend, type TerraformStack } from 'cdktf';
import type { RemoteState } from '../settings';

/**
 * Keeps the stack's state in a file beside cdktf.json. Seen from cdktf.out/stacks/<stack>, so it is the same place on every machine;
 * cdktf's own default is an absolute path.
 */
export function keepStateLocally(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
}

/** Keeps the stack's state in S3, locked twice: in DynamoDB, and by a lock file, which is the way that Terraform goes. */
export function keepStateRemotely(stack: TerraformStack, { bucket, lockTable }: RemoteState, region: string): void {
  // Without `encrypt`, which would ask for SSE-S3: the bucket's default, our own key, is the stronger one.
  new S3Backend(stack, { bucket, key: stateKeyOf(stack.node.id), region });
  // Not as arguments: cdktf would pass them on to the data sources of other stacks, which only read, and refuse the second one.
  stack.addOverride('terraform.backend.s3.dynamodb_table', lockTable);
  stack.addOverride('terraform.backend.s3.use_lockfile', true);
}

/** Name of a stack's state file in the bucket. */
export function stateKeyOf(stackId: string): string {
  return `${stackId}.tfstate`;
}
