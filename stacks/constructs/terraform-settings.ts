import type { TerraformStack } from 'cdktf';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import type { Place } from '../naming';
import type { Environment, RemoteState } from '../settings';
import { keepStateLocally, keepStateRemotely } from './state-backend';

/**
 * Gives a stack its provider, state and required versions.
 * Without a remote state, the state is kept in a file on this machine.
 * Returns the place that its names and ARNs are made of.
 */
export function configureTerraform(stack: TerraformStack, environment: Environment, state: RemoteState | undefined): Place {
  const { suffix, region, accountId, tags } = environment;
  new AwsProvider(stack, 'aws', {
    region,
    ...(accountId !== undefined && { allowedAccountIds: [accountId] }),
    defaultTags: [{ tags: { Project: 'payment-webhooks', Environment: suffix, ManagedBy: 'cdktf', ...tags } }],
  });
  stack.addOverride('terraform.required_version', '>= 1.11');
  if (state === undefined) keepStateLocally(stack);
  else keepStateRemotely(stack, state, region);
  return { suffix, region, accountId: accountId ?? new DataAwsCallerIdentity(stack, 'account').accountId };
}
