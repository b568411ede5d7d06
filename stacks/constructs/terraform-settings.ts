import { LocalBackend, type TerraformStack } from 'cdktf';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import type { Environment } from '../settings';
import type { Place } from '../naming';

/**
 * Gives a stack its provider, state and required versions.
 * Returns the place that its names and ARNs are made of.
 */
export function configureTerraform(stack: TerraformStack, environment: Environment): Place {
  const { suffix, region, accountId, tags } = environment;
  new AwsProvider(stack, 'aws', {
    region,
    ...(accountId !== undefined && { allowedAccountIds: [accountId] }),
    defaultTags: [{ tags: { Project: 'payment-webhooks', Environment: suffix, ManagedBy: 'cdktf', ...tags } }],
  });
  stack.addOverride('terraform.required_version', '>= 1.11');
  // Seen from cdktf.out/stacks/<stack>, so the state is beside cdktf.json on every machine; cdktf's own default is an absolute path.
  new LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate` });
  return { suffix, region, accountId: accountId ?? new DataAwsCallerIdentity(stack, 'account').accountId };
}
