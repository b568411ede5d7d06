import { Construct } from 'constructs';
import { SsmParameter } from '@cdktf/provider-aws/lib/ssm-parameter';
import type { Environment } from '../settings';

export interface ConfigParameterProps {
  readonly name: string;
  readonly settings: Pick<Environment, 'maxRetries' | 'timeoutMs' | 'highValueThresholds'>;
}

/**
 * Settings that the functions read while they run, so that a change needs no deployment.
 * What is changed by hand takes effect within a minute and has to be carried over to environments.ts, or the next plan puts it back.
 */
export class ConfigParameter extends Construct {
  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, { name, settings }: ConfigParameterProps) {
    super(scope, id);
    const { maxRetries, timeoutMs, highValueThresholds } = settings;
    const parameter = new SsmParameter(this, 'parameter', {
      name,
      description: 'Retries, timeouts and high-value thresholds of the payment webhooks',
      type: 'String',
      value: JSON.stringify({ maxRetries, timeoutMs, highValueThresholds }),
    });
    this.name = parameter.name;
    this.arn = parameter.arn;
  }
}
