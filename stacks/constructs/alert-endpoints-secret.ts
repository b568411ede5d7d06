import { Construct } from 'constructs';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';

export interface AlertEndpointsSecretProps {
  readonly name: string;
  readonly keyArn: string;
  /** Refuse to destroy the secret, and keep a deleted one 30 days; otherwise it is gone at once. */
  readonly retainData: boolean;
}

/** Where alerts are posted, made empty: a chat's URL is its credential, so the operator fills it in, and no Terraform state has it. */
export class AlertEndpointsSecret extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, keyArn, retainData }: AlertEndpointsSecretProps) {
    super(scope, id);
    const secret = new SecretsmanagerSecret(this, 'secret', {
      name,
      description: 'Posts alerts and alarms: {"alerts":["https://..."],"operations":["https://..."]}',
      kmsKeyId: keyArn,
      recoveryWindowInDays: retainData ? 30 : 0,
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    this.arn = secret.arn;
  }
}
