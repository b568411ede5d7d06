import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { AlertEndpointsSecret } from './constructs/alert-endpoints-secret';
import { ArchiveBucket } from './constructs/archive-bucket';
import { AuditBucket } from './constructs/audit-bucket';
import { EncryptionKey } from './constructs/encryption-key';
import { PaymentTable } from './constructs/payment-table';
import { ProviderSecrets } from './constructs/provider-secrets';
import { configureTerraform } from './constructs/terraform-settings';
import { namesOf, stackIds } from './naming';
import type { Environment } from './settings';

/** What must outlive a destroy of the pipeline: key, table, buckets, secrets. */
export class DataStack extends TerraformStack {
  readonly key: EncryptionKey;
  readonly table: PaymentTable;
  readonly archive: ArchiveBucket;
  readonly audit: AuditBucket;
  readonly secrets: ProviderSecrets;
  /** Where the environment posts alerts. */
  readonly alertEndpoints: AlertEndpointsSecret | undefined;

  constructor(scope: Construct, environment: Environment) {
    super(scope, stackIds(environment.suffix).data);
    const place = configureTerraform(this, environment, environment.state);
    const names = namesOf(place.suffix, place.accountId);
    const { retainData, coldStorageAfterDays } = environment;

    this.key = new EncryptionKey(this, 'encryption', { place, retainData });
    const common = { keyArn: this.key.arn, retainData };

    this.table = new PaymentTable(this, 'payments', { ...common, name: names.table });
    this.archive = new ArchiveBucket(this, 'archive', { ...common, name: names.archiveBucket, coldStorageAfterDays });
    this.audit = new AuditBucket(this, 'audit', {
      ...common,
      name: names.auditBucket,
      coldStorageAfterDays,
      lockMode: environment.auditLockMode,
      retentionDays: environment.auditRetentionDays,
    });
    this.secrets = new ProviderSecrets(this, 'secrets', { ...common, prefix: names.secretPrefix });
    this.alertEndpoints = environment.alertEndpoints
      ? new AlertEndpointsSecret(this, 'alert-endpoints', { ...common, name: names.alertEndpointsSecret })
      : undefined;
  }
}
