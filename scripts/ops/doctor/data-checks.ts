import { DescribeContinuousBackupsCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketVersioningCommand, GetObjectLockConfigurationCommand, GetPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { isErrorNamed } from '../failure';
import { error, warning, type Check, type Symptom } from './check';
import type { Patient } from './patient';

const notKept = 'a laptop keeps its data only as long as the run';

/** The table and the buckets. */
export const dataChecks: readonly Check[] = [
  {
    id: 'table-stream',
    title: "The table's stream is on, with old and new images",
    run: tableStream,
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'table-expiry',
    title: 'Rows expire by expiresAt',
    run: tableExpiry,
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'table-recovery',
    title: 'The table can be restored to any second',
    notLocal: notKept,
    run: tableRecovery,
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'table-protection',
    title: 'The table cannot be deleted by accident, where the environment keeps its data',
    notLocal: notKept,
    run: tableProtection,
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'bucket-public',
    title: 'Nobody outside the account can reach the buckets',
    notLocal: 'everything runs on loopback',
    run: (patient) => eachBucket(patient, publicBucket),
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'bucket-versioning',
    title: 'The buckets keep former versions',
    run: (patient) => eachBucket(patient, unversionedBucket),
    mend: (patient) => patient.deploy('data'),
  },
  {
    id: 'audit-lock',
    title: 'The audit bucket is locked as the environment says',
    notLocal: notKept,
    run: auditLock,
    mend: (patient) => patient.deploy('data'),
  },
];

async function tableStream(patient: Patient): Promise<readonly Symptom[]> {
  const { StreamSpecification: stream } = await patient.table();
  const { table } = patient.target.names;
  if (stream?.StreamEnabled !== true)
    return [error(`the stream of ${table} is off: nothing that is stored is archived, published or audited`)];
  if (stream.StreamViewType === 'NEW_AND_OLD_IMAGES') return [];
  return [error(`the stream of ${table} carries ${String(stream.StreamViewType)}: the audit trail cannot tell what was changed`)];
}

async function tableExpiry({ target: { dynamodb, names } }: Patient): Promise<readonly Symptom[]> {
  const { TimeToLiveDescription: ttl } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: names.table }));
  if (ttl?.TimeToLiveStatus !== 'ENABLED' && ttl?.TimeToLiveStatus !== 'ENABLING')
    return [warning(`rows of ${names.table} never expire: the table grows for ever`)];
  return ttl.AttributeName === 'expiresAt'
    ? []
    : [error(`rows of ${names.table} expire by ${String(ttl.AttributeName)}, not by expiresAt`)];
}

async function tableRecovery({ target: { dynamodb, names } }: Patient): Promise<readonly Symptom[]> {
  const { ContinuousBackupsDescription: backups } = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName: names.table }));
  const on = backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED';
  return on ? [] : [error(`point-in-time recovery of ${names.table} is off: what is deleted by mistake is gone`)];
}

async function tableProtection(patient: Patient): Promise<readonly Symptom[]> {
  const wanted = patient.expected.of('aws_dynamodb_table').some((table) => table.flag('deletion_protection_enabled', false));
  if (!wanted) return [];
  const { DeletionProtectionEnabled: on } = await patient.table();
  return on === true ? [] : [error(`${patient.target.names.table} can be deleted: its protection is off`)];
}

async function eachBucket(
  patient: Patient,
  look: (patient: Patient, bucket: string) => Promise<readonly Symptom[]>,
): Promise<readonly Symptom[]> {
  const { archiveBucket, auditBucket } = patient.target.names;
  const found = await Promise.all([archiveBucket, auditBucket].map((bucket) => look(patient, bucket)));
  return found.flat();
}

async function publicBucket({ target: { s3 } }: Patient, Bucket: string): Promise<readonly Symptom[]> {
  const open = [error(`${Bucket} is not closed to the public: a policy or an ACL could open it`)];
  try {
    const { PublicAccessBlockConfiguration: block } = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    const flags = [block?.BlockPublicAcls, block?.BlockPublicPolicy, block?.IgnorePublicAcls, block?.RestrictPublicBuckets];
    return flags.every((flag) => flag === true) ? [] : open;
  } catch (cause) {
    if (isErrorNamed(cause, 'NoSuchPublicAccessBlockConfiguration')) return open;
    throw cause;
  }
}

async function unversionedBucket({ target: { s3 } }: Patient, Bucket: string): Promise<readonly Symptom[]> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
  return Status === 'Enabled' ? [] : [error(`${Bucket} keeps no former versions: what is overwritten or deleted is gone`)];
}

async function auditLock(patient: Patient): Promise<readonly Symptom[]> {
  const { auditBucket } = patient.target.names;
  const [wanted] = patient.expected.of('aws_s3_bucket_object_lock_configuration');
  const rule = wanted?.block('rule', ['default_retention'])?.block('default_retention', ['mode', 'days']);
  const live = await lockOf(patient);
  if (live === undefined) return [error(`${auditBucket} has no lock: the audit trail can be altered`)];
  const mode = rule?.text('mode');
  const days = rule?.number('days', 0) ?? 0;
  const weaker = (mode === 'COMPLIANCE' && live.Mode !== 'COMPLIANCE') || (live.Days ?? 0) < days;
  const has = `${live.Mode ?? 'no mode'} for ${live.Days ?? 0} days`;
  return weaker ? [error(`${auditBucket} is locked by ${has}, and the environment says ${String(mode)} for ${days}`)] : [];
}

async function lockOf({ target: { s3, names } }: Patient) {
  try {
    const { ObjectLockConfiguration: lock } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket: names.auditBucket }));
    return lock?.ObjectLockEnabled === 'Enabled' ? lock.Rule?.DefaultRetention : undefined;
  } catch (cause) {
    if (isErrorNamed(cause, 'ObjectLockConfigurationNotFoundError')) return undefined;
    throw cause;
  }
}
