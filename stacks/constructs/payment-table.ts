import { Construct } from 'constructs';
import { DynamodbTable } from '@cdktf/provider-aws/lib/dynamodb-table';

export interface PaymentTableProps {
  readonly name: string;
  readonly keyArn: string;
  /** Refuse to delete the table, in Terraform and in AWS. */
  readonly retainData: boolean;
}

/** Rows of provider events and sent alerts, with the stream that is the outbox. */
export class PaymentTable extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly streamArn: string;
  /** Of all its indexes. */
  readonly indexArns: readonly string[];
  /** Of the index by provider and time. */
  readonly timeIndexArn: string;

  constructor(scope: Construct, id: string, { name, keyArn, retainData }: PaymentTableProps) {
    super(scope, id);
    const table = new DynamodbTable(this, 'table', {
      name,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: 'paymentId',
      rangeKey: 'eventKey',
      attribute: [
        { name: 'paymentId', type: 'S' },
        { name: 'eventKey', type: 'S' },
        { name: 'providerBucket', type: 'S' },
        { name: 'timestamp', type: 'N' },
        { name: 'pendingBucket', type: 'S' },
        { name: 'dueAtMs', type: 'N' },
      ],
      globalSecondaryIndex: [
        { name: 'ProviderTimestampIndex', hashKey: 'providerBucket', rangeKey: 'timestamp', projectionType: 'KEYS_ONLY' },
        // Sparse: a row leaves it when it is published, so that the stuck ones are found without a scan.
        { name: 'PendingIndex', hashKey: 'pendingBucket', rangeKey: 'dueAtMs', projectionType: 'KEYS_ONLY' },
      ],
      streamEnabled: true,
      streamViewType: 'NEW_AND_OLD_IMAGES',
      ttl: { attributeName: 'expiresAt', enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: keyArn },
      deletionProtectionEnabled: retainData,
      ...(retainData && { lifecycle: { preventDestroy: true } }),
    });
    this.name = table.name;
    this.arn = table.arn;
    this.streamArn = table.streamArn;
    this.timeIndexArn = `${table.arn}/index/ProviderTimestampIndex`;
    this.indexArns = [`${table.arn}/index/PendingIndex`, this.timeIndexArn];
  }
}
