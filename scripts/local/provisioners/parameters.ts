import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, type ParameterType } from '@aws-sdk/client-ssm';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';
import type { Settings } from '../settings';

const encryption = 'nothing is encrypted at rest on a laptop';
const lifetime = 'a laptop keeps its data only as long as the run';

export function parameterProvisioners({ secrets, ssm }: Pick<AwsClients, 'secrets' | 'ssm'>): Readonly<Record<string, Provisioner>> {
  return {
    aws_secretsmanager_secret: {
      uses: ['name'],
      ignores: {
        description: 'it is for people',
        kms_key_id: encryption,
        policy: 'permissions are not enforced on a laptop',
        recovery_window_in_days: lifetime,
        force_overwrite_replica_secret: lifetime,
      },
      async provision(settings) {
        const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: settings.text('name') }));
        return { id: ARN, arn: ARN };
      },
    },
    aws_secretsmanager_secret_version: {
      uses: ['secret_id', 'secret_string'],
      ignores: {},
      async provision(settings) {
        const SecretId = settings.text('secret_id');
        const { VersionId = '' } = await secrets.send(
          new PutSecretValueCommand({ SecretId, SecretString: settings.text('secret_string') }),
        );
        return { id: `${SecretId}|${VersionId}`, version_id: VersionId };
      },
    },
    aws_ssm_parameter: {
      uses: ['name', 'type', 'value', 'insecure_value'],
      ignores: {
        description: 'it is for people',
        tier: 'it changes the price and the size limit',
        key_id: encryption,
        overwrite: lifetime,
        allowed_pattern: 'Terraform checks it at apply',
        data_type: 'text is all there is on a laptop',
      },
      async provision(settings, { region, accountId }) {
        const name = settings.text('name');
        const Value = settings.optionalText('value') ?? settings.text('insecure_value');
        await ssm.send(new PutParameterCommand({ Name: name, Type: parameterType(settings), Value }));
        return { id: name, arn: `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`, version: 1 };
      },
    },
  };
}

function parameterType(settings: Settings): ParameterType {
  const type = settings.text('type');
  return type === 'String' || type === 'StringList' || type === 'SecureString' ? type : settings.fail('type', 'is no parameter type');
}
