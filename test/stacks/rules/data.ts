import { at, entries, json, type Resource } from '../synthesized';
import { each, ofType, referred, resource, statementsOf, type Rule } from './rule';

const isOurKey = (value: unknown) => /aws_kms_key/.test(String(value));

/** How each kind of resource says that it is encrypted with our key. */
const encrypted: Readonly<Record<string, (properties: Resource['properties'], resources: readonly Resource[]) => boolean>> = {
  aws_dynamodb_table: (table) =>
    at(table, 'server_side_encryption', 'enabled') === true && isOurKey(at(table, 'server_side_encryption', 'kms_key_arn')),
  aws_sqs_queue: (queue) => isOurKey(queue['kms_master_key_id']),
  aws_sns_topic: (topic) => isOurKey(topic['kms_master_key_id']),
  aws_cloudwatch_event_bus: (bus) => isOurKey(bus['kms_key_identifier']),
  aws_cloudwatch_log_group: (group) => isOurKey(group['kms_key_id']),
  aws_lambda_function: (lambda) => isOurKey(lambda['kms_key_arn']),
  aws_secretsmanager_secret: (secret) => isOurKey(secret['kms_key_id']),
};

function bucketsWithout(type: string, isGood: (properties: Resource['properties']) => boolean) {
  return (resources: readonly Resource[]) => {
    const good = ofType(resources, type).filter(({ properties }) => isGood(properties));
    const covered = good.map(({ properties }) => referred(resources, properties['bucket'])?.address);
    return ofType(resources, 'aws_s3_bucket')
      .filter(({ address }) => !covered.includes(address))
      .map(({ path }) => ({ place: path, why: `no ${type} as it should be` }));
  };
}

const bucket = resource('aws_s3_bucket', 'bad/bucket', {});
const ofBucket = (type: string, properties: Resource['properties']) =>
  resource(type, 'bad/x', { bucket: '${aws_s3_bucket.bad_bucket.id}', ...properties });

function isClosed(block: Resource['properties']): boolean {
  return ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets'].every((key) => block[key] === true);
}

function bucketKeyEncryption(configuration: Resource['properties']): boolean {
  const rule = at(configuration, 'rule', 0);
  const byDefault = at(rule, 'apply_server_side_encryption_by_default');
  return (
    at(rule, 'bucket_key_enabled') === true && at(byDefault, 'sse_algorithm') === 'aws:kms' && isOurKey(at(byDefault, 'kms_master_key_id'))
  );
}

/** What looks like a secret, wherever it stands. */
const secretShapes = /whsec_|sk_(live|test)_|rk_(live|test)_|sq0csp-|-----BEGIN|AKIA[A-Z0-9]{16}/;

/** Log groups that the key's policy lets CloudWatch encrypt, as patterns. */
function loggablePatterns(resources: readonly Resource[]): readonly RegExp[] {
  return statementsOf(resources)
    .flatMap(({ statement }) => [at(statement.Condition, 'ArnLike', 'kms:EncryptionContext:aws:logs:arn')].flat())
    .filter((arn) => typeof arn === 'string')
    .map((arn) => arn.replace(/^.*:log-group:/, ''))
    .map(
      (name) =>
        new RegExp(
          `^${name
            .split('*')
            .map((part) => part.replace(/[.\\/]/g, '\\$&'))
            .join('.*')}$`,
        ),
    );
}

