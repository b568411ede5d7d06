import { Construct } from 'constructs';
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';

export interface StateLockTableProps {
  readonly name: string;
  readonly keyArn: string;
  /** Refuse to delete the table, in Terraform and in AWS. */
  readonly retainData: boolean;
}

/** Locks of the Terraform state, and checksums of what was written last. */
export class StateLockTable extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, { name, keyArn, retainData }: StateLockTableProps) {
    super(scope, id);
    this.name = new DynamodbTable(this, 'table', {
      name,
      billingMode: 'PAY_PER_REQUEST',
      // Terraform asks for this very name.
      hashKey: 'LockID',
      attribute: [{ name: 'LockID', type: 'S' }],
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
      deletionProtectionEnabled: retainData,
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    }).name;
  }
}
