import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Construct } from 'constructs';

export interface EncryptedLogGroupProps {
  /** Has to be among the log groups of the key's policy. */
  readonly name: string;
  readonly keyArn: string;
  readonly retentionDays: number;
}

/** A log group under our key that forgets after its retention. */
export class EncryptedLogGroup extends CloudwatchLogGroup {
  constructor(scope: Construct, id: string, { name, keyArn, retentionDays }: EncryptedLogGroupProps) {
    super(scope, id, { name, kmsKeyId: keyArn, retentionInDays: retentionDays });
  }
}
