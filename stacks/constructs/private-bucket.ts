import { Construct } from 'constructs';
import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketOwnershipControls } from '@cdktf/provider-aws/lib/s3-bucket-ownership-controls';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { denyPlainHttp, policyDocument } from './policy-document';

export interface PrivateBucketProps {
  readonly name: string;
  readonly keyArn: string;
  /** Refuse to destroy the bucket; otherwise a destroy empties it first. */
  readonly retainData: boolean;
  /** What becomes of objects with time. */
  readonly lifecycleRules: readonly S3BucketLifecycleConfigurationRule[];
  /** Can only be chosen when the bucket is made. Default: false. */
  readonly objectLock?: boolean;
}

/** A versioned bucket, encrypted with our key, that nobody reaches without TLS or from outside the account. */
export class PrivateBucket extends Construct {
  readonly name: string;
  readonly arn: string;
  /** What has to exist before Object Lock can be configured. */
  readonly versioning: S3BucketVersioningA;

  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id);
    const { name, keyArn, retainData, objectLock = false } = props;
    const bucket = new S3Bucket(this, 'bucket', {
      bucket: name,
      forceDestroy: !retainData,
      objectLockEnabled: objectLock,
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    this.name = bucket.bucket;
    this.arn = bucket.arn;
    this.versioning = new S3BucketVersioningA(this, 'versioning', {
      bucket: bucket.id,
      versioningConfiguration: { status: 'Enabled' },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, 'encryption', {
      bucket: bucket.id,
      rule: [{ bucketKeyEnabled: true, applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn } }],
    });
    this.closeToThePublic(bucket);
    new S3BucketLifecycleConfiguration(this, 'lifecycle', {
      bucket: bucket.id,
      rule: [...props.lifecycleRules],
      dependsOn: [this.versioning],
    });
  }

  private closeToThePublic(bucket: S3Bucket): void {
    new S3BucketOwnershipControls(this, 'ownership', { bucket: bucket.id, rule: { objectOwnership: 'BucketOwnerEnforced' } });
    const block = new S3BucketPublicAccessBlock(this, 'public-access-block', {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    new S3BucketPolicy(this, 'policy', {
      bucket: bucket.id,
      policy: policyDocument([denyPlainHttp('s3:*', [bucket.arn, `${bucket.arn}/*`])]),
      // S3 refuses two of these changes at the same moment.
      dependsOn: [block],
    });
  }
}

/** Every object and former version, to a cheaper class after some days. Forgotten uploads are dropped after a week. */
export function coldStorage(days: number, storageClass: 'GLACIER' | 'GLACIER_IR'): S3BucketLifecycleConfigurationRule {
  return {
    id: 'cold-storage',
    status: 'Enabled',
    filter: [{ prefix: '' }],
    transition: [{ days, storageClass }],
    noncurrentVersionTransition: [{ noncurrentDays: days, storageClass }],
    abortIncompleteMultipartUpload: [{ daysAfterInitiation: 7 }],
  };
}
