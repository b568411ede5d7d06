import { Construct } from 'constructs';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { providers, type ProviderName } from '../settings';

export interface ProviderSecretsProps {
  /** The secrets are `<prefix>/<provider>`. */
  readonly prefix: string;
  readonly keyArn: string;
  /** Refuse to destroy the secrets, and keep deleted ones 30 days; otherwise they are gone at once. */
  readonly retainData: boolean;
}

const shapes: Readonly<Record<ProviderName, string>> = {
  stripe: '{"signingSecrets":[...]}',
  paypal: '{"webhookIds":[...],"environment":"live"|"sandbox"}',
  square: '{"subscriptions":[{"signatureKey","notificationUrl"}]}',
  generic: '{"signingSecrets":[...]}',
};

/** One secret per provider, made empty: the operator fills it in, so that no secret is ever in a Terraform state. */
export class ProviderSecrets extends Construct {
  private readonly arns = new Map<ProviderName, string>();

  constructor(scope: Construct, id: string, { prefix, keyArn, retainData }: ProviderSecretsProps) {
    super(scope, id);
    for (const provider of providers) {
      const secret = new SecretsmanagerSecret(this, provider, {
        name: `${prefix}/${provider}`,
        description: `Verifies ${provider} webhooks: ${shapes[provider]}`,
        kmsKeyId: keyArn,
        recoveryWindowInDays: retainData ? 30 : 0,
        ...(retainData && { lifecycle: { preventDestroy: true } }),
      });
      this.arns.set(provider, secret.arn);
    }
  }

  /** ARNs of these providers' secrets. */
  arnsFor(names: readonly ProviderName[]): readonly string[] {
    return names.flatMap((name) => this.arns.get(name) ?? []);
  }
}
