import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import type { AwsClients } from '../aws-clients';
import type { Provisioner } from '../provisioning';

export function bucketProvisioners({ s3 }: Pick<AwsClients, 's3'>): Readonly<Record<string, Provisioner>> {
  return {
    aws_s3_bucket: {
      uses: ['bucket', 'object_lock_enabled'],
      ignores: { force_destroy: 'a laptop keeps its data only as long as the run' },
      async provision(settings, { region }) {
        const bucket = settings.text('bucket');
        await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: settings.flag('object_lock_enabled', false) }));
        return {
          id: bucket,
          arn: `arn:aws:s3:::${bucket}`,
          region,
          bucket_domain_name: `${bucket}.s3.amazonaws.com`,
          bucket_regional_domain_name: `${bucket}.s3.${region}.amazonaws.com`,
        };
      },
    },
    aws_s3_bucket_versioning: {
      uses: ['bucket', 'versioning_configuration'],
      ignores: {},
      async provision(settings) {
        const status = settings.block('versioning_configuration', ['status', 'mfa_delete'])?.text('status');
        const Status = status === 'Enabled' ? 'Enabled' : 'Suspended';
        await s3.send(new PutBucketVersioningCommand({ Bucket: settings.text('bucket'), VersioningConfiguration: { Status } }));
        return { id: settings.text('bucket') };
      },
    },
    aws_s3_bucket_object_lock_configuration: {
      uses: ['bucket', 'rule'],
      ignores: { object_lock_enabled: 'the bucket says it already' },
      async provision(settings) {
        const retention = settings.block('rule', ['default_retention'])?.block('default_retention', ['mode', 'days', 'years']);
        if (retention === undefined) return settings.fail('rule', 'has no default_retention');
        const Mode = retention.text('mode') === 'COMPLIANCE' ? 'COMPLIANCE' : 'GOVERNANCE';
        const period = { Days: retention.optionalNumber('days'), Years: retention.optionalNumber('years') };
        await s3.send(
          new PutObjectLockConfigurationCommand({
            Bucket: settings.text('bucket'),
            ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, ...period } } },
          }),
        );
        return { id: settings.text('bucket') };
      },
    },
  };
}
