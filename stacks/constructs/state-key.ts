import { Construct } from 'constructs';
import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { policyDocument } from './policy-document';

export interface StateKeyProps {
  readonly alias: string;
  /** The account, which decides through IAM who may use the key. */
  readonly accountRootArn: string;
  /** Refuse to destroy the key, and wait 30 instead of 7 days before a deletion takes effect. */
  readonly retainData: boolean;
}

/** The key of the Terraform state: not the pipeline's own, which is made by what the state describes. */
export class StateKey extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { alias, accountRootArn, retainData }: StateKeyProps) {
    super(scope, id);
    const key = new KmsKey(this, 'key', {
      description: 'Payment webhooks: Terraform state and its locks',
      enableKeyRotation: true,
      deletionWindowInDays: retainData ? 30 : 7,
      policy: policyDocument([
        { Sid: 'AccountThroughIam', Effect: 'Allow', Principal: { AWS: accountRootArn }, Action: 'kms:*', Resource: '*' },
      ]),
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    new KmsAlias(this, 'alias', { name: alias, targetKeyId: key.keyId });
    this.arn = key.arn;
  }
}
