import type { Construct } from 'constructs';
import { S3BucketObjectLockConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-object-lock-configuration';
import { coldStorage, PrivateBucket, type PrivateBucketProps } from './private-bucket';

export interface AuditBucketProps extends Omit<PrivateBucketProps, 'lifecycleRules' | 'objectLock'> {
  /** Days after which objects move to GLACIER_IR. */
  readonly coldStorageAfterDays: number;
  /** `COMPLIANCE` cannot be lifted by anybody. */
  readonly lockMode: 'GOVERNANCE' | 'COMPLIANCE';
  /** Days that every version stays locked after it was written. */
  readonly retentionDays: number;
}

/** The trail of every change to a payment row, under `audit/`, which nobody can alter before its retention ends. */
export class AuditBucket extends PrivateBucket {
  constructor(scope: Construct, id: string, { lockMode, retentionDays, coldStorageAfterDays, ...props }: AuditBucketProps) {
    // An auditor may not have to wait for a restore.
    super(scope, id, { ...props, lifecycleRules: [coldStorage(coldStorageAfterDays, 'GLACIER_IR')], objectLock: true });
    new S3BucketObjectLockConfigurationA(this, 'object-lock', {
      bucket: this.name,
      rule: { defaultRetention: { mode: lockMode, days: retentionDays } },
      dependsOn: [this.versioning],
    });
  }

  /** ARN of every object that a function may write. */
  get objectsArn(): string {
    return `${this.arn}/audit/*`;
  }
}