export const dataRules: readonly Rule[] = [
  {
    id: 'encrypted',
    what: 'what holds data is encrypted with our key',
    knownAs: ['CKV_AWS_26', 'CKV_AWS_27', 'CKV_AWS_119', 'CKV_AWS_149', 'CKV_AWS_158', 'CKV_AWS_173'],
    check: (resources) =>
      Object.entries(encrypted).flatMap(([type, isGood]) => each(type, isGood, 'not encrypted with our key')(resources)),
    bad: Object.keys(encrypted).map((type) => [resource(type, 'bad/thing', { kms_master_key_id: 'alias/aws/sqs' })]),
  },
  {
    id: 'bucket-encrypted',
    what: 'every bucket is encrypted with our key and a bucket key',
    knownAs: ['CKV_AWS_145', 'S3.17'],
    check: bucketsWithout('aws_s3_bucket_server_side_encryption_configuration', bucketKeyEncryption),
    bad: [
      [bucket],
      [
        bucket,
        ofBucket('aws_s3_bucket_server_side_encryption_configuration', {
          rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }],
        }),
      ],
    ],
  },
  {
    id: 'bucket-versioned',
    what: 'every bucket keeps versions',
    knownAs: ['CKV_AWS_21', 'S3.14'],
    check: bucketsWithout('aws_s3_bucket_versioning', (versioning) => at(versioning, 'versioning_configuration', 'status') === 'Enabled'),
    bad: [[bucket], [bucket, ofBucket('aws_s3_bucket_versioning', { versioning_configuration: { status: 'Suspended' } })]],
  },
  {
    id: 'bucket-private',
    what: 'every bucket blocks public access',
    knownAs: ['CKV2_AWS_6', 'S3.8'],
    check: bucketsWithout('aws_s3_bucket_public_access_block', isClosed),
    bad: [[bucket], [bucket, ofBucket('aws_s3_bucket_public_access_block', { block_public_acls: true })]],
  },
  {
    id: 'bucket-ownership',
    what: 'every bucket owns its objects, so that lists of rights on objects do not count',
    knownAs: ['CKV2_AWS_65', 'S3.12'],
    check: bucketsWithout(
      'aws_s3_bucket_ownership_controls',
      (controls) => at(controls, 'rule', 'object_ownership') === 'BucketOwnerEnforced',
    ),
    bad: [[bucket], [bucket, ofBucket('aws_s3_bucket_ownership_controls', { rule: { object_ownership: 'ObjectWriter' } })]],
  },
  {
    id: 'key-rotation',
    what: 'every key is rotated',
    knownAs: ['CKV_AWS_7', 'KMS.4'],
    check: each('aws_kms_key', (key) => key['enable_key_rotation'] === true, 'never rotated'),
    bad: [[resource('aws_kms_key', 'bad/key', {})]],
  },
  {
    id: 'table-recovery',
    what: 'every table can be put back to any second of the last 35 days',
    knownAs: ['CKV_AWS_28', 'DynamoDB.2'],
    check: each('aws_dynamodb_table', (table) => at(table, 'point_in_time_recovery', 'enabled') === true, 'no point-in-time recovery'),
    bad: [[resource('aws_dynamodb_table', 'bad/table', {})]],
  },
  {
    id: 'log-retention',
    what: 'every log group forgets after a time',
    knownAs: ['CKV_AWS_66'],
    check: each('aws_cloudwatch_log_group', (group) => Number(group['retention_in_days']) > 0, 'kept for ever'),
    bad: [[resource('aws_cloudwatch_log_group', 'bad/log-group', { name: 'x' })]],
  },
  {
    id: 'log-year',
    what: 'in production every log group keeps its lines for a year at least, as PCI DSS 10.5.1 asks',
    knownAs: ['CKV_AWS_338', 'CloudWatch.16'],
    where: ['prod'],
    check: each('aws_cloudwatch_log_group', (group) => Number(group['retention_in_days']) >= 365, 'forgets within the year'),
    bad: [[resource('aws_cloudwatch_log_group', 'bad/log-group', { name: 'x', retention_in_days: 90 })]],
  },
  {
    id: 'log-key',
    what: 'the key lets CloudWatch encrypt every log group',
    check: (resources) => {
      const patterns = loggablePatterns(resources);
      return ofType(resources, 'aws_cloudwatch_log_group')
        .filter(({ properties }) => !patterns.some((pattern) => pattern.test(String(properties['name']))))
        .map(({ path }) => ({ place: path, why: 'cannot be made: the key refuses' }));
    },
    bad: [[resource('aws_cloudwatch_log_group', 'bad/log-group', { name: '/aws/lambda/unknown' })]],
  },
  {
    id: 'no-secret-values',
    what: 'no secret value is in a Terraform state: secrets are made empty',
    check: (resources) =>
      ofType(resources, 'aws_secretsmanager_secret_version').map(({ path }) => ({ place: path, why: 'its value is in the state' })),
    bad: [[resource('aws_secretsmanager_secret_version', 'bad/version', {})]],
  },
  {
    id: 'no-secret-text',
    what: 'nothing in the synthesized files looks like a secret',
    knownAs: ['CKV_AWS_45'],
    check: (resources) =>
      resources
        .filter(({ properties }) => secretShapes.test(JSON.stringify(properties)))
        .map(({ path }) => ({ place: path, why: 'holds what looks like a secret' })),
    bad: [
      [resource('aws_lambda_function', 'bad/function', { environment: { variables: { KEY: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' } } })],
    ],
  },
  {
    id: 'api-bodies-unlogged',
    what: 'API Gateway logs no bodies',
    knownAs: ['CKV_AWS_276'],
    check: each(
      'aws_api_gateway_method_settings',
      (settings) => at(settings, 'settings', 'data_trace_enabled') === false,
      'logs bodies and headers',
    ),
    bad: [[resource('aws_api_gateway_method_settings', 'bad/settings', { settings: { data_trace_enabled: true } })]],
  },
  {
    id: 'access-log-identity',
    what: 'the access log has the request id that a caller cannot choose',
    knownAs: ['CKV_AWS_76'],
    check: each(
      'aws_api_gateway_stage',
      (stage) => entries(json(at(stage, 'access_log_settings', 'format'))).some(([, value]) => value === '$context.extendedRequestId'),
      'an audit by a chosen id proves nothing',
    ),
    bad: [[resource('aws_api_gateway_stage', 'bad/stage', { access_log_settings: { format: '{"id":"$context.requestId"}' } })]],
  },
];
